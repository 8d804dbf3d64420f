import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ahead } from '../../src/predict/windows/ahead.js';

async function* counting(trace: string[], until: number, failsAt = Number.NaN): AsyncGenerator<number> {
  try {
    for (let i = 0; i < until; i++) {
      trace.push(`make ${i}`);
      await wait(1);
      if (i === failsAt) throw new Error(`no ${i}`);
      trace.push(`made ${i}`);
      yield i;
    }
  } finally {
    trace.push('end');
  }
}

test('the next item is made while one is used, and no other', async () => {
  const trace: string[] = [];
  const found: number[] = [];
  for await (const one of ahead(counting(trace, 4))) {
    found.push(one);
    trace.push(`use ${one}`);
    await wait(10);
    trace.push(`used ${one}`);
  }
  expect(found).toEqual([0, 1, 2, 3]);
  for (const one of [0, 1, 2]) {
    expect(trace.indexOf(`made ${one + 1}`)).toBeLessThan(trace.indexOf(`used ${one}`));
    expect(trace.indexOf(`make ${one + 1}`)).toBeGreaterThan(trace.indexOf(`made ${one}`));
  }
  expect(trace.indexOf('make 2')).toBeGreaterThan(trace.indexOf('used 0'));
  expect(trace.filter((one) => one === 'end')).toHaveLength(1);
});

test('an error comes after the items before it', async () => {
  const trace: string[] = [];
  const found: number[] = [];
  const read = async () => {
    for await (const one of ahead(counting(trace, 5, 2))) {
      // The error is there before its turn: nobody may take it for unhandled.
      await wait(10);
      found.push(one);
    }
  };
  await expect(read()).rejects.toThrow('no 2');
  expect(found).toEqual([0, 1]);
});

test.each([
  ['an item', Number.NaN],
  ['an error', 2],
])('a caller that stops early waits for the next one, %s, and ends the source', async (_, failsAt) => {
  const trace: string[] = [];
  for await (const one of ahead(counting(trace, 5, failsAt))) if (one === 1) break;
  expect(trace).toContain('make 2');
  expect(trace.at(-1)).toBe('end');
  await wait(5);
  expect(trace).not.toContain('make 3');
  expect(trace.at(-1)).toBe('end');
});

test('a source without items', async () => {
  const trace: string[] = [];
  for await (const one of ahead(counting(trace, 0))) expect(one).toBeUndefined();
  expect(trace).toEqual(['end']);
});
