import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { channelNames, filesOfChannels } from '../../data/files/channel-files.js';
import { inChannelOrder, isModality } from '../../data/layouts/name-order.js';
import { Failure, failure, fileFailure } from '../../diagnostics/failure.js';
import { listText } from '../../diagnostics/wording.js';
import { isDicomFolder } from '../../formats/dicom/files.js';
import { isFolder } from '../../runtime/files/folders.js';

/** The files of one image, in the order of the channels. */
export interface InputFiles {
  readonly paths: readonly string[];
  /** What a user should know about the order, as sentences. */
  readonly notes: readonly string[];
}

/** c2 before c10. */
const { compare: byNumber } = new Intl.Collator('en', { numeric: true });

/** The files in a folder, in the order in which training stacks channels of such names. */
function filesIn(folder: string): readonly string[] | Failure {
  try {
    const paths = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort(byNumber)
      .map((name) => join(folder, name));
    if (paths.length === 0)
      return failure('images-missing', { problem: { case: 'empty', folders: [folder] } });
    const names = channelNames(paths) ?? [];
    return (names.every(isModality) ? filesOfChannels(paths, inChannelOrder(names)) : undefined) ?? paths;
  } catch (error) {
    return fileFailure('read', folder, error);
  }
}

const orderText = (paths: readonly string[]) => paths.map((path) => basename(path)).join(', ');

/**
 * The files of an image from the values of --input: one file, one for each channel, or a folder of these. Names that tell the
 * channels of the training (`trained`) decide about their order; else a folder is sorted, and other files stay as given.
 */
export function inputFiles(
  given: readonly string[],
  trained: readonly string[] | undefined,
): InputFiles | Failure {
  const [folder] = given;
  // A folder may be one volume: chunks, or slices.
  const isOfFiles =
    folder !== undefined &&
    given.length === 1 &&
    isFolder(folder) &&
    !/\.zarr\/?$/i.test(folder) &&
    !isDicomFolder(folder);
  const paths = isOfFiles ? filesIn(folder) : given;
  if (paths instanceof Failure) return paths;
  const known =
    trained !== undefined && (isOfFiles || paths.length === trained.length)
      ? filesOfChannels(paths, trained)
      : undefined;
  if (known !== undefined) {
    const left = paths.filter((path) => !known.includes(path));
    return {
      paths: known,
      notes: [
        ...(isOfFiles || known.some((path, i) => path !== paths[i])
          ? [`the channels are, in the order of the training: ${orderText(known)}`]
          : []),
        ...(left.length > 0 ? [`files of no channel are left out: ${orderText(left)}`] : []),
      ],
    };
  }
  const order = isOfFiles && paths.length > 1 ? [`the channels are, in this order: ${orderText(paths)}`] : [];
  const unknown =
    trained !== undefined && paths.length > 1
      ? [
          `the channels of the training were ${listText(trained, 'and')}, in this order, and the names of the files do not tell them`,
        ]
      : [];
  return { paths, notes: [...order, ...unknown] };
}
