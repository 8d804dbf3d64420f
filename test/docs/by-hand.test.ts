import { describe, expect, it } from 'vitest';
import { buildOnnx } from '../../codegen/onnx/build.js';
import { compile } from '../../src/compiler/compile.js';
import { Failure } from '../../src/diagnostics/failure.js';
import { onnxRuntimeEngine } from '../../src/runtime/onnxruntime/onnxruntime.js';
import type { Tensor } from '../../src/runtime/tensor.js';
import { weightsFromTensors } from '../../src/weights/weight-source.js';
import { page } from './markdown.js';

/** The blocks of the page that have a title: what it claims. */
const blocks = new Map(page('docs/by-hand.md').fences.map(({ title, text }) => [title, text]));

function block(title: string): string {
  const text = blocks.get(title);
  if (text === undefined) throw new Error(`the page has no block \`${title}\``);
  return text;
}

/** The rows of numbers of a block. */
function numbers(title: string): number[][] {
  return block(title)
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
}

/** All stages of a spec, run by onnxruntime. */
async function stagesOf(
  spec: string,
  weights: Readonly<Record<string, readonly number[]>>,
  input: Tensor,
): Promise<ReadonlyMap<string, Tensor>> {
  const { networks, diagnostics } = compile('by-hand.unet', spec);
  expect(diagnostics).toEqual([]);
  const graph = networks[0]?.graph;
  if (!graph) throw new Error('the spec has no network');
  const tensors = Object.entries(weights).map(([name, values]) => [name, Float32Array.from(values)] as const);
  const stages = graph.stages.map(({ path, value }) => ({ name: path.text, value }));
  const built = buildOnnx(
    { ...graph, outputs: stages.filter(({ name }) => name !== 'input') },
    { weights: weightsFromTensors(new Map(tensors)), fileName: 'by-hand.onnx' },
  );
  if (!built.ok) throw new Error('the model cannot be built');
  const chunks = Array.from(built.files[0]?.chunks ?? [], (chunk) => Buffer.from(chunk));
  const session = await onnxRuntimeEngine().load(Buffer.concat(chunks));
  if (session instanceof Failure) throw new Error(session.message);
  const results = await session.run(input);
  await session.close();
  if (results instanceof Failure) throw new Error(results.message);
  return results;
}

/** The channel of a map (1, C, H, W) as rows. */
function rowsOf(tensor: Tensor | undefined): number[][] {
  const width = tensor?.shape[3] ?? 1;
  const values = [...(tensor?.data ?? [])];
  return Array.from({ length: values.length / width }, (_, i) => values.slice(i * width, (i + 1) * width));
}

describe('two axes', () => {
  const weights = {
    'encoder[1].conv[1].weight': [1],
    'bottleneck.conv[1].weight': [1, 0, 0, 0],
    'up[1].convTranspose[1].weight': numbers('2D up[1].convTranspose[1].weight').flat(),
    'decoder[1].conv[1].weight': [
      ...numbers('2D weights of the skip').flat(),
      ...numbers('2D weights of the map from below').flat(),
    ],
    'head.conv[1].weight': [1],
    'head.conv[1].bias': [0],
  };
  const input = { shape: [1, 1, 6, 6], data: Float32Array.from(numbers('2D encoder[1]').flat()) };
  const running = stagesOf(block('by-hand.unet'), weights, input);

  it.each([
    'encoder[1]',
    'pool[1]',
    'bottleneck',
    'up[1]',
    'skip[1]',
  ])('%s is as on the page', async (stage) => {
    expect(rowsOf((await running).get(stage))).toEqual(numbers(`2D ${stage}`));
  });

  it('the written arithmetic is right, and gives what onnxruntime gives', async () => {
    const lines = block('2D arithmetic').split('\n');
    const results = lines.map((line) => {
      const [, terms = '', sums = '', result = ''] = /:(.*)=(.*)=(.*)/.exec(line) ?? [];
      expect(sumOf(terms), line).toBe(Number(result));
      expect(sumOf(sums), line).toBe(Number(result));
      return Number(result);
    });
    const output = (await running).get('output');
    expect(output?.shape).toEqual([1, 1, 2, 2]);
    expect([...(output?.data ?? [])]).toEqual(results);
    expect([...((await running).get('decoder[1]')?.data ?? [])]).toEqual(results);
  });

  it('the written factors are the windows and the weights of the page', () => {
    const lines = block('2D arithmetic').split('\n');
    for (const [i, line] of lines.entries()) {
      const [row, column] = [Math.floor(i / 2), i % 2];
      const expected = [
        ...products(numbers('2D weights of the skip'), numbers('2D skip[1]'), row, column),
        ...products(numbers('2D weights of the map from below'), numbers('2D up[1]'), row, column),
      ];
      expect(line).toContain(`row ${row}, column ${column}`);
      const written = [...(line.split('=')[0] ?? '').matchAll(/([+-]?)\s*(\d+)\*\(?(-?\d+)\)?/g)];
      expect(written.map(([, sign, a, b]) => [Number(`${sign}${a}`), Number(b)])).toEqual(expected);
    }
  });
});

/** Pairs of weight and number of a 3 x 3 window, where the weight is not 0. */
function products(weights: number[][], map: number[][], row: number, column: number): number[][] {
  return weights.flatMap((line, i) =>
    line.flatMap((weight, j) => (weight === 0 ? [] : [[weight, map[row + i]?.[column + j] ?? Number.NaN]])),
  );
}

/** A sum of numbers and of products of two numbers, the second perhaps in brackets. */
function sumOf(text: string): number {
  const terms = [...text.matchAll(/([+-]?)\s*(\d+)(?:\*\(?(-?\d+)\)?)?/g)];
  return terms.reduce((sum, [, sign, a, b]) => sum + (sign === '-' ? -1 : 1) * Number(a) * Number(b ?? 1), 0);
}

describe('three axes', () => {
  const slices = Float32Array.from({ length: 12 * 64 }, (_, i) => Math.floor(i / 64));
  const ones = Array.from({ length: 27 }, () => 1);
  const zeros = ones.map(() => 0);
  const centre = ones.map((_, i) => (i === 13 ? 1 : 0));
  const run = (below: readonly number[]) =>
    stagesOf(
      block('by-hand-3d.unet'),
      {
        'encoder[1].conv[1].weight': [1],
        'bottleneck.conv[1].weight': [...centre, ...zeros],
        'bottleneck.conv[1].bias': [0, 1],
        // Channel 0 goes to both slices, channel 1 is taken away from the first.
        'up[1].convTranspose[1].weight': [1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, 0, 0, 0, 0],
        'decoder[1].conv[1].weight': [...ones, ...below],
        'head.conv[1].weight': [1],
        'head.conv[1].bias': [0],
      },
      { shape: [1, 1, 12, 8, 8], data: slices },
    );

  /** The one number of each slice of a channel; fails where a slice has several. */
  function slicesOf(tensor: Tensor | undefined, channel = 0): number[] {
    const [, , depth = 0, height = 0, width = 0] = tensor?.shape ?? [];
    const area = height * width;
    return Array.from({ length: depth }, (_, i) => {
      const start = (channel * depth + i) * area;
      const values = new Set(tensor?.data.subarray(start, start + area));
      expect(values.size).toBe(1);
      return [...values][0] ?? Number.NaN;
    });
  }

  it('every stage is as on the page', async () => {
    const stages = await run(zeros);
    expect([slicesOf(stages.get('pool[1]'))]).toEqual(numbers('3D pool[1]'));
    expect([slicesOf(stages.get('bottleneck'))]).toEqual(numbers('3D bottleneck channel 0'));
    expect(slicesOf(stages.get('bottleneck'), 1)).toEqual([1, 1, 1, 1]);
    expect([slicesOf(stages.get('up[1]'))]).toEqual(numbers('3D up[1]'));
    expect([slicesOf(stages.get('skip[1]'))]).toEqual(numbers('3D skip[1]'));
  });

  it.each([
    { title: '3D output, the skip alone', below: zeros, difference: 27 },
    { title: '3D output, both', below: ones, difference: 54 },
  ])('$title: neighbours differ by $difference', async ({ title, below, difference }) => {
    const output = slicesOf((await run(below)).get('output'));
    expect([output]).toEqual(numbers(title));
    for (const [i, value] of output.slice(1).entries()) expect(value - (output[i] ?? 0)).toBe(difference);
  });
});
