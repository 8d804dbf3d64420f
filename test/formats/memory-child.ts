import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../../src/diagnostics/failure.js';
import { readArray, readHeader } from '../../src/formats/read.js';
import { mutated, numbersFrom } from './mutated-bytes.js';

// Run with --expose-gc: reads a file, and then `count` mutations of it, and prints by how many bytes the largest resident
// set grew, the longest time in milliseconds, how many gave an array, and the bytes of the largest one.
const [path = '', count = '0', seed = '0'] = process.argv.slice(2);
const original = new Uint8Array(readFileSync(path));
const next = numbersFrom(Number(seed));
const changed = join(dirname(path), `changed-${basename(path)}`);
const peak = () => process.resourceUsage().maxRSS * 1024;

for (let warm = 0; warm < 3; warm++) {
  await readArray(path);
  globalThis.gc?.();
}
const before = peak();
let [arrays, longest, largest] = [0, 0, 0];
for (let i = 0; i < Number(count); i++) {
  writeFileSync(changed, mutated(original, next));
  globalThis.gc?.();
  const start = performance.now();
  await readHeader(changed);
  const read = await readArray(changed);
  longest = Math.max(longest, performance.now() - start);
  if (read instanceof Failure) continue;
  arrays++;
  // A changed header may well describe a larger array.
  largest = Math.max(largest, read.data.byteLength);
}
process.stdout.write(JSON.stringify({ grown: peak() - before, arrays, longest, largest }));
