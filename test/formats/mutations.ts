import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { Failure } from '../../src/diagnostics/failure.js';
import { readArray } from '../../src/formats/read.js';
import { countOf, sizesOf } from '../../src/formats/stored-array.js';
import { casesIn, type FormatCase } from './case-files.js';
import { mutated, numbersFrom } from './mutated-bytes.js';

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
