import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { mapProblemText } from '../../src/diagnostics/codes/weights/name-maps.js';
import { problemText, type WeightsProblem } from '../../src/diagnostics/codes/weights/weights.js';
import { type Graph, parametersOf } from '../../src/ir/graph.js';
import { elementCount } from '../../src/ir/parameter.js';
import { readWeights } from '../../src/weights/bind/read-weights.js';
import { slotsByMap } from '../../src/weights/bind/slots-by-map.js';
import { builtInMaps } from '../../src/weights/names/built-in-maps.js';
import { compileNameMap, type NameMap } from '../../src/weights/names/name-map.js';
import { readTensor } from '../../src/weights/weight-source.js';
import { fileOf, folderOf } from './files-in-memory.js';
import { compiled } from './torch-networks.js';

function builtIn(name: string): NameMap {
  const text = builtInMaps.get(name);
  const reading = text && compileNameMap(text);
  if (!reading?.ok) throw new Error(`no map ${name}`);
  return reading.map;
}

/** The names that a map gives a network's tensors, in the order of its parameters. */
function namesOf(graph: Graph, map: NameMap): string[] {
  const mapped = slotsByMap(graph, map);
  if (!mapped.ok) throw new Error(JSON.stringify(mapped.problems));
  return mapped.slots.map(({ name }) => name);
}

/** A safetensors file of F32 tensors, each filled with a value. */
function fileWith(
  tensors: readonly { name: string; shape: readonly number[]; value: number; dtype?: string }[],
): Uint8Array {
  let end = 0;
  const header = tensors.map(({ name, shape, dtype = 'F32' }) => {
    const start = end;
    end += elementCount(shape) * (dtype === 'F32' ? 4 : 8);
    return [name, { dtype, shape, data_offsets: [start, end] }];
  });
  const text = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(text.length));
  const data = tensors.map(({ shape, value }) =>
    Buffer.from(new Float32Array(elementCount(shape)).fill(value).buffer),
  );
  return new Uint8Array(Buffer.concat([head, text, ...data, Buffer.alloc(8)]));
}

function read(bytes: Uint8Array, graph: Graph, map?: NameMap) {
  return readWeights({ format: 'safetensors', file: fileOf(bytes), openBeside: folderOf({}) }, graph, map);
}

describe('the built-in maps on the networks that they are for', () => {
  const padded = join(import.meta.dirname, '../../specs/unet2d-padded.unet');
  const { networks } = compile('unet2d-padded.unet', readFileSync(padded, 'utf8'));

  // Counted from unet_model.py: nine double convs of 2 x (weight, 4 of the norm), up-convs, and the last conv.
  test.each([
    ['UNet2DPadded', 9 * 10 + 4 * 2 + 2, 'up4.up.weight'],
    ['UNet2DPaddedBilinear', 9 * 10 + 2, 'up4.conv.double_conv.0.weight'],
  ])('milesial on %s', (name, count, last) => {
    const graph = networks.find((network) => network.name === name)?.graph;
    if (!graph) throw new Error('no network');
    const names = namesOf(graph, builtIn('milesial'));
    expect(names).toHaveLength(count);
    expect(names.slice(0, 6)).toEqual([
      'inc.double_conv.0.weight',
      'inc.double_conv.1.weight',
      'inc.double_conv.1.bias',
      'inc.double_conv.1.running_mean',
      'inc.double_conv.1.running_var',
      'inc.double_conv.3.weight',
    ]);
    expect(names).toContain('down1.maxpool_conv.1.double_conv.0.weight');
    expect(names).toContain('down4.maxpool_conv.1.double_conv.4.running_var');
    expect(names).toContain('up1.conv.double_conv.3.weight');
    expect(names).toContain(last);
    expect(names.slice(-2)).toEqual(['outc.conv.weight', 'outc.conv.bias']);
  });

  const basicUNet = (input: string, two: string) => `unet BasicUNet {
    input = ${input}; classes = 2; padding = same; head = logits
    channels = [32, 32, 64, 128, 256]; decoder_channels = [32, 32, 64, 128]
    norm = instance; activation = leaky_relu(0.1); up = transpose(${two}); up[1] = transpose(${two}, channels: keep)
  }`;

  test('monai-basic-unet on BasicUNet with its default features, which has as many parameters as MONAI has', () => {
    const { graph, facts } = compiled(basicUNet('1 x 32 x 32 x 32', '2x2x2'));
    // BasicUNet(spatial_dims=3, in_channels=1, out_channels=2), counted in PyTorch.
    expect(facts.parameters).toBe(5_749_410);
    const names = namesOf(graph, builtIn('monai-basic-unet'));
    // Nine pairs of convs with their norms, four up-convs, the last conv; two tensors each.
    expect(names).toHaveLength((9 * 4 + 4 + 1) * 2);
    for (const name of [
      'conv_0.conv_0.conv.weight',
      'conv_0.conv_1.adn.N.bias',
      'down_4.convs.conv_1.conv.bias',
      'upcat_4.upsample.deconv.weight',
      'upcat_1.convs.conv_0.adn.N.weight',
      'final_conv.bias',
    ]) {
      expect(names).toContain(name);
    }
    const { graph: flat } = compiled(basicUNet('1 x 32 x 32', '2x2'));
    expect(namesOf(flat, builtIn('monai-basic-unet'))).toEqual(names);
  });
});

const { graph: small } = compiled(`unet Small {
  input = 1 x 4 x 4; classes = 2; depth = 1; channels = 1; padding = same; norm = batch; activation = prelu
}`);
const ownNames = parametersOf(small).map(({ name }) => name);
const milesialLike = compileNameMap({
  names: {
    'encoder[1].conv[{n}]': 'e.{n}',
    'encoder[1].batchNorm[{n}]': 'e.n{n}',
    'encoder[1].prelu[{n}]': 'e.p{n}',
    'bottleneck.conv[{n}]': 'b.{n}',
    'bottleneck.batchNorm[{n}]': 'b.n{n}',
    'bottleneck.prelu[{n}]': 'b.p{n}',
    'up[1].convTranspose[1]': 'u',
    'decoder[1].conv[{n}]': 'd.{n}',
    'decoder[1].batchNorm[{n}]': 'd.n{n}',
    'decoder[1].prelu[{n}]': 'd.p{n}',
    'head.conv[1]': 'h',
  },
  ignore: ['aux.*'],
});
if (!milesialLike.ok) throw new Error(milesialLike.problems.map(mapProblemText).join('\n'));
const { map } = milesialLike;
const mapped = namesOf(small, map);
const tensorsAs = (names: readonly string[]) =>
  parametersOf(small).map(({ shape }, i) => ({ name: names[i] ?? '', shape, value: i + 1 }));

const of = (
  code: WeightsProblem['code'],
  tensor: string,
  expected: string,
  found: string,
  more: { parameter?: string; nearest?: string } = {},
) => ({ code, format: 'safetensors', tensor, expected, found, ...more });

describe('reading by a map', () => {
  test('each parameter gets the values of the tensor that the map says', () => {
    const reading = read(fileWith(tensorsAs(mapped)), small, map);
    if (!reading.ok) throw new Error(reading.problems.map(problemText).join('\n'));
    for (const [i, parameter] of parametersOf(small).entries()) {
      expect([...readTensor(reading.weights, parameter)], parameter.name).toEqual(
        new Array(elementCount(parameter.shape)).fill(i + 1),
      );
    }
  });

  test('counters of batches and what the map ignores do not disturb; one slope serves all channels', () => {
    const tensors = tensorsAs(mapped).map((tensor) => {
      const single = tensor.name === 'b.p1.weight' ? { shape: [1] } : {};
      return { ...tensor, ...single };
    });
    const more = [
      { name: 'aux.head.weight', shape: [3], value: 0 },
      { name: 'e.n1.num_batches_tracked', shape: [], value: 0, dtype: 'I64' },
    ];
    const reading = read(fileWith([...tensors, ...more]), small, map);
    if (!reading.ok) throw new Error(reading.problems.map(problemText).join('\n'));
    const slope = parametersOf(small).find(({ name }) => name === 'bottleneck.prelu[1].slope');
    if (!slope) throw new Error('no slope');
    expect(slope.shape).toEqual([2]);
    const value = ownNames.indexOf(slope.name) + 1;
    expect([...readTensor(reading.weights, slope)]).toEqual([value, value]);
  });

  test('neither one slope nor one a channel', () => {
    const tensors = tensorsAs(mapped).map((tensor) =>
      tensor.name === 'b.p1.weight' ? { ...tensor, shape: [3] } : tensor,
    );
    const reading = read(fileWith(tensors), small, map);
    expect(reading.ok ? [] : reading.problems).toEqual([
      of('tensor-shape-mismatch', 'b.p1.weight', '2', '3', { parameter: 'bottleneck.prelu[1].slope' }),
    ]);
  });

  test('problems have both names, and all come at once', () => {
    const tensors = tensorsAs(mapped)
      .filter(({ name }) => name !== 'h.bias')
      .map((tensor) => ({
        ...tensor,
        ...(tensor.name === 'e.1.weight' ? { shape: [1, 1, 5, 5] } : {}),
        ...(tensor.name === 'u.weight' ? { name: 'u.wieght' } : {}),
      }));
    const reading = read(fileWith([...tensors, { name: 'more', shape: [2], value: 0 }]), small, map);
    expect(reading.ok ? [] : reading.problems).toEqual([
      of('tensor-shape-mismatch', 'e.1.weight', '1 x 1 x 3 x 3', '1 x 1 x 5 x 5', {
        parameter: 'encoder[1].conv[1].weight',
      }),
      of('missing-tensor', 'u.weight', '2 x 1 x 2 x 2', 'nothing', {
        parameter: 'up[1].convTranspose[1].weight',
        nearest: 'u.wieght',
      }),
      of('missing-tensor', 'h.bias', '2', 'nothing', { parameter: 'head.conv[1].bias' }),
      of('extra-tensor', 'u.wieght', 'nothing', '2 x 1 x 2 x 2'),
      of('extra-tensor', 'more', 'nothing', '2'),
    ]);
  });

  test('a map that does not fit the network says so before any tensor', () => {
    const reading = read(fileWith([]), small, builtIn('milesial'));
    const problems = reading.ok ? [] : reading.problems;
    expect(problems).toContainEqual({
      code: 'map-mismatch',
      format: 'safetensors',
      tensor: undefined,
      mismatch: { case: 'no-rule', layer: 'encoder[1].prelu[1]', roles: ['slope'] },
    });
    for (const problem of problems) expect(problem).toMatchObject({ mismatch: { case: 'no-rule' } });
  });
});

describe('reading without the map that it needs', () => {
  const { graph } = compiled(`unet Net {
    input = 1 x 4 x 4; classes = 2; depth = 1; channels = 1; padding = same; norm = batch
  }`);
  const names = namesOf(graph, builtIn('milesial'));
  const tensors = parametersOf(graph).map(({ shape }, i) => ({ name: names[i] ?? '', shape, value: 0 }));
  const hint = { code: 'missing-map', format: 'safetensors', tensor: undefined, map: 'milesial' };
  const problemsOf = (file: Uint8Array) => {
    const reading = read(file, graph);
    return reading.ok ? [] : reading.problems;
  };

  test('a file whose names are all those of a built-in map says that alone', () => {
    expect(problemsOf(fileWith(tensors))).toEqual([hint]);
  });

  test('with most of them, it comes first', () => {
    const [first, ...others] = problemsOf(fileWith(tensors.slice(2)));
    expect(first).toEqual(hint);
    expect(others).toHaveLength(tensors.length + tensors.length - 2);
  });

  test('with few of them, nothing is said of it', () => {
    expect(problemsOf(fileWith(tensors.slice(0, 3)))).toHaveLength(tensors.length + 3);
  });
});

test('a name that comes twice in the header of a safetensors file', () => {
  const bytes = fileWith([
    { name: 'h.bias', shape: [1], value: 1 },
    { name: 'h.bia_', shape: [1], value: 2 },
  ]);
  const twice = Buffer.from(Buffer.from(bytes).toString('latin1').replace('h.bia_', 'h.bias'), 'latin1');
  const reading = read(new Uint8Array(twice), small);
  expect(reading.ok ? [] : reading.problems).toContainEqual(
    of('duplicate-tensor', 'h.bias', 'one tensor per name', 'several'),
  );
});
