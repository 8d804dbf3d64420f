import type { Sample } from '../data/samples/sample.js';
import type { Split } from '../data/split/split.js';

/**
 * A sentence if validation images have the bytes of training images under other names: what validates was trained with.
 *
 * @param hashes the hashes of the files of each sample by its name, its images first
 */
export function copyNotes(
  { training, validation }: Split<Sample>,
  hashes: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const contentOf = ({ name, images, part }: Sample) =>
    // Pages of one file have one hash.
    [...(hashes.get(name) ?? []).slice(0, images.length), part.image.image].join();
  const trained = new Map(training.map((sample) => [contentOf(sample), sample]));
  const copies = validation.flatMap((sample) => {
    const original = trained.get(contentOf(sample));
    return original && original.images.join() !== sample.images.join() ? [{ sample, original }] : [];
  });
  const [first] = copies;
  if (first === undefined) return [];
  return [
    `${copies.length} of ${validation.length} validation images have the same bytes as images that train (${first.sample.name} ` +
      `and ${first.original.name}), so the Dice is better than on new images: remove the copies`,
  ];
}
