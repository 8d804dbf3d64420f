import type { Command } from 'commander';
import { type Failure, failure } from '../../diagnostics/failure.js';
import { type SliceAxis, sliceAxes } from '../../images/image-layout.js';

/** Options that say which files of a data set are images, which are masks, and how volumes are cut into images. */
export interface PairChoice {
  readonly images?: string;
  readonly masks?: string;
  readonly axis?: string;
}

export function addPairOptions(command: Command): Command {
  return command
    .option(
      '--images <folder or pattern>',
      'the folder of the images, or a pattern of their paths such as "scans/{case}_{channel}.nii.gz"',
    )
    .option(
      '--masks <folder or pattern>',
      'the folder of the masks, or a pattern such as "masks/{case}.nii.gz" or "masks/{case}/{class}.nii.gz"',
    )
    .option('--axis <axis>', 'read volumes as slices along x, y or z (default: z, for a network of images)');
}

/** A failure if an option has a value that it does not take. */
export function pairUsageError({ axis }: PairChoice): Failure | undefined {
  if (axis === undefined || sliceAxes.some((one) => one === axis)) return undefined;
  return failure('invalid-option-value', { option: '--axis', value: axis, wanted: { oneOf: sliceAxes } });
}

/** The options as openDataSet takes them: those that were passed. */
export function readPairs({ images, masks, axis }: PairChoice): {
  readonly images?: string;
  readonly masks?: string;
  readonly sliceAxis?: SliceAxis;
} {
  const sliceAxis = sliceAxes.find((one) => one === axis);
  return {
    ...(images === undefined ? {} : { images }),
    ...(masks === undefined ? {} : { masks }),
    ...(sliceAxis === undefined ? {} : { sliceAxis }),
  };
}
