import { contentHash } from '../data/samples/content-hash.js';
import type { Sample } from '../data/samples/sample.js';
import { Failure } from '../diagnostics/failure.js';
import type { RunData, RunSample } from '../train/run-folder/read-run-data.js';
import type { TrainingPart } from './evaluate-folders.js';

/** "#3": which page of a file a sample is; empty for a file with one image. */
function pageOf({ name, stem }: Sample): string {
  return name.slice(stem.length);
}

/**
 * What a training had each sample for, by its name. The content of files decides, so a copy under another name is recognised,
 * and other images with the same names are new. Of a file with several images, pages are compared. An image that was both
 * trained on and validated with was trained on.
 */
export function trainingParts(
  samples: readonly Sample[],
  run: RunData,
): ReadonlyMap<string, TrainingPart> | Failure {
  const byHash = new Map<string, RunSample[]>();
  for (const sample of run.samples) {
    for (const hash of new Set(sample.hashes)) byHash.set(hash, [...(byHash.get(hash) ?? []), sample]);
  }
  const hashes = new Map<string, string>();
  const parts = new Map<string, TrainingPart>();
  for (const sample of samples) {
    const [path = ''] = sample.images;
    const hash = hashes.get(path) ?? contentHash(path);
    if (hash instanceof Failure) return hash;
    hashes.set(path, hash);
    const all = byHash.get(hash) ?? [];
    const page = pageOf(sample);
    const own = all.filter(({ name }) => page !== '' && name.endsWith(page));
    const same = own.length > 0 ? own : all;
    const isTrained = same.some(({ validates }) => !validates);
    parts.set(sample.name, same.length === 0 ? 'new' : isTrained ? 'training' : 'validation');
  }
  return parts;
}

/**
 * How many new samples have a mask that the training had, such as copies of its images in another format. Masks that several
 * images share, such as empty ones, say nothing.
 */
export function trainedMasks(
  samples: readonly Sample[],
  run: RunData,
  parts: ReadonlyMap<string, TrainingPart>,
): number | Failure {
  const stems = new Map<string, Set<string>>();
  for (const { name, hashes } of run.samples) {
    const stem = name.replace(/#\d+$/, '');
    for (const hash of hashes) stems.set(hash, (stems.get(hash) ?? new Set()).add(stem));
  }
  const masks = new Map<string, string>();
  const images = new Map<string, Set<string>>();
  for (const { mask, images: paths } of samples) {
    const hash = masks.get(mask) ?? contentHash(mask);
    if (hash instanceof Failure) return hash;
    masks.set(mask, hash);
    images.set(hash, (images.get(hash) ?? new Set()).add(paths[0] ?? ''));
  }
  const isOwn = (hash: string) => stems.get(hash)?.size === 1 && images.get(hash)?.size === 1;
  return samples.filter(({ name, mask }) => parts.get(name) === 'new' && isOwn(masks.get(mask) ?? '')).length;
}
