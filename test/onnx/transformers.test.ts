import { describe, expect, test } from 'vitest';
import { buildOnnx } from '../../codegen/onnx/build.js';
import { onnx } from '../../codegen/onnx/proto.js';
import { compile } from '../../src/compiler/compile.js';
import { failure } from '../../src/diagnostics/failure.js';
import type { OpKind } from '../../src/ir/op-attributes.js';
import { compareStages } from '../random/check-onnx.js';
import { randomTransformer, transformerKinds } from '../random/random-transformer.js';
import { relativeDifference } from '../random/rounding-noise.js';
import { exampleInput, exampleWeights } from './example-graphs.js';
import { modelBytes, runOnnx } from './run-onnx.js';

/** The network of a text, which must be clean. */
function networkOf(text: string) {
  const { networks, diagnostics } = compile('net.unet', text);
  const errors = diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  const [network] = networks;
  if (!network || errors.length > 0) throw new Error(`${errors.join('\n')}\n${text}`);
  return network;
}

test('every stage of random transformers equals the reference, with free sizes where there is no table', async () => {
  let [pinned, free] = [0, 0];
  const kinds = new Set<OpKind>();
  for (let seed = 1; seed <= 40; seed += 1) {
    const made = randomTransformer(seed);
    const network = networkOf(made.text);
    const { graph, axes } = network;
    for (const node of graph.nodes) kinds.add(node.kind);
    const problems: string[] = [];
    await compareStages(network, problems);
    expect(problems, made.text).toEqual([]);
    if (made.pinned) {
      pinned += 1;
      expect(axes.map(({ minimum, maximum }) => [minimum, maximum])).toEqual(made.spatial.map((n) => [n, n]));
      continue;
    }
    free += 1;
    const larger = axes.map(({ step }, axis) => (made.spatial[axis] ?? 0) + (axis + 1) * step);
    const input = exampleInput(graph, 2, larger);
    const fixed = networkOf(made.text.replace(made.spatial.join(' x '), larger.join(' x '))).graph;
    const [a, b] = [
      await runOnnx(modelBytes(graph, { dynamic: true }), input),
      await runOnnx(modelBytes(fixed), input),
    ].map((results) => results.get('output'));
    expect(a?.shape, made.text).toEqual(b?.shape);
    expect(relativeDifference(a?.data ?? [], b?.data ?? []), made.text).toBeLessThan(1e-5);
  }
  expect(pinned).toBeGreaterThan(10);
  expect(free).toBeGreaterThan(10);
  for (const kind of transformerKinds) expect(kinds).toContain(kind);
});

describe('what pins the size', () => {
  const { graph } = networkOf(
    'unet Net { input = 1 x 16 x 24 classes = 2 depth = 1 channels = 4 padding = same bottleneck = transformer(layers: 1, heads: 2, dim: 4, mlp: 8) }',
  );

  test('free sizes are refused', () => {
    const built = buildOnnx(graph, { weights: exampleWeights, fileName: 'm.onnx', dynamic: true });
    const pinned = { network: 'Net', stage: 'bottleneck', table: [8, 12], input: [16, 24] };
    expect(built).toEqual({ ok: false, problems: [failure('pinned-size', pinned)] });
  });

  test('the table is a weight, and no node computes a size', () => {
    const model = onnx.ModelProto.decode(modelBytes(graph)).graph;
    const table = model?.initializer?.find(({ name }) => name?.endsWith('.position'));
    expect(table?.dims?.map(Number)).toEqual([4, 8, 12]);
    const kinds = new Set(model?.node?.map(({ opType }) => opType));
    for (const op of ['Shape', 'Gather', 'Range', 'Size']) expect(kinds).not.toContain(op);
  });
});
