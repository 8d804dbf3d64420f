import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { problemText } from '../../src/diagnostics/codes/weights/weights.js';
import { Failure } from '../../src/diagnostics/failure.js';
import type { Graph } from '../../src/ir/graph.js';
import { openNameMap } from '../../src/runtime/files/open-name-map.js';
import { readWeightsFile } from '../../src/runtime/files/read-weights-file.js';
import { readWeights } from '../../src/weights/bind/read-weights.js';
import { slotsByMap } from '../../src/weights/bind/slots-by-map.js';
import { writeSafetensors, writeTensors } from '../../src/weights/formats/safetensors-write.js';
import type { NameMap } from '../../src/weights/names/name-map.js';
import type { WeightSource } from '../../src/weights/weight-source.js';
import { modelBytes, relativeError, runOnnx } from '../onnx/run-onnx.js';
import { fileOf, folderOf } from './files-in-memory.js';
import { compiled } from './torch-networks.js';
import { torchPython } from './torch-python.js';

const python = torchPython();
const folder = mkdtempSync(join(tmpdir(), 'unet-checkpoints-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Results {
  readonly nets: Record<string, { input: number[]; output: number[]; values: number[] }>;
  /** The network of each file; `refused` for files that are not state dicts. */
  readonly files: Record<string, string>;
  readonly missing: readonly string[];
  /** How nnU-Net planned the network of its training. */
  readonly nnunet: {
    readonly features_per_stage: readonly number[];
    readonly strides: readonly (readonly number[])[];
    readonly n_conv_per_stage: readonly number[];
    readonly kernel_sizes: readonly (readonly number[])[];
  };
}

let made: Results | undefined;

/** Runs pytorch/make_checkpoints.py once. */
function results(): Results {
  if (!made) {
    const script = join(import.meta.dirname, 'pytorch/make_checkpoints.py');
    execFileSync(python ?? '', [script, folder], { stdio: ['ignore', 'ignore', 'pipe'] });
    // The script writes this form.
    made = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as Results;
  }
  return made;
}

const small = `unet Net {
  input = 1 x 8 x 12; classes = 2; depth = 1; channels = 2; padding = same; head = logits
  norm = batch; bias = false; up = transpose(2x2, bias: true)
}`;
const strided = (shape: string, rest: string) => `unet Net {
  input = ${shape}; classes = 2; depth = 2; channels = [2, 4, 6]; padding = same; head = logits
  activation = leaky_relu(0.01); repeat = [2, 1, 1]; pool = strided; skip = concat(order: up_first)
  decoder_block = double(n: 2); ${rest}
}`;
/** As specs/nnunet/residual-encoder.unet, in two levels. */
const residual = (shape: string) => `
block ResBlock(c) {
  h = input -> conv(kernel, c) -> norm -> activation -> conv(kernel, c) -> norm
  h + input -> activation
}
block ResFirst(c) {
  h = input -> conv(kernel, c, stride: stride) -> norm -> activation -> conv(kernel, c) -> norm
  h + (input -> avg(stride) -> conv(1, c, bias: false) -> norm) -> activation
}
block Stem(c) { input -> conv(kernel, c) -> norm -> activation -> ResBlock(c) }
block ResStage(c) { input -> repeat(repeat - 1, ResBlock(c)) }
unet Net {
  input = ${shape}; classes = 2; depth = 2; channels = [2, 4, 6]; padding = same; head = logits
  norm = instance; activation = leaky_relu(0.01); repeat = [1, 3, 4]; block = ResStage; block[1] = Stem
  pool = ResFirst; up = transpose(channels: skip); skip = concat(order: up_first); decoder_block = double(n: 1)
}`;
const [flat, volume] = ['1 x 8 x 12', '1 x 4 x 8 x 12'];
const dyn = 'bias = false; up = transpose(channels: skip)';
const plain = 'norm = instance; up = transpose(channels: skip)';

const networks: Readonly<Record<string, { readonly map: string; readonly spec: string }>> = {
  small: { map: 'milesial', spec: small },
  trained: { map: 'milesial', spec: small },
  lightning: { map: 'milesial', spec: small },
  'dynunet-2d-instance': { map: 'monai-dynunet', spec: strided(flat, `norm = instance; ${dyn}`) },
  'dynunet-3d-instance': { map: 'monai-dynunet', spec: strided(volume, `norm = instance; ${dyn}`) },
  'dynunet-2d-plain': {
    map: 'monai-dynunet',
    spec: strided(flat, `norm = instance(affine: false); ${dyn}`),
  },
  'dynunet-2d-batch': { map: 'monai-dynunet', spec: strided(flat, `norm = batch; ${dyn}`) },
  'nnunet-plain-2d': { map: 'nnunet-plain', spec: strided(flat, plain) },
  'nnunet-plain-3d': { map: 'nnunet-plain', spec: strided(volume, plain) },
  'nnunet-residual-2d': { map: 'nnunet-residual-encoder', spec: residual(flat) },
  'nnunet-residual-3d': { map: 'nnunet-residual-encoder', spec: residual(volume) },
};

/** The network of nnU-Net's training, by its plan. */
function planned({ features_per_stage: features, ...plan }: Results['nnunet']): string {
  const depth = features.length - 1;
  const all = (values: readonly unknown[], value: string) => values.every((one) => String(one) === value);
  expect([
    all(plan.kernel_sizes, '3,3'),
    all(plan.strides.slice(1), '2,2'),
    all(plan.n_conv_per_stage, '2'),
  ]).toEqual([true, true, true]);
  return `unet Net {
    input = 1 x 32 x 32; classes = 2; depth = ${depth}; channels = [${features.join(', ')}]; padding = same
    norm = instance; activation = leaky_relu(0.01); repeat = [2${', 1'.repeat(depth)}]; pool = strided
    up = transpose(channels: skip); skip = concat(order: up_first); decoder_block = double(n: 2); head = logits
  }`;
}

function networkOf(net: string): { readonly graph: Graph; readonly map: NameMap } {
  const trained = { map: 'nnunet-plain', spec: net === 'nnunet-trained' ? planned(results().nnunet) : '' };
  const { map, spec } = networks[net] ?? trained;
  const names = openNameMap(map);
  if (names instanceof Failure) throw new Error(names.message);
  return { graph: compiled(spec).graph, map: names };
}

function opened(file: string, net: string): WeightSource {
  const { graph, map } = networkOf(net);
  const weights = readWeightsFile(join(folder, file), graph, map);
  if (weights instanceof Failure) throw new Error(`${file}: ${weights.message}`);
  return weights;
}

/** The difference between what onnxruntime gives for a spec with the weights of a file, and what PyTorch gave. */
async function difference(file: string, net: string): Promise<number> {
  const { input: shape = [], output, values = [] } = results().nets[net] ?? {};
  const count = shape.reduce((product, size) => product * size, 1);
  const data = Float32Array.from({ length: count }, (_, i) => ((37 * i) % 101) / 50 - 1);
  const model = modelBytes(networkOf(net).graph, { weights: opened(file, net) });
  const found = (await runOnnx(model, { shape, data })).get('output');
  expect(found?.shape).toEqual(output);
  return relativeError(found?.data ?? [], values);
}

describe.skipIf(!python)('checkpoints of the newest frameworks agree with them', () => {
  test('every framework is installed', () => {
    expect(results().missing).toEqual([]);
  });

  test('every file loads, and its network gives what PyTorch gave', async () => {
    for (const [file, net] of Object.entries(results().files)) {
      if (net !== 'refused') expect(await difference(file, net), file).toBeLessThan(1e-5);
    }
  });

  test('all wrappings of one network give the bytes of the plain file', () => {
    const { graph } = networkOf('small');
    const bytesOf = (file: string) =>
      Buffer.concat(
        [...writeSafetensors(graph, opened(file, 'small')).chunks].map((chunk) => Buffer.from(chunk)),
      );
    const files = Object.entries(results().files).flatMap(([file, net]) => (net === 'small' ? [file] : []));
    expect(files.length).toBeGreaterThan(12);
    const expected = bytesOf('plain.pth');
    for (const file of files) expect(bytesOf(file).equals(expected), file).toBe(true);
  });

  test.each([
    ['exported.pt2', 'exported-program'],
    ['script.pt', 'torchscript'],
  ])('%s is refused for what it is', (file, kind) => {
    results();
    const { graph, map } = networkOf('small');
    expect(readWeightsFile(join(folder, file), graph, map)).toMatchObject({
      code: 'weights-mismatch',
      args: { problems: [{ code: 'not-a-state-dict', problem: { case: kind } }] },
    });
  });

  test.each([
    ...Object.keys(networks),
    'nnunet-trained',
  ])('%s: the names of the framework are written as they are read', (net) => {
    const [file = ''] = Object.entries(results().files).find(([, one]) => one === net) ?? [];
    const { graph, map } = networkOf(net);
    const weights = opened(file, net);
    const mapped = slotsByMap(graph, map);
    if (!mapped.ok) throw new Error(JSON.stringify(mapped.problems));
    const foreign = writeTensors(
      mapped.slots.map(({ name, parameter }) => ({
        ...{ name, shape: parameter.shape },
        chunks: () => weights.chunks(parameter),
      })),
    );
    const bytes = Buffer.concat([...foreign.chunks].map((chunk) => Buffer.from(chunk)));
    const source = { format: 'safetensors', file: fileOf(bytes), openBeside: folderOf({}) } as const;
    const back = readWeights(source, graph, map);
    if (!back.ok) throw new Error(back.problems.map(problemText).join('\n'));
    const [own, again] = [weights, back.weights].map((from) =>
      Buffer.concat([...writeSafetensors(graph, from).chunks].map((chunk) => Buffer.from(chunk))),
    );
    expect(again?.equals(own ?? Buffer.alloc(0))).toBe(true);
  });
});
