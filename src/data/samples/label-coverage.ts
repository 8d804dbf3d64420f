import { type ImageNames, namesText } from '../../diagnostics/codes/training/image-names.js';
import { type Failure, failure } from '../../diagnostics/failure.js';
import { sumCounts } from '../labels/label-counts.js';
import type { Split } from '../split/split.js';
import type { SampleFindings } from '../survey/survey.js';
import type { Sample } from './sample.js';

/** How many names of images a message lists. */
const LISTED = 3;

/**
 * Whether the labels of the training and the validation images can be used. Fails if one of these parts has no labels, because
 * nothing could be learned or measured. Otherwise gives a sentence for each class that one of the parts lacks. Validation images
 * may be missing; training images may not.
 *
 * @param classes the number of classes of the masks, including the background
 */
export function labelCoverage(
  { training, validation }: Split<Sample>,
  findings: readonly SampleFindings[],
  classes: number,
): readonly string[] | Failure {
  const shownBy = (samples: readonly Sample[]) => {
    const part = new Set(samples);
    const own = findings.filter(({ sample }) => part.has(sample)).map(({ labels }) => labels);
    return sumCounts(own, classes).byClass.map((count) => count > 0);
  };
  const [learned, measured] = [shownBy(training), shownBy(validation)];
  const isValidated = validation.length > 0;
  if (!learned.includes(true)) {
    return failure('labels-missing', { part: 'training', images: namesOf(training), isValidated });
  }
  if (isValidated && !measured.includes(true)) {
    return failure('labels-missing', { part: 'validation', images: namesOf(validation), isValidated });
  }
  const otherSplit = 'to split the images in another way, pass another --seed, or --validation FILE';
  return Array.from({ length: classes }, (_, label) => label).flatMap((label) => {
    if (!learned[label]) {
      const sentence = `class ${label} is in no training image (${namesText(namesOf(training))}), so it cannot be learned`;
      return [isValidated ? `${sentence}; ${otherSplit}` : sentence];
    }
    if (isValidated && !measured[label]) {
      return [
        `class ${label} is in no validation image (${namesText(namesOf(validation))}), so it has no Dice; ${otherSplit}`,
      ];
    }
    return [];
  });
}

function namesOf(samples: readonly Sample[]): ImageNames {
  return { names: samples.slice(0, LISTED).map(({ name }) => name), count: samples.length };
}
