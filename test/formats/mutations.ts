import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { Failure } from '../../src/diagnostics/failure.js';
import { readArray } from '../../src/formats/read.js';
import { countOf, sizesOf } from '../../src/formats/stored-array.js';
import { casesIn, type FormatCase } from './case-files.js';

/** A small generator of numbers that a seed decides (mulberry32). */
export function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Bytes that headers are sensitive to. */
const SPECIAL = [0, 1, 0x7f, 0x80, 0xff, 0xfe, 0x0a, 0x20, 0x30, 0x39, 0x2d];

/** A file that was cut, or of which some bytes were changed, most of them near its start or end. */
export function mutated(bytes: Uint8Array, next: (below: number) => number): Uint8Array {
  if (next(5) === 0) return bytes.slice(0, next(bytes.length));
  const result = Uint8Array.from(bytes);
  for (let count = 1 + next(next(3) === 0 ? 24 : 3); count > 0; count--) {
    const at = next(2) === 0 ? next(Math.min(600, bytes.length)) : next(bytes.length);
    result[at] = next(2) === 0 ? (SPECIAL[next(SPECIAL.length)] ?? 0) : next(256);
  }
  return result;
}

/** All files of the fixtures. */
export function allCases(): FormatCase[] {
  const folder = join(import.meta.dirname, 'fixtures');
  return readdirSync(folder).flatMap((file) => casesIn(join(folder, file)));
}

/** Reads `count` mutated files: each gives an array of the sizes that its header has, or a coded failure. */
export async function readMutations(
  cases: readonly FormatCase[],
  count: number,
  seed: number,
): Promise<void> {
  const next = numbersFrom(seed);
  const folder = mkdtempSync(join(tmpdir(), 'unet-mutations-'));
  try {
    for (let i = 0; i < count; i++) {
      const one = cases[next(cases.length)];
      const names = Object.keys(one?.files ?? {});
      const changed = names[next(names.length)];
      const main = one?.name.replace(/#.*/, '') ?? '';
      for (const name of names) {
        const bytes = Buffer.from(one?.files[name] ?? '', 'base64');
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), name === changed ? mutated(bytes, next) : bytes);
      }
      const label = `${main}, mutation ${i} of seed ${seed}`;
      const start = performance.now();
      const read = await readArray(join(folder, main));
      expect(performance.now() - start, `${label} takes too long`).toBeLessThan(5000);
      if (read instanceof Failure) expect(read.code, `${label}: ${read.message}`).toBeDefined();
      else expect(read.data.length, label).toBe(countOf(sizesOf(read.header.axes)));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
