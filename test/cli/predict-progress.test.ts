import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PredictProgress, type ProgressCase } from '../../src/cli/output/predict/predict-progress.js';
import { durationText, TimeLeft } from '../../src/cli/output/predict/time-left.js';
import { WindowProgress } from '../../src/predict/rows/window-progress.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A terminal, and what it was sent until the end of a moment, without control sequences. */
function terminal(isTTY = true) {
  const written: string[] = [];
  const stream = new Writable({
    write(data, _, done) {
      written.push(String(data));
      done();
    },
  });
  // These are all that a bar uses.
  const terminal = Object.assign(stream, { isTTY, columns: 120 }) as unknown as NodeJS.WriteStream;
  const shown = (ms: number): string => {
    vi.advanceTimersByTime(ms);
    const text = written.splice(0).join('');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a terminal is sent
    return text.replace(/\u001b(\[[0-9;?]*[a-zA-Z]|[78])/g, '');
  };
  return { terminal, shown, written };
}

const cases: readonly ProgressCase[] = [
  { name: 'a', bytes: 100 },
  { name: 'b', bytes: 300 },
];

function progressOf(some: readonly ProgressCase[], isTTY = true) {
  const { terminal: stream, shown, written } = terminal(isTTY);
  const progress = new PredictProgress(some, stream, () => Date.now());
  return { progress, shown, written };
}

describe('the progress of a prediction', () => {
  test('one case: its windows, and the time that is left at the present rate', () => {
    const { progress, shown } = progressOf(cases.slice(0, 1));
    progress.begin(0);
    // Reading takes 5 s, and each window 2 s.
    vi.advanceTimersByTime(5000);
    progress.update(1, 20);
    const first = shown(500);
    expect(first).toContain('predicting');
    expect(first).toContain('1/20 windows');
    expect(first).not.toContain('left');
    vi.advanceTimersByTime(1500);
    progress.update(2, 20);
    const second = shown(500);
    expect(second).toContain('10 %');
    expect(second).toContain('2/20 windows');
    expect(second).toContain('36 s left');
    vi.advanceTimersByTime(7500);
    progress.update(6, 20);
    expect(shown(500)).toContain('28 s left');
    progress.end();
  });

  test('several cases: the whole, by the sizes of their files', () => {
    const { progress, shown } = progressOf(cases);
    progress.begin(0);
    progress.update(1, 4);
    vi.advanceTimersByTime(3000);
    progress.update(4, 4);
    // 1/16 to 4/16 of all took 3 s.
    const first = shown(500);
    expect(first).toContain('predicting a (1 of 2)');
    expect(first).toContain('25 %');
    expect(first).toContain('4/4 windows');
    expect(first).toContain('12 s left');
    progress.end();
    progress.begin(1);
    vi.advanceTimersByTime(4500);
    progress.update(1, 2);
    const second = shown(500);
    expect(second).toContain('predicting b (2 of 2)');
    expect(second).toContain('62 %');
    // 10/16 - 1/16 took 8 s.
    expect(second).toContain('6 s left');
    progress.update(2, 2);
    expect(shown(500)).toContain('100 %');
    progress.end();
  });

  test('work of less than a second shows nothing', () => {
    const { progress, written } = progressOf(cases);
    progress.begin(0);
    progress.update(2, 4);
    vi.advanceTimersByTime(900);
    progress.update(3, 4);
    vi.advanceTimersByTime(900);
    progress.end();
    expect(written).toEqual([]);
  });

  test('without a terminal, nothing is shown', () => {
    const { progress, written } = progressOf(cases, false);
    for (let i = 1; i <= 4; i++) {
      vi.advanceTimersByTime(2000);
      progress.update(i, 4);
    }
    progress.end();
    vi.advanceTimersByTime(2000);
    expect(written).toEqual([]);
  });
});

test('the time left waits for a rate, and is never negative', () => {
  let now = 1000;
  const left = new TimeLeft(() => now);
  expect(left.after(0.5)).toBeUndefined();
  now += 5000;
  expect(left.after(0.5)).toBeUndefined();
  expect(left.after(0.75)).toBeCloseTo(5);
  expect(left.after(1)).toBe(0);
  now += 1;
  expect(new TimeLeft(() => now).after(0)).toBeUndefined();
});

test.each([
  [0, '0 s'],
  [0.2, '1 s'],
  [59.5, '1 min 0 s'],
  [61, '1 min 1 s'],
  [3599.5, '1 h 0 min'],
  [3601, '1 h 1 min'],
  [7261, '2 h 2 min'],
])('%d s are %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

describe('windows of several models and images', () => {
  test('they are counted as one', () => {
    const reports: [number, number][] = [];
    const progress = new WindowProgress([4, 2], 2, (...one) => reports.push(one));
    progress.update(0, 2, 4);
    progress.update(1, 2, 2);
    progress.update(0, 4, 4);
    progress.next();
    progress.update(0, 4, 4);
    progress.update(1, 2, 2);
    expect(reports).toEqual([
      [2, 12],
      [4, 12],
      [6, 12],
      [10, 12],
      [12, 12],
    ]);
  });

  test('after a stop, an image has fewer', () => {
    const reports: [number, number][] = [];
    const progress = new WindowProgress([4], 2, (...one) => reports.push(one));
    progress.update(0, 1, 1);
    progress.next();
    progress.update(0, 4, 4);
    expect(reports).toEqual([
      [1, 5],
      [5, 5],
    ]);
  });
});
