import { distance } from 'fastest-levenshtein';

/**
 * The name among `candidates` that a typing mistake most likely meant, or undefined if none is near.
 * Near is an edit distance of at most a third of the longer name, and at least 1; case does not count.
 */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  // A very long name is no typing mistake, and comparing it would cost time for nothing.
  if (name.length > 64) return undefined;
  for (const candidate of candidates) {
    const steps = distance(name.toLowerCase(), candidate.toLowerCase());
    const limit = Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3));
    if (steps <= limit && steps < bestDistance) {
      best = candidate;
      bestDistance = steps;
    }
  }
  return best;
}
