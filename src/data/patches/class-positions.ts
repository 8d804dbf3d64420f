import type { Rng } from '../rng.js';

/** Positions that are counted together: a search reads at most so many. */
const CHUNK = 4096;

/** How many numbers countClassesByChunk gives. */
export function countsLength(positions: number, classCount: number): number {
  return classCount * Math.ceil(positions / CHUNK);
}

/**
 * How often each class occurs in each chunk of 4096 positions: class k of chunk i at k * chunks + i. So any position of a
 * class can be found without a list of them, which for a volume would be larger than the volume.
 */
export function countClassesByChunk(classes: Uint16Array, classCount: number): Uint32Array {
  const chunks = Math.ceil(classes.length / CHUNK);
  const counts = new Uint32Array(countsLength(classes.length, classCount));
  for (let i = 0; i < classes.length; i++) {
    // Below the length of `classes`.
    const label = classes[i] as number;
    if (label >= classCount) continue;
    const at = label * chunks + Math.floor(i / CHUNK);
    // A class below classCount in one of the chunks.
    counts[at] = (counts[at] as number) + 1;
  }
  return counts;
}

function total(counts: Uint32Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * A random position of a random class: one of the classes from 1 on that occur, all equally likely, and one of its positions.
 * Undefined if only class 0 occurs. `counts` come from countClassesByChunk.
 */
export function drawForeground(
  classes: Uint16Array,
  counts: Uint32Array,
  classCount: number,
  rng: Rng,
): number | undefined {
  const chunks = Math.ceil(classes.length / CHUNK);
  const of = (label: number) => counts.subarray(label * chunks, (label + 1) * chunks);
  const present: number[] = [];
  for (let label = 1; label < classCount; label++)
    if (of(label).some((count) => count > 0)) present.push(label);
  const label = present[rng.index(Math.max(1, present.length))];
  if (label === undefined) return undefined;
  let rest = rng.index(total(of(label)));
  let chunk = 0;
  for (const count of of(label)) {
    if (rest < count) break;
    rest -= count;
    chunk++;
  }
  for (let i = chunk * CHUNK; i < classes.length; i++) {
    if (classes[i] === label && rest-- === 0) return i;
  }
  throw new Error('the counts belong to other classes');
}
