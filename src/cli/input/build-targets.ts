import { basename } from 'node:path';
import type { Emission } from '../../../codegen/backend.js';
import { onnxBackend } from '../../../codegen/onnx/onnx-backend.js';
import { tfjsBackend } from '../../../codegen/tfjs/tfjs-backend.js';
import type { Provenance } from '../../../codegen/typescript/write/module-doc.js';
import type { CompiledNetwork } from '../../compiler/compile.js';
import { metadataKeys, networkMetadata } from '../../compiler/metadata.js';
import { type Failure, failure } from '../../diagnostics/failure.js';
import { version } from '../../diagnostics/version.js';
import { isPerImage, normalizationText } from '../../normalize/normalization.js';
import type { WeightSource } from '../../weights/weight-source.js';
import { reportFailure } from '../output/output.js';
import { notMeasured } from './not-measured.js';
import { trainedMetadata } from './trained-metadata.js';

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
  readonly preprocess?: string;
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
const preprocessing = ['graph'] as const;

/** What is wrong with the values of the settings; undefined if nothing is. */
export function settingUsageError({ dtype, opset, preprocess }: TargetSettings): Failure | undefined {
  if (dtype !== undefined && !dtypes.some((one) => one === dtype)) {
    return failure('invalid-option-value', { option: '--dtype', value: dtype, wanted: { oneOf: dtypes } });
  }
  if (preprocess !== undefined && !preprocessing.some((one) => one === preprocess)) {
    const wanted = { oneOf: preprocessing };
    return failure('invalid-option-value', { option: '--preprocess', value: preprocess, wanted });
  }
  if (opset === undefined || /^\d+$/.test(opset)) return undefined;
  return failure('invalid-option-value', { option: '--opset', value: opset, wanted: { wholeFrom: 1 } });
}

/** The values of `--target`. */
export const buildTargets = {
  onnx: {
    output: 'file',
    settings: new Set([
      ...(['seed', 'weights', 'map', 'dynamic', 'opset'] as const),
      ...(['fold', 'externalData', 'dtype', 'preprocess'] as const),
    ]),
    async emit({ network, settings, fileName }, weights) {
      const normalization = network.spec.normalize.value;
      const preprocess = preprocessing.find((one) => one === settings.preprocess);
      const unmeasured = notMeasured(network, settings.weights);
      if (unmeasured) return { ok: false, problems: [unmeasured] };
      if (preprocess && normalization.kind === 'none') {
        return { ok: false, problems: [failure('normalize-missing', { network: network.name })] };
      }
      const emission = onnxBackend.emit(network.graph, {
        weights,
        fileName,
        dtype: dtypes.find((one) => one === settings.dtype) ?? 'float32',
        producerVersion: version,
        metadata: { ...networkMetadata(network, { preprocess }), ...trainedMetadata(settings.weights) },
        dynamic: settings.dynamic ?? false,
        fold: settings.fold ?? false,
        ...(preprocess ? { normalization } : {}),
        ...(settings.opset === undefined ? {} : { opset: Number(settings.opset) }),
        ...(settings.externalData ? { externalData: `${fileName}.data` } : {}),
      });
      return preprocess && isPerImage(normalization) ? withNote(emission, wholeImages(network)) : emission;
    },
  },
  tfjs: {
    output: 'folder',
    settings: new Set(['seed', 'weights', 'map', 'dynamic']),
    async emit({ network, settings }, weights) {
      const unmeasured = notMeasured(network, settings.weights);
      if (unmeasured) return { ok: false, problems: [unmeasured] };
      return tfjsBackend.emit(network.graph, {
        weights,
        producerVersion: version,
        metadata: { ...networkMetadata(network), ...trainedMetadata(settings.weights) },
        dynamic: settings.dynamic ?? false,
      });
    },
  },
  typescript: {
    output: 'file',
    settings: new Set(['dynamic', 'header']),
    async emit({ network, settings, fileName }) {
      // ts-morph takes half a second to load, so it is loaded only for this target.
      const { typescriptBackend } = await import('../../../codegen/typescript/typescript-backend.js');
      const emission = typescriptBackend.emit(network.graph, {
        fileName,
        dynamic: settings.dynamic ?? false,
        ...(settings.header ? { header: provenanceOf(network) } : {}),
      });
      const normalize = normalizationText(network.spec.normalize.value);
      const note = `${fileName} has no metadata: apply \`normalize = ${normalize}\` to stored values before you run it`;
      return normalize === 'none' ? emission : withNote(emission, note);
    },
  },
} as const satisfies Record<string, BuildTarget>;

function wholeImages({ spec }: CompiledNetwork): string {
  const normalize = normalizationText(spec.normalize.value);
  return `the model takes the numbers of \`normalize = ${normalize}\` from what it receives: give it whole images, not windows`;
}

function withNote(emission: Emission, note: string): Emission {
  return emission.ok ? { ...emission, notes: [...(emission.notes ?? []), note] } : emission;
}

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
