import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { parametersOf } from '../../src/ir/graph.js';
import { readTensor } from '../../src/weights/weight-source.js';
import { exampleInput, exampleWeights } from '../onnx/example-graphs.js';
import { modelBytes, relativeError, runOnnx } from '../onnx/run-onnx.js';
import { runInPage } from './in-page.js';
import { compiled, specOf } from './networks.js';

/** Two engines may differ by this much, relative to the largest magnitude. */
export const TOLERANCE = 1e-4;

/** Runs a network in a page that has the library, with weights of which none is 0 or 1, and on onnxruntime. */
export async function expectEqualNumbers(page: Page, engine: string, name: string): Promise<void> {
  const text = specOf(name);
  const { graph } = compiled(text);
  const input = exampleInput(graph, 2);
  const weights = parametersOf(graph).map((parameter): [string, number[]] => [
    parameter.name,
    Array.from(readTensor(exampleWeights, parameter)),
  ]);
  const expected = (await runOnnx(modelBytes(graph), input)).get('output');
  const found = await runInPage(page, {
    text,
    engine,
    weights: Object.fromEntries(weights),
    input: { shape: [...input.shape], data: Array.from(input.data) },
  });
  expect(found.shape).toEqual(expected?.shape);
  expect(relativeError(found.data, expected?.data ?? [])).toBeLessThanOrEqual(TOLERANCE);
  expect(found.left, 'tensors that are left behind').toBe(0);
}
