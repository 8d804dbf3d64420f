import { basename } from 'node:path';
import { type InspectedPair, inspectedPair, inspectPair } from '../data/files/inspect.js';
import type { FilePair } from '../data/layouts/file-pair.js';
import { type Item, listFolder } from '../data/layouts/list-folder.js';
import { pairItems } from '../data/layouts/pair-items.js';
import { Failure, failure } from '../diagnostics/failure.js';
import { fileStem } from '../formats/format-of.js';
import { mapBase } from '../predict/maps/map-path.js';
import { isFolder } from '../runtime/files/folders.js';

/** Predictions with their truth. */
export interface PairedPredictions {
  readonly pairs: readonly InspectedPair[];
  /** How many masks have no prediction, and are left out. */
  readonly leftOut: number;
}

/**
 * Pairs predictions with their truth: two files, or the files of two folders by their names, as images are paired with masks.
 * Reads all headers. Fails with everything that does not fit.
 *
 * @param isSubset whether masks may have no prediction
 */
export async function pairPredictions(
  predictions: string,
  truth: string,
  isSubset: boolean,
): Promise<PairedPredictions | Failure> {
  const found = filesOf(predictions, truth);
  if (found instanceof Failure) return found;
  const isMissing = ({ code, args }: Failure) =>
    code === 'partner-missing' && Reflect.get(args, 'missing') === 'image';
  const missing = found.problems.filter(isMissing);
  const problems = found.problems.filter((one) => !isMissing(one));
  if (!isSubset) {
    for (const { args } of missing) {
      const path = String(Reflect.get(args, 'path'));
      problems.push(failure('prediction-missing', { path, folder: predictions }));
    }
  }
  const pairs: InspectedPair[] = [];
  for (const pair of found.pairs) {
    const facts = await inspectPair(pair);
    if ('spatial' in facts) pairs.push(inspectedPair(pair, facts, facts.instances));
    else problems.push(...facts);
  }
  if (problems.length > 0) return failure('data-set-invalid', { folder: predictions, problems });
  if (pairs.length === 0) return failure('cases-missing', { input: predictions });
  return { pairs, leftOut: missing.length };
}

function filesOf(
  predictions: string,
  truth: string,
): { readonly pairs: readonly FilePair[]; readonly problems: readonly Failure[] } | Failure {
  if (!isFolder(predictions) || !isFolder(truth)) {
    const pair = { name: fileStem(basename(predictions)), images: [predictions], mask: truth };
    return { pairs: [pair], problems: [] };
  }
  const [own, other] = [listFolder(predictions), listFolder(truth)];
  if (own instanceof Failure) return own;
  if (other instanceof Failure) return other;
  return pairItems({ ...own, items: labelsOf(own.items, other.items) }, other);
}

/** The items that are labels: without the maps that `unet predict` writes beside them, unless there is a truth for these. */
function labelsOf(items: readonly Item[], truth: readonly Item[]): readonly Item[] {
  const stems = new Set(items.map(({ stem }) => stem));
  return items.filter(({ stem }) => {
    const base = mapBase(stem);
    return base === undefined || !stems.has(base) || truth.some((one) => one.stem.startsWith(stem));
  });
}
