import { existsSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { Failure, failure } from '../../../diagnostics/failure.js';
import { stemOf } from '../../files/file-names.js';
import type { FilePair, FoundPairs } from '../file-pair.js';
import { pairFolders } from '../folder-pairs.js';
import type { DatasetJson, ListedCases } from './dataset-json.js';

/** Says of a case that its files are not as many as the channels that dataset.json names. */
function channelProblem({ path, description }: DatasetJson, pairs: readonly FilePair[]): Failure | undefined {
  const named = description.channelNames?.length;
  const odd = pairs.find(({ images }) => images.length > 1 && images.length !== named);
  if (named === undefined || odd === undefined) return undefined;
  const problem = { case: 'channels', named, files: odd.images.length, image: odd.name } as const;
  return failure('dataset-json-invalid', { path, problem });
}

/** The pairs that dataset.json lists. */
function listedPairs(folder: string, { cases }: ListedCases): FilePair[] {
  const at = (path: string) => (isAbsolute(path) ? path : join(folder, path));
  return cases.map(({ name, images, mask }) => ({
    name: name ?? stemOf(basename(mask)),
    images: images.map(at),
    mask: at(mask),
  }));
}

/** The files of a list that do not exist. */
function missingFiles(pairs: readonly FilePair[]): string[] {
  // In the Decathlon's form an image a.nii.gz of several channels may be a_0000.nii.gz and so on.
  const isThere = (path: string) =>
    existsSync(path) || existsSync(path.replace(/(\.nii(\.gz)?)$/, '_0000$1'));
  return pairs.flatMap(({ images, mask }) => [
    ...images.filter((path) => !isThere(path)),
    ...(existsSync(mask) ? [] : [mask]),
  ]);
}

/** Fails for the files of a list that do not exist. */
function listProblem({ path, listed }: DatasetJson, pairs: readonly FilePair[]): Failure | undefined {
  const missing = missingFiles(pairs);
  if (listed === undefined || missing.length === 0) return undefined;
  const total = pairs.reduce((sum, pair) => sum + pair.images.length + 1, 0);
  return failure('dataset-json-invalid', { path, problem: { case: 'listed', missing, total } });
}

/**
 * Pairs the files of two folders and obeys dataset.json, in which nnU-Net and the Medical Segmentation Decathlon name the
 * labels, the channels, the ending of the files and the number of cases.
 */
export function pairAsDescribed(
  json: DatasetJson,
  folder: string,
  { images, masks }: { readonly images: string; readonly masks: string },
): FoundPairs | Failure {
  const { description, labelSource, ending, cases, listed } = json;
  const missing = listed && listProblem(json, listedPairs(folder, listed));
  if (missing) return missing;
  const rules = { ending, classNames: description.classNames };
  const found = pairFolders(join(folder, images), join(folder, masks), rules);
  if (found instanceof Failure) return found;
  const wrong = channelProblem(json, found.pairs);
  const notes = [...json.notes, ...found.notes];
  if (cases !== undefined && cases !== found.pairs.length && found.problems.length === 0) {
    notes.push(`dataset.json has ${cases} cases (numTraining), and the folders have ${found.pairs.length}`);
  }
  return {
    pairs: found.pairs,
    problems: wrong ? [...found.problems, wrong] : found.problems,
    notes,
    description,
    labelSource,
  };
}

/** The pairs of a dataset.json that lists all files of its set. */
export function pairAsListed(json: DatasetJson, folder: string, listed: ListedCases): FoundPairs | Failure {
  const pairs = listedPairs(folder, listed);
  const problem = listProblem(json, pairs) ?? channelProblem(json, pairs);
  const notes = [...json.notes, `dataset.json lists the files of ${pairs.length} cases`];
  const { description, labelSource } = json;
  return problem ?? { pairs, problems: [], notes, description, labelSource };
}
