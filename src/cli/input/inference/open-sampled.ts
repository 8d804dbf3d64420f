import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildOnnx } from '../../../../codegen/onnx/build.js';
import type { CompiledNetwork } from '../../../compiler/compile.js';
import { metadataKeys, networkMetadata } from '../../../compiler/metadata.js';
import { CompileSession } from '../../../compiler/session.js';
import { Failure, failure, fileFailure } from '../../../diagnostics/failure.js';
import { version } from '../../../diagnostics/version.js';
import { pinsSize } from '../../../ir/node-record.js';
import { type DropoutModel, dropoutsOf } from '../../../predict/model/sampled-session.js';
import { type Engine, ORT_DEVICES } from '../../../runtime/engine.js';
import { nodeHost } from '../../../runtime/files/node-host.js';
import { readWeightsFile } from '../../../runtime/files/read-weights-file.js';
import { readOnnxMetadata } from '../../../runtime/onnxruntime/onnx-metadata.js';
import { readRun } from '../../../train/run-folder/read-run.js';
import { runFiles } from '../../../train/run-folder/run-folder.js';
import type { ModelOptions } from '../open-model.js';
import { readSets, readSpec } from '../target.js';

/**
 * Opens the network of a run folder with its dropouts at work: an ONNX model has none, because inference leaves them out. The
 * network is compiled from the folder's spec, and has the weights of its model.
 */
export async function openSampled(
  folder: string,
  { threads, device }: Pick<ModelOptions, 'threads' | 'device'>,
  engine: Engine,
): Promise<DropoutModel | Failure> {
  if (!existsSync(join(folder, runFiles.run))) {
    return failure('samples-unavailable', { path: folder, problem: 'no-run' });
  }
  const path = join(folder, runFiles.model);
  const metadata = readOnnxMetadata(path);
  if (metadata instanceof Failure) return metadata;
  const network = networkOf(folder, metadata);
  if (network instanceof Failure) return network;
  const { graph } = network;
  if (dropoutsOf(graph).length === 0) {
    return failure('samples-unavailable', { path: folder, problem: 'no-dropout' });
  }
  const weights = readWeightsFile(path, graph);
  if (weights instanceof Failure) return weights;
  const built = buildOnnx(graph, {
    ...{ weights, metadata, fileName: 'model.onnx', producerVersion: version, dropoutInputs: true },
    dynamic: !pinsSize(graph),
  });
  const [file, data] = built.ok ? built.files : [];
  if (!built.ok || !file || data) return failure('network-too-large', { network: network.name });
  // Each chunk is copied before the next one is made, because they share a buffer.
  const bytes = Buffer.concat(Array.from(file.chunks, (chunk) => Buffer.from(chunk)));
  const known = ORT_DEVICES.find((one) => one === device);
  const session = await engine.load(bytes, {
    ...(threads === undefined ? {} : { threads: Number(threads) }),
    ...(known === undefined ? {} : { device: known }),
  });
  return session instanceof Failure ? session : { session, graph };
}

/** What decides whether a network is the one of a model. */
const IDENTITY = ['network', 'hash', 'head', 'input', 'sizes', 'margin'] as const;

/** The network that the folder of a run describes, if it is that of its model. */
function networkOf(folder: string, metadata: Readonly<Record<string, string>>): CompiledNetwork | Failure {
  const run = readRun(folder);
  if (run instanceof Failure) return run;
  const text = readSpec(run.spec);
  if (text instanceof Failure) return text;
  const given = setsOf(join(folder, runFiles.recipe));
  const set = given instanceof Failure ? given : readSets(given);
  if (set instanceof Failure) return set;
  // Training has checked the spec, and reported what is to be said of it.
  const { networks } = new CompileSession(run.spec, text, { host: nodeHost, set }).compile(run.network);
  const network = networks.find(({ name }) => name === run.network);
  const own = network && networkMetadata(network);
  const isSame = own && IDENTITY.every((key) => own[metadataKeys[key]] === metadata[metadataKeys[key]]);
  return isSame ? network : failure('samples-unavailable', { path: folder, problem: 'other-spec' });
}

/** What `--set` gave to the training, as name=value. */
function setsOf(path: string): readonly string[] | Failure {
  try {
    const recipe: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const set: unknown = typeof recipe === 'object' && recipe !== null ? Reflect.get(recipe, 'set') : [];
    return Array.isArray(set) ? set.map(String) : [];
  } catch (error) {
    return error instanceof SyntaxError
      ? failure('run-damaged', { path, damage: { case: 'not-json', reason: error.message } })
      : fileFailure('read', path, error);
  }
}
