import type { InspectedPair } from '../files/inspect.js';
import type { Sample } from './sample.js';

/** The samples of a pair of files: one for each image in them. */
export function samplesOf(inspected: InspectedPair): Sample[] {
  const { pair, images: count, part, spatial, spacing, spacingUnit, instances } = inspected;
  const { name: stem, images, mask, parts: classFiles = [] } = pair;
  const { orientation } = inspected.image.geometry ?? {};
  const samples: Sample[] = [];
  const first = firstPart(part);
  for (let image = 0; image < count; image++) {
    samples.push({
      name: count === 1 ? stem : `${stem}#${image + 1}`,
      stem,
      images,
      mask,
      classFiles,
      instances,
      spatial,
      spacing,
      spacingUnit,
      orientation,
      part: image === 0 ? first : { image: { ...part.image, image }, mask: { ...part.mask, image } },
    });
  }
  return samples;
}

const firstParts = new WeakMap<InspectedPair['part'], Sample['part']>();

/** The first images of files: one object for all files that share what is known of them. */
function firstPart(part: InspectedPair['part']): Sample['part'] {
  const known = firstParts.get(part);
  if (known) return known;
  const made = { image: { ...part.image, image: 0 }, mask: { ...part.mask, image: 0 } };
  firstParts.set(part, made);
  return made;
}
