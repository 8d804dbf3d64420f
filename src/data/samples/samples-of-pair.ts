import type { InspectedPair } from '../files/inspect.js';
import type { Sample } from './sample.js';

/** The samples of a pair of files: one for each image in them. */
export function samplesOf(inspected: InspectedPair): Sample[] {
  const { pair, images: count, part, spatial, spacing, spacingUnit, instances } = inspected;
  const { name: stem, images, mask, parts: classFiles = [] } = pair;
  const { orientation } = inspected.image.geometry ?? {};
  const whole = { stem, images, mask, classFiles, instances, spatial, spacing, spacingUnit, orientation };
  return Array.from({ length: count }, (_, image) => ({
    ...whole,
    name: count === 1 ? stem : `${stem}#${image + 1}`,
    part: { image: { ...part.image, image }, mask: { ...part.mask, image } },
  }));
}
