import type { Command } from 'commander';

/** Options that say which files of a data set are images, and which are masks. */
export interface PairChoice {
  readonly images?: string;
  readonly masks?: string;
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
    );
}

/** The options as findPairs takes them: those that were passed. */
export function readPairs({ images, masks }: PairChoice): PairChoice {
  return { ...(images === undefined ? {} : { images }), ...(masks === undefined ? {} : { masks }) };
}
