import { describe, expect, test } from 'vitest';
import { opsets } from '../../codegen/onnx/opset.js';
import { onnx } from '../../codegen/onnx/proto.js';
import { pinsSize } from '../../src/ir/node-record.js';
import { bodies, exampleGraph, ranks, smallUnet } from './example-graphs.js';
import { checkableOpset, checkModels, skipWithoutChecker } from './onnx-checker.js';
import { modelBytes } from './run-onnx.js';

type Sizes = readonly (number | string | null)[];

/** The sizes that a model's own value_info gives, by tensor. */
function declaredShapes(bytes: Uint8Array): ReadonlyMap<string, Sizes> {
  const { graph } = onnx.ModelProto.decode(bytes);
  const sizes = (graph?.valueInfo ?? []).map((info): [string, Sizes] => [
    info.name ?? '',
    (info.type?.tensorType?.shape?.dim ?? []).map((dim) => dim.dimParam || Number(dim.dimValue)),
  ]);
  return new Map(sizes);
}

test('the checker finds a broken model', (context) => {
  skipWithoutChecker(context);
  const model = onnx.ModelProto.decode(modelBytes(smallUnet(2)));
  const node = model.graph?.node?.[3];
  if (node) node.input = ['nothing'];
  const [checked] = checkModels([onnx.ModelProto.encode(model).finish()]);
  expect(checked?.error).toContain('nothing');
});

describe.each(ranks)('%iD models', (rank) => {
  const graphs = [smallUnet(rank), ...Object.keys(bodies).map((name) => exampleGraph(name, rank))];

  test.for([
    ['fixed sizes', {}],
    ['free sizes', { dynamic: true }],
    ['float16', { dtype: 'float16' }],
    ['norms folded', { fold: true }],
  ] as const)('pass the checker and strict shape inference: %s', ([_name, options], context) => {
    skipWithoutChecker(context);
    const taken = graphs.filter((graph) => !('dynamic' in options && pinsSize(graph)));
    checkAll(taken.map((graph) => modelBytes(graph, options)));
  });
});

test('every opset that the checker knows passes', (context) => {
  skipWithoutChecker(context);
  const known = opsets.filter((opset) => opset <= (checkableOpset() ?? 0));
  const graphs = [smallUnet(2), ...Object.keys(bodies).map((name) => exampleGraph(name, 2))];
  checkAll(known.flatMap((opset) => graphs.map((graph) => modelBytes(graph, { opset }))));
});

/** Valid, and wherever inference knows a size, value_info has the same. */
function checkAll(models: readonly Uint8Array[]): void {
  const checked = checkModels(models);
  let compared = 0;
  for (const [i, { error, shapes }] of checked.entries()) {
    expect(error).toBeUndefined();
    const declared = declaredShapes(models[i] ?? new Uint8Array());
    for (const [name, inferred] of Object.entries(shapes)) {
      const sizes = declared.get(name);
      expect(sizes, name).toHaveLength(inferred.length);
      for (const [axis, size] of inferred.entries()) {
        if (typeof size !== 'number') continue;
        expect(sizes?.[axis], `${name}, axis ${axis}`).toBe(size);
        compared++;
      }
    }
  }
  expect(compared).toBeGreaterThan(50);
}
