import { Failure } from '../../../diagnostics/failure.js';
import type { OpenedFiles } from '../../../formats/file-reader.js';
import type { ArrayHeader } from '../../../formats/stored-array.js';
import type { ImageLayout, LayoutOptions, SliceAxis } from '../../../images/image-layout.js';
import type { ValueForm } from '../../../images/value-scale.js';
import { openCase } from '../../../predict/cases/open-case.js';
import { fileRows } from '../../../predict/rows/file-rows.js';
import { noTurn } from '../../../resample/orientation.js';
import type { Tensor } from '../../../runtime/tensor.js';

/** The images that a network runs on, from the files of `--input`. */
export interface RunInput {
  /** Of the first file. */
  readonly header: ArrayHeader;
  readonly layout: ImageLayout;
  readonly options: LayoutOptions;
  /** Sentences on how the files were read. */
  readonly notes: readonly string[];
  /** One of the images, (C, ...spatial). Fails if it has a number that is NaN or infinite. */
  image(index: number): Promise<Tensor | Failure>;
}

export interface RunInputOptions {
  readonly channels: number;
  /** The channels of the training, by the names of their files; undefined where nothing says them. */
  readonly channelNames: readonly string[] | undefined;
  readonly rank: 2 | 3;
  /** The axis of the slices of a volume, as the caller names it. */
  readonly sliceAxis: SliceAxis | undefined;
  /** The axis of the slices that the network was trained on, for volumes whose caller names none. */
  readonly trainedAxis: SliceAxis | undefined;
  /** Whether numbers are as stored, or pictures are scaled. */
  readonly form: ValueForm;
  /** What takes the place of NaN and infinite numbers; they are an error when left out. */
  readonly replacement: number | undefined;
}

/** Opens the files of one image, a file a channel or all channels in one, for a network of so many channels and axes. */
export async function openRunInput(
  opened: OpenedFiles,
  given: readonly string[],
  { channels, channelNames, rank, form, sliceAxis, trainedAxis, replacement }: RunInputOptions,
): Promise<RunInput | Failure> {
  const model = { channels, channelNames, rank, sliceAxis: trainedAxis };
  const found = await openCase(opened, given, model, sliceAxis);
  if (found instanceof Failure) return found;
  const { files, options } = found;
  const { header, layout } = found.first;
  const isTrainedAxis = options.sliceAxis !== undefined && options.sliceAxis !== sliceAxis;
  return {
    ...{ header, layout, options },
    notes: [
      ...found.notes,
      ...(isTrainedAxis
        ? [
            `the network was trained on slices along ${options.sliceAxis}, and runs on those; --axis names another axis`,
          ]
        : []),
      ...(layout.images > 1
        ? [`${header.path} has ${layout.images} images along ${layout.along.join(' x ')}: each one is run`]
        : []),
    ],
    image(image) {
      const turn = noTurn(rank);
      return fileRows(files, { channels, form, image, turn, replacement }).rows(0, layout.spatial[0] ?? 0);
    },
  };
}
