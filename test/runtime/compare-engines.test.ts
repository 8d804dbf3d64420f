import { describe, expect, test } from 'vitest';
import { Failure, failure } from '../../src/diagnostics/failure.js';
import type { Session } from '../../src/runtime/engine.js';
import { compareEngines } from '../../src/runtime/inference/compare-engines.js';
import type { Tensor } from '../../src/runtime/tensor.js';

/** A session that gives these outputs, one after the other. */
function sessionOf(
  results: readonly (Readonly<Record<string, readonly number[]>> | Failure)[],
): Session & { closed: number } {
  let run = 0;
  return {
    inputs: [],
    outputs: [],
    metadata: {},
    closed: 0,
    async run() {
      const result = results[run++] ?? failure('model-failed', { reason: 'nothing more' });
      if (result instanceof Failure) return result;
      return new Map(
        Object.entries(result).map(([name, data]): [string, Tensor] => [
          name,
          { shape: [1, data.length], data: Float32Array.from(data) },
        ]),
      );
    },
    async close() {
      this.closed += 1;
    },
  };
}

const stages = [
  { stage: 'a', first: 'x', second: 'p' },
  { stage: 'b', first: 'y', second: 'q' },
];
const input: Tensor = { shape: [1], data: new Float32Array(1) };

describe('two engines', () => {
  test('the largest difference of all windows is kept, by stage', async () => {
    const first = sessionOf([
      { x: [1, 2], y: [3] },
      { x: [-8, 0], y: [3] },
    ]);
    const second = sessionOf([
      { p: [1.5, 2], q: [3] },
      { p: [-8, 0.25], q: [3] },
    ]);
    const { session, differences } = compareEngines(first, second, stages);
    const outputs = await session.run(input);
    await session.run(input);
    expect(outputs instanceof Failure ? outputs.message : [...outputs.keys()]).toEqual(['x', 'y']);
    expect(differences()).toEqual([
      { stage: 'a', shape: [1, 2], difference: 0.5, magnitude: 8 },
      { stage: 'b', shape: [1, 1], difference: 0, magnitude: 3 },
    ]);
    await session.close();
    expect([first.closed, second.closed]).toEqual([1, 1]);
  });

  test.each([
    [[Number.NaN], [1], Number.POSITIVE_INFINITY],
    [[1], [Number.NaN], Number.POSITIVE_INFINITY],
    [[Number.NaN], [Number.NaN], 0],
    [[Number.POSITIVE_INFINITY], [Number.POSITIVE_INFINITY], 0],
    [[Number.POSITIVE_INFINITY], [1], Number.POSITIVE_INFINITY],
  ])('%j against %j is %d apart', async (a, b, expected) => {
    const { session, differences } = compareEngines(
      sessionOf([{ x: a }]),
      sessionOf([{ p: b }]),
      stages.slice(0, 1),
    );
    await session.run(input);
    expect(differences()[0]?.difference).toBe(expected);
  });

  test('other shapes, and failures of either, are failures', async () => {
    const shapes = compareEngines(sessionOf([{ x: [1, 2] }]), sessionOf([{ p: [1] }]), stages.slice(0, 1));
    const found = { case: 'shape', first: [1, 2], second: [1, 1] } as const;
    expect(await shapes.session.run(input)).toEqual(failure('engines-disagree', { stage: 'a', found }));
    const outOfMemory = failure('model-failed', { reason: 'no memory' });
    const broken = compareEngines(sessionOf([{ x: [1] }]), sessionOf([outOfMemory]), stages.slice(0, 1));
    expect(await broken.session.run(input)).toBe(outOfMemory);
  });
});
