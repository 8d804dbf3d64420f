import { sliceAxes } from '../../images/image-layout.js';
import { readingNotes } from '../../images/read-image.js';
import type { InspectedPair } from './inspect.js';
import { geometryNotes } from './set-geometry.js';

/** Sentences on how the files of a set are read, each with the number of files that it is true of. */
export function setNotes(pairs: readonly InspectedPair[], channels: number): readonly string[] {
  const readings = new Map<string, number>();
  for (const { image } of pairs) {
    for (const note of readingNotes(image, channels)) readings.set(note, (readings.get(note) ?? 0) + 1);
  }
  const counted = (count: number) => `${count} of ${pairs.length} images`;
  const sliced = pairs.filter(
    ({ along, images }) => images > 1 && sliceAxes.some((axis) => along.includes(axis)),
  );
  const [first] = sliced;
  return [
    ...[...readings].map(([note, count]) => `${counted(count)}: ${note}`),
    ...(first
      ? [
          `${counted(sliced.length)} are volumes, read as slices along ${first.along}: ${first.pair.name} has ${first.images}`,
        ]
      : []),
    ...geometryNotes(pairs.map(({ pair, image }) => ({ name: pair.name, geometry: image.geometry }))),
  ];
}
