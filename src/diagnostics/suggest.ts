import { distance } from 'fastest-levenshtein';
import type { Extras } from './diagnostic.js';
import type { Span } from './span.js';

/**
 * The candidate that a misspelt name most likely means; undefined if none is near. Near means an edit distance of at most
 * a third of the longer name, rounded up, or of 1 for names of up to four letters. Swapping two neighbouring letters counts
 * as one edit, and case does not count.
 */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  // A very long name is not a typing mistake, and comparing it would take time.
  if (name.length > 64) return undefined;
  for (const candidate of candidates) {
    const [a, b] = [name.toLowerCase(), candidate.toLowerCase()];
    const steps = areSwapped(a, b) ? 1 : distance(a, b);
    const longer = Math.max(name.length, candidate.length);
    const limit = longer <= 4 ? 1 : Math.ceil(longer / 3);
    if (steps <= limit && steps < bestDistance) {
      best = candidate;
      bestDistance = steps;
    }
  }
  return best;
}

/** Whether two words differ only by two neighbouring letters that are swapped. */
function areSwapped(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  const i = [...a].findIndex((letter, at) => letter !== b[at]);
  return i >= 0 && a[i] === b[i + 1] && a[i + 1] === b[i] && a.slice(i + 2) === b.slice(i + 2);
}

/**
 * Help and a fix for an unknown name: the nearest candidate, or else the first twelve candidates. Without candidates, the
 * help is `otherwise`.
 */
export function suggestionFor(
  name: string,
  span: Span,
  candidates: Iterable<string>,
  otherwise?: string,
): Extras {
  const known = [...new Set(candidates)];
  const suggestion = didYouMean(name, known);
  if (suggestion !== undefined) {
    return {
      help: `did you mean \`${suggestion}\`?`,
      fixes: [{ title: `Change to \`${suggestion}\``, edits: [{ span, newText: suggestion }] }],
    };
  }
  if (known.length === 0) return { help: otherwise };
  const more = known.length > 12 ? ', ...' : '';
  return {
    help: `choose from ${known
      .slice(0, 12)
      .map((one) => `\`${one}\``)
      .join(', ')}${more}`,
  };
}
