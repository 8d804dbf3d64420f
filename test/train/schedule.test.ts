import { describe, expect, test } from 'vitest';
import { type LearningRateSchedule, rateAt, scheduleProblem } from '../../src/train/loop/schedule.js';

/** The rates of all steps of 4 epochs of 5 steps, from 0.2 on. */
function rates(schedule: LearningRateSchedule): number[] {
  return Array.from({ length: 20 }, (_, step) =>
    rateAt(schedule, 0.2, { step, stepsPerEpoch: 5, epochs: 4 }),
  );
}

const inEpochs = (values: readonly number[]) =>
  values.flatMap((value) => Array.from({ length: 5 }, () => value));

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found.length).toBe(expected.length);
  for (const [i, rate] of expected.entries()) expect(found[i], `step ${i}`).toBeCloseTo(rate, 12);
}

describe('the learning rate of each step', () => {
  test('constant', () => expectClose(rates({ kind: 'constant', warmup: 0 }), inEpochs([0.2, 0.2, 0.2, 0.2])));

  test('step: times a factor after every second epoch', () =>
    expectClose(rates({ kind: 'step', every: 2, factor: 0.1, warmup: 0 }), inEpochs([0.2, 0.2, 0.02, 0.02])));

  test('poly, by epochs', () =>
    // 0.2 * (1 - e/4)^0.9 for e = 0..3, by Python.
    expectClose(
      rates({ kind: 'poly', power: 0.9, warmup: 0 }),
      inEpochs([0.2, 0.15437790134471, 0.10717734625363, 0.05743491774985]),
    ));

  test('cosine: from the start by half a wave', () => {
    const found = rates({ kind: 'cosine', warmup: 0 });
    expect(found[0]).toBe(0.2);
    expect(found[5]).toBeCloseTo(0.1 + 0.1 * Math.SQRT1_2, 12);
    expect(found[10]).toBeCloseTo(0.1, 12);
    expect(found[15]).toBeCloseTo(0.1 - 0.1 * Math.SQRT1_2, 12);
    // It would be 0 after the last step, but not in it.
    expect(found[19]).toBeCloseTo(0.1 * (1 - Math.cos(Math.PI / 20)), 12);
  });

  test('cosine after a warm-up in a straight line', () => {
    const found = rates({ kind: 'cosine', warmup: 4 });
    expectClose(found.slice(0, 5), [0.05, 0.1, 0.15, 0.2, 0.2]);
    // The middle of the other 16 steps.
    expect(found[12]).toBeCloseTo(0.1, 12);
    expect(Math.max(...found)).toBe(0.2);
  });

  test('a warm-up before the others: their epochs are counted from the first step', () => {
    const warmup = [0.2 / 7, 0.4 / 7, 0.6 / 7, 0.8 / 7, 1 / 7, 1.2 / 7, 0.2];
    for (const [schedule, others] of [
      [{ kind: 'constant', warmup: 7 }, [0.2, 0.2, 0.2]],
      [{ kind: 'step', every: 1, factor: 0.5, warmup: 7 }, [0.1, 0.05, 0.025]],
      [{ kind: 'poly', power: 1, warmup: 7 }, [0.15, 0.1, 0.05]],
    ] as const) {
      expectClose(rates(schedule), [...warmup, ...inEpochs(others).slice(2)]);
    }
  });

  test('a warm-up that is longer than the training', () =>
    expectClose(
      rates({ kind: 'cosine', warmup: 40 }),
      Array.from({ length: 20 }, (_, step) => (0.2 * (step + 1)) / 40),
    ));
});

describe('a warmup', () => {
  test.each([
    [0, true],
    [19, true],
    [20, false],
    [21, false],
  ])('of %i of 20 steps', (warmup, isShort) => {
    for (const kind of ['cosine', 'constant'] as const) {
      const problem = scheduleProblem({ kind, warmup }, 5, 4);
      if (isShort) expect(problem).toBeUndefined();
      else {
        expect(problem).toMatchObject({
          code: 'warmup-too-long',
          args: { warmup, epochs: 4, stepsPerEpoch: 5 },
        });
      }
    }
  });
});
