import type { Rng } from '../rng.js';
import { drawIndex } from './sample-index.js';

/** Positions counted together: a search reads so many at most. */
const CHUNK = 4096;

/** How many numbers countClasses gives. */
export function countsLength(positions: number, classCount: number): number {
  return classCount * Math.ceil(positions / CHUNK);
}

/**
 * How often each class occurs in each run of 4096 positions: class k of run i at k * runs + i. So any position of a class
 * is found without a list of them, which for a volume would be larger than the volume.
 */
export function countClassesByChunk(classes: Uint8Array, classCount: number): Uint32Array {
  const runs = Math.ceil(classes.length / CHUNK);
  const counts = new Uint32Array(countsLength(classes.length, classCount));
  for (let i = 0; i < classes.length; i++) {
    const label = classes[i] as number;
    if (label >= classCount) continue;
    const at = label * runs + Math.floor(i / CHUNK);
    counts[at] = (counts[at] as number) + 1;
  }
  return counts;
}

function total(counts: Uint32Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * A position of a random class of those from 1 that occur, and of its positions a random one; undefined where
 * only class 0 occurs. `counts` are those of countClasses.
 */
export function drawForeground(
  classes: Uint8Array,
  counts: Uint32Array,
  classCount: number,
  rng: Rng,
): number | undefined {
  const runs = Math.ceil(classes.length / CHUNK);
  const of = (label: number) => counts.subarray(label * runs, (label + 1) * runs);
  const present: number[] = [];
  for (let label = 1; label < classCount; label++)
    if (of(label).some((count) => count > 0)) present.push(label);
  const label = present[drawIndex(rng, Math.max(1, present.length))];
  if (label === undefined) return undefined;
  let rest = drawIndex(rng, total(of(label)));
  let run = 0;
  for (const count of of(label)) {
    if (rest < count) break;
    rest -= count;
    run++;
  }
  for (let i = run * CHUNK; i < classes.length; i++) {
    if (classes[i] === label && rest-- === 0) return i;
  }
  throw new Error('the counts are of other classes');
}
