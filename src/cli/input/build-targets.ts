import { basename } from 'node:path';
import type { Emission } from '../../../codegen/backend.js';
import { onnxBackend } from '../../../codegen/onnx/onnx-backend.js';
import { tfjsBackend } from '../../../codegen/tfjs/tfjs-backend.js';
import type { Provenance } from '../../../codegen/typescript/write/module-doc.js';
import type { CompiledNetwork } from '../../compiler/compile.js';
import { metadataKeys, networkMetadata } from '../../compiler/metadata.js';
import { type Failure, failure } from '../../diagnostics/failure.js';
import { version } from '../../diagnostics/version.js';
import type { WeightSource } from '../../weights/weight-source.js';
import { reportFailure } from '../output/output.js';

/** The options of `unet build` that only some targets take, as commander names them. */
export interface TargetSettings {
  readonly seed?: string;
  readonly weights?: string;
  readonly map?: string;
  readonly dynamic?: boolean;
  readonly opset?: string;
  readonly fold?: boolean;
  readonly externalData?: boolean;
  readonly dtype?: string;
  readonly header?: boolean;
}

export interface BuildRequest {
  readonly network: CompiledNetwork;
  readonly settings: TargetSettings;
  /** The last part of the path after `-o`. */
  readonly fileName: string;
}

export interface BuildTarget {
  /** Whether `-o` names a folder for the files, or the file itself. */
  readonly output: 'file' | 'folder';
  /** The settings that it reads; any other one is a usage error. */
  readonly settings: ReadonlySet<keyof TargetSettings>;
  emit(request: BuildRequest, weights: WeightSource): Promise<Emission>;
}

const dtypes = ['float32', 'float16'] as const;

/** What is wrong with the values of the settings; undefined if nothing is. */
export function settingUsageError({ dtype, opset }: TargetSettings): Failure | undefined {
  if (dtype !== undefined && !dtypes.some((one) => one === dtype)) {
    return failure('invalid-option-value', { option: '--dtype', value: dtype, wanted: { oneOf: dtypes } });
  }
  if (opset === undefined || /^\d+$/.test(opset)) return undefined;
  return failure('invalid-option-value', { option: '--opset', value: opset, wanted: { wholeFrom: 1 } });
}

/** The values of `--target`. */
export const buildTargets = {
  onnx: {
    output: 'file',
    settings: new Set(['seed', 'weights', 'map', 'dynamic', 'opset', 'fold', 'externalData', 'dtype']),
    emit: async ({ network, settings, fileName }, weights) =>
      onnxBackend.emit(network.graph, {
        weights,
        fileName,
        dtype: dtypes.find((one) => one === settings.dtype) ?? 'float32',
        producerVersion: version,
        metadata: networkMetadata(network),
        dynamic: settings.dynamic ?? false,
        fold: settings.fold ?? false,
        ...(settings.opset === undefined ? {} : { opset: Number(settings.opset) }),
        ...(settings.externalData ? { externalData: `${fileName}.data` } : {}),
      }),
  },
  tfjs: {
    output: 'folder',
    settings: new Set(['seed', 'weights', 'map', 'dynamic']),
    emit: async ({ network, settings }, weights) =>
      tfjsBackend.emit(network.graph, {
        weights,
        producerVersion: version,
        metadata: networkMetadata(network),
        dynamic: settings.dynamic ?? false,
      }),
  },
  typescript: {
    output: 'file',
    settings: new Set(['dynamic', 'header']),
    async emit({ network, settings, fileName }) {
      // ts-morph takes half a second to load, so it is loaded only for this target.
      const { typescriptBackend } = await import('../../../codegen/typescript/typescript-backend.js');
      return typescriptBackend.emit(network.graph, {
        fileName,
        dynamic: settings.dynamic ?? false,
        ...(settings.header ? { header: provenanceOf(network) } : {}),
      });
    },
  },
} as const satisfies Record<string, BuildTarget>;

/** The spec by its file's name, not its path, because the module may move. */
function provenanceOf(network: CompiledNetwork): Provenance {
  const metadata = networkMetadata(network);
  const { [metadataKeys.hash]: hash = '', [metadataKeys.version]: compiler = '' } = metadata;
  return { spec: basename(network.spec.module.file.path), hash, version: compiler };
}

/** Reports all problems of a backend but the last, and returns the last. */
export function emissionFailure(problems: readonly Failure[]): Failure {
  const [last, ...others] = problems.toReversed();
  for (const problem of others.reverse()) reportFailure(problem);
  if (!last) throw new Error('a backend failed without a problem');
  return last;
}
