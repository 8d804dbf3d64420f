import { placeDifference } from '../../data/files/pair-geometry.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import type { OpenedFiles } from '../../formats/file-reader.js';
import { isScreenUnit, millimetres } from '../../formats/geometry.js';
import { isSpatial } from '../../formats/stored-array.js';
import { ImageFile } from '../../images/image-file.js';
import { hasSlices, type LayoutOptions, type SliceAxis } from '../../images/image-layout.js';
import { readingNotes } from '../../images/read-image.js';
import { shapeText } from '../../runtime/tensor.js';
import type { PredictModel } from '../model/predict-model.js';
import { inputFiles } from './input-files.js';

/** The files of a case, opened. */
export interface OpenedCase {
  readonly files: readonly ImageFile[];
  readonly first: ImageFile;
  readonly options: LayoutOptions;
  readonly notes: readonly string[];
}

/** Opens the files of a case, which have equal sizes and places. */
export async function openCase(
  opened: OpenedFiles,
  given: readonly string[],
  model: Pick<PredictModel, 'channels' | 'rank' | 'channelNames' | 'sliceAxis'>,
  sliceAxis: SliceAxis | undefined,
): Promise<OpenedCase | Failure> {
  const { channels, rank } = model;
  const inputs = inputFiles(given, model.channelNames);
  if (inputs instanceof Failure) return inputs;
  const { paths } = inputs;
  if (paths.length > 1 && paths.length !== channels)
    return failure('input-count', { files: paths, channels });
  let options: LayoutOptions = { rank, ...(sliceAxis ? { sliceAxis } : {}) };
  const files: ImageFile[] = [];
  for (const path of paths) {
    const header = await opened.header(path);
    if (header instanceof Failure) return header;
    const isCut = files.length === 0 && !sliceAxis && rank === 2 && hasSlices(header);
    if (isCut && model.sliceAxis) options = { rank, sliceAxis: model.sliceAxis };
    const file = await ImageFile.open(opened, path, options);
    if (file instanceof Failure) return file;
    files.push(file);
  }
  const [first] = files;
  if (first === undefined) throw new Error('a case has at least one file');
  for (const other of files.slice(1)) {
    const [size, otherSize] = [first, other].map(({ layout }) => [layout.images, ...layout.spatial]);
    const difference =
      shapeText(size ?? []) === shapeText(otherSize ?? [])
        ? placeDifference(first.header, other.header)
        : ({ case: 'size', size: size ?? [], otherSize: otherSize ?? [] } as const);
    if (difference) {
      return failure('inputs-differ', { path: first.header.path, other: other.header.path, difference });
    }
  }
  const each = files.length === 1 ? channels : 1;
  const notes = files.flatMap(({ header, layout }) =>
    readingNotes({ notes: header.notes, samples: layout.samples }, each),
  );
  return { ...{ files, first, options }, notes: [...inputs.notes, ...new Set(notes)] };
}

/** Whether a file places its voxels in the world, in a unit that it does not name: millimetres, as everywhere in medicine. */
export function namesNoUnit({ header: { geometry } }: ImageFile): boolean {
  return geometry?.affine !== undefined && geometry.unit === undefined;
}

/** The distances between the positions of a file's images, in mm, where the file states them. */
export function spacingOf(file: ImageFile): readonly number[] | undefined {
  const { header, layout } = file;
  const { geometry, axes } = header;
  if (geometry === undefined || (isScreenUnit(geometry.unit) && !namesNoUnit(file))) return undefined;
  const names = axes.map(({ name }) => name).filter(isSpatial);
  const lengths = layout.axes.map(
    (name) => (geometry.spacing[names.indexOf(name)] ?? Number.NaN) * millimetres(geometry.unit),
  );
  return lengths.every((length) => length > 0) ? lengths : undefined;
}
