import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Failure, failure } from '../../src/diagnostics/failure.js';
import { type RowSource, tensorRows } from '../../src/predict/rows/row-source.js';
import { predictRows } from '../../src/predict/windows/predict-rows.js';
import { type WindowModel, withMirrors } from '../../src/predict/windows/window-model.js';
import { planWindows } from '../../src/predict/windows/window-plan.js';
import { ok } from '../data/folder.js';

import { byRows, free, randomImage, strangeModel } from './windows-by-hand.js';

/** As a model on another thread: one run after the other, each a moment after it was asked for. */
function besideModel(model: WindowModel, trace: string[], failsAt = Number.NaN): WindowModel {
  let last: Promise<unknown> = Promise.resolve();
  let [asked, answered] = [0, 0];
  return {
    isBeside: true,
    run(input) {
      const index = asked++;
      trace.push(`ask ${index}`);
      // The one that is computed, and the one that follows.
      expect(asked - answered).toBeLessThanOrEqual(3);
      const output = last.then(async () => {
        await wait(1);
        answered += 1;
        trace.push(`answer ${index}`);
        return index === failsAt ? failure('model-failed', { reason: 'it is tired' }) : model.run(input);
      });
      last = output;
      return output;
    },
  };
}

describe('a model beside this thread', () => {
  const image = randomImage([2, 40, 33], 5);
  const plan = ok(planWindows([free(4), free(4)], [0, 0], [40, 33], { tile: 8 }));
  const model = strangeModel(2, [0, 0]);
  const options = { batch: 3 };

  test.each([
    ['', {}],
    ['of mirror images', { mirror: true }],
    ['from row 17 on', { from: 17 }],
    ['by zeros', { border: 'zero' }],
  ] as const)('the same bytes %s', async (_, own) => {
    const chosen = { ...options, ...own };
    const mirrored = (one: WindowModel) => ('mirror' in own ? withMirrors(one, [0, 1]) : one);
    const wanted = await byRows(mirrored(model), image, plan, chosen);
    const found = await byRows(mirrored(besideModel(model, [])), image, plan, chosen);
    expect(found).toEqual(wanted);
    expect(wanted.pieces.length).toBeGreaterThan(3);
  });

  test('it has its next windows before its outputs are used', async () => {
    const trace: string[] = [];
    let uses = 0;
    const onProgress = () => trace.push(`use ${uses++}`);
    const { values } = await byRows(besideModel(model, trace), image, plan, { ...options, onProgress });
    const count = trace.filter((one) => one.startsWith('ask')).length;
    expect(values.length).toBeGreaterThan(0);
    expect(count).toBeGreaterThan(20);
    for (let i = 0; i + 1 < count; i++) {
      expect(trace.indexOf(`ask ${i + 1}`)).toBeLessThan(trace.indexOf(`answer ${i}`));
      expect(trace.indexOf(`ask ${i + 1}`)).toBeLessThan(trace.indexOf(`use ${i}`));
    }
  });

  const failingSource = (rows: number): RowSource => {
    const inner = tensorRows(image);
    const wrong = failure('model-failed', { reason: 'the disk is gone' });
    return { ...inner, rows: (from, to) => (to > rows ? Promise.resolve(wrong) : inner.rows(from, to)) };
  };

  /** The rows before the failure, and the failure. */
  async function untilFailure(one: WindowModel, source: RowSource) {
    const pieces: unknown[] = [];
    for await (const part of predictRows(one, source, plan, options)) pieces.push(part);
    return pieces;
  }

  test.each([0, 1, 7, 25])('batch %i fails: the rows before it, and no run is left', async (failsAt) => {
    let index = 0;
    const failing: WindowModel = {
      run: (input) =>
        index++ === failsAt
          ? Promise.resolve(failure('model-failed', { reason: 'it is tired' }))
          : model.run(input),
    };
    const wanted = await untilFailure(failing, tensorRows(image));
    const trace: string[] = [];
    const found = await untilFailure(besideModel(model, trace, failsAt), tensorRows(image));
    expect(found).toEqual(wanted);
    expect(found.at(-1)).toBeInstanceOf(Failure);
    expect(trace.filter((one) => one.startsWith('answer'))).toHaveLength(
      trace.filter((one) => one.startsWith('ask')).length,
    );
    expect(trace).not.toContain(`ask ${failsAt + 3}`);
  });

  test.each([0, 8, 25, 39])('row %i cannot be read: the rows before it', async (rows) => {
    const wanted = await untilFailure(model, failingSource(rows));
    const found = await untilFailure(besideModel(model, []), failingSource(rows));
    expect(found).toEqual(wanted);
    expect(found.at(-1)).toBeInstanceOf(Failure);
  });

  test('a caller that stops waits for what is under way', async () => {
    const trace: string[] = [];
    for await (const part of predictRows(besideModel(model, trace), tensorRows(image), plan, options)) {
      expect(part).not.toBeInstanceOf(Failure);
      break;
    }
    const asked = trace.filter((one) => one.startsWith('ask')).length;
    expect(trace.filter((one) => one.startsWith('answer'))).toHaveLength(asked);
    await wait(5);
    expect(trace.filter((one) => one.startsWith('ask'))).toHaveLength(asked);
  });

  test('a model that throws', async () => {
    let index = 0;
    const throwing: WindowModel = {
      isBeside: true,
      async run(input) {
        const own = index++;
        await wait(1);
        if (own >= 4) throw new Error(`bug ${own}`);
        return model.run(input);
      },
    };
    await expect(untilFailure(throwing, tensorRows(image))).rejects.toThrow('bug 4');
    await wait(5);
  });
});
