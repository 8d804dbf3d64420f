import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'vitest';
import { renderText } from '../../src/diagnostics/render/text.js';
import { brokenFiles, compileBroken, readBroken } from './broken-files.js';
import { readFixture } from './fixture-format.js';
import { mutate, Random } from './mutate.js';

const specs = join(import.meta.dirname, '..', '..', 'specs');

/** What is mutated: all specs, and every fifth fixture. */
export const seeds: readonly { readonly name: string; readonly text: string }[] = [
  ...readdirSync(specs, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.unet'))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(specs, name), 'utf8') })),
  ...brokenFiles
    .filter((_, i) => i % 5 === 0)
    .map((name) => ({ name, text: readFixture(readBroken(name)).text })),
];

/** The most that one mutation may take: far above what is usual, so that only a loop or an explosion fails. */
const MILLISECONDS = 10_000;

/** Compiles and renders `count` mutations of a text; fails with the mutation where anything throws or hangs. */
export async function fuzz(name: string, text: string, count: number, seed: number): Promise<void> {
  const random = new Random(seed);
  for (let i = 0; i < count; i += 1) {
    // A worker that never yields looks dead to the test runner.
    if (i % 100 === 99) await setImmediate();
    const mutation = mutate(text, random);
    const start = performance.now();
    try {
      const diagnostics = compileBroken(name, mutation);
      renderText(diagnostics, { color: false });
      for (const { span } of diagnostics) {
        expect(span.start).toBeGreaterThanOrEqual(0);
        expect(span.end).toBeGreaterThanOrEqual(span.start);
        expect(span.end).toBeLessThanOrEqual(span.file.text.length);
      }
    } catch (error) {
      throw new Error(`mutation ${i} of ${name} makes the compiler throw:\n${mutation}`, { cause: error });
    }
    const time = performance.now() - start;
    if (time > MILLISECONDS) throw new Error(`mutation ${i} of ${name} took ${time} ms:\n${mutation}`);
  }
}
