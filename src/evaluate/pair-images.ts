import { basename } from 'node:path';
import { type InspectedPair, inspectPair } from '../data/files/inspect.js';
import type { Item } from '../data/layouts/list-folder.js';
import { MaskNames } from '../data/layouts/mask-names.js';
import type { Sample } from '../data/samples/sample.js';
import { samplesOf } from '../data/samples/samples-of-pair.js';
import { Failure, failure } from '../diagnostics/failure.js';
import { fileStem } from '../formats/format-of.js';
import { findCases, type PredictCase } from '../predict/cases/find-cases.js';

/** The images that lie under predictions and their truth. */
export interface FoundImages {
  /** The image of each case, in the order of the cases; undefined where there is none. */
  readonly samples: readonly (Sample | undefined)[];
  /** How many cases have none. */
  readonly missing: number;
}

function itemsOf(paths: readonly string[]): readonly Item[] {
  return paths.map((path) => {
    const name = basename(path);
    return { path, name, stem: fileStem(name).normalize('NFC'), kind: 'data' };
  });
}

/** The image of each pair, by the names of its truth or of its prediction. */
function imagesByName(
  images: readonly PredictCase[],
  pairs: readonly InspectedPair[],
): ReadonlyMap<InspectedPair, PredictCase> {
  const found = new Map<InspectedPair, PredictCase>();
  for (const pathOf of [
    ({ pair }: InspectedPair) => pair.mask,
    ({ pair }: InspectedPair) => pair.images[0] ?? '',
  ]) {
    const names = new MaskNames(itemsOf(pairs.map(pathOf)));
    const byPath = new Map(pairs.map((pair) => [pathOf(pair), pair]));
    for (const image of images) {
      const pair = byPath.get(names.matchOf(image.name.normalize('NFC'))?.mask.path ?? '');
      if (pair && !found.has(pair)) found.set(pair, image);
    }
  }
  return found;
}

/**
 * Finds the images of predictions: a file, a folder or a pattern of files with the names of the predictions or of the truth.
 * Reads all headers. Fails if no case has an image, and with each image that does not fit its masks.
 */
export async function pairImages(
  input: string,
  pairs: readonly InspectedPair[],
): Promise<FoundImages | Failure> {
  const cases = findCases([input]);
  if (cases instanceof Failure) return cases;
  const [only] = cases.cases;
  const byName =
    cases.isOne && only && pairs.length === 1
      ? new Map(pairs.map((pair) => [pair, only]))
      : imagesByName(cases.cases, pairs);
  if (byName.size === 0) {
    return failure('evaluation-images-unmatched', {
      ...{ input, images: cases.cases.length, image: basename(only?.paths[0] ?? '') },
      name: pairs[0]?.pair.name ?? '',
    });
  }
  const problems: Failure[] = [];
  const samples: (Sample | undefined)[] = [];
  for (const pair of pairs) {
    const image = byName.get(pair);
    const facts = image && (await inspectPair({ ...pair.pair, images: image.paths }, { rank: rankOf(pair) }));
    if (facts && !('spatial' in facts)) problems.push(...facts);
    const own =
      facts && 'spatial' in facts ? samplesOf({ ...facts, pair: { ...pair.pair, images: image.paths } }) : [];
    for (let i = 0; i < pair.images; i++) samples.push(own[i]);
  }
  if (problems.length > 0) return failure('data-set-invalid', { folder: input, problems });
  return { samples, missing: samples.filter((one) => one === undefined).length };
}

function rankOf({ spatial }: InspectedPair): 2 | 3 {
  return spatial.length === 3 ? 3 : 2;
}
