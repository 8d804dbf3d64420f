import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { problemText, type WeightsFormat } from '../../src/diagnostics/codes/weights/weights.js';
import { parametersOf } from '../../src/ir/graph.js';
import { readWeights } from '../../src/weights/bind/read-weights.js';
import { listPyTorch } from '../../src/weights/formats/pytorch-archive.js';
import { builtInMaps } from '../../src/weights/names/built-in-maps.js';
import { compileNameMap } from '../../src/weights/names/name-map.js';
import { readTensor } from '../../src/weights/weight-source.js';
import { fileOf, folderOf, torchFile } from './files-in-memory.js';
import { zip } from './torch-archive.js';
import { compiled } from './torch-networks.js';

/** Files of PyTorch 2.15 and Lightning 2.6 that pytorch/make_checkpoints.py made, all of this network. */
const folder = join(import.meta.dirname, 'checkpoints');
const { graph } = compiled(`unet Net {
  input = 1 x 8 x 12; classes = 2; depth = 1; channels = 2; padding = same; head = logits
  norm = batch; bias = false; up = transpose(2x2, bias: true)
}`);
const milesial = builtInMaps.get('milesial');
const names = milesial && compileNameMap(milesial);
if (!names?.ok) throw new Error('no map');
const { map } = names;

function read(name: string, format: WeightsFormat = 'pytorch') {
  const data = name === 'dynamo.onnx' ? { [`${name}.data`]: torchFile(`${name}.data`, folder) } : {};
  return readWeights(
    { format, file: fileOf(torchFile(name, folder)), openBeside: folderOf(data) },
    graph,
    map,
  );
}

function valuesOf(...args: Parameters<typeof read>): Record<string, readonly number[]> {
  const reading = read(...args);
  if (!reading.ok) throw new Error(reading.problems.map(problemText).join('\n'));
  return Object.fromEntries(
    parametersOf(graph).map((parameter) => [parameter.name, [...readTensor(reading.weights, parameter)]]),
  );
}

describe('checkpoints that PyTorch 2.15 wrote', () => {
  const plain = valuesOf('plain.pth');

  test('the plain state dict has random numbers of both signs', () => {
    const values = plain['encoder[1].conv[2].weight'] ?? [];
    expect(values).toHaveLength(36);
    expect(values.some((value) => value < 0) && values.some((value) => value > 0)).toBe(true);
    expect(new Set(values).size).toBe(36);
  });

  test.each([
    ['tensors with the negative bit', 'negated.pth'],
    ['AveragedModel', 'averaged.pth'],
  ])('%s have the numbers of the plain state dict', (_name, file) => {
    expect(valuesOf(file)).toEqual(plain);
  });

  test('objects beside the state dict change nothing, by any protocol, and ONNX of the exporter has the same', () => {
    const trained = valuesOf('inert.pth');
    expect(trained).not.toEqual(plain);
    expect(valuesOf('protocol-5.pth')).toEqual(trained);
    expect(valuesOf('dynamo.onnx', 'onnx')).toEqual(trained);
  });

  test("Lightning's checkpoint of a module with the network as `model`", () => {
    expect(Object.keys(valuesOf('lightning.ckpt'))).toEqual(Object.keys(plain));
  });

  test('an exported program is refused for what it is', () => {
    const reading = read('exported.pt2');
    expect(reading).toMatchObject({
      ok: false,
      problems: [{ code: 'not-a-state-dict', problem: { case: 'exported-program' } }],
    });
    expect(reading.ok ? [] : reading.problems.map(problemText)).toEqual([
      expect.stringMatching(/torch\.export\.load\(.*\.state_dict/),
    ]);
  });

  test('the list of files in a .pt2 before PyTorch 2.8 is known too', () => {
    const files = ['serialized_exported_program.json', 'serialized_state_dict.pt', 'version'];
    const made = zip(files.map((name) => ({ name, bytes: new Uint8Array(4) })));
    expect(listPyTorch(fileOf(made)).problems).toMatchObject([{ problem: { case: 'exported-program' } }]);
  });
});

test('no damage to a checkpoint with foreign objects is a throw', () => {
  const bytes = torchFile('protocol-5.pth', folder);
  for (let i = 0; i < 1500; i += 1) {
    const copy = Uint8Array.from(bytes);
    copy[(i * 13) % copy.length] = (i * 89 + 13) % 256;
    copy[(i * 7919) % 6000] = (i * 31) % 256;
    for (const listing of [listPyTorch(fileOf(copy))].flatMap((one) => [one, ...one.others])) {
      for (const { chunks } of listing.tensors) Array.from(chunks());
    }
  }
});
