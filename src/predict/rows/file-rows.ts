import { Failure, failure } from '../../diagnostics/failure.js';
import { notFinite, positionOf } from '../../images/finite.js';
import type { ImageFile } from '../../images/image-file.js';
import { rowsLayout } from '../../images/image-layout.js';
import { imageOf } from '../../images/read-image.js';
import { isAlwaysFinite, type ValueForm } from '../../images/value-scale.js';
import type { Turn } from '../../resample/orientation.js';
import { allocate, elementCount, type Tensor } from '../../runtime/tensor.js';
import type { RowSource } from './row-source.js';

export interface FileRowsOptions {
  /** Of the network. */
  readonly channels: number;
  readonly form: ValueForm;
  /** Which image of the files. */
  readonly image: number;
  readonly turn: Turn;
  /** What takes the place of NaN and infinite numbers; they are an error when left out. */
  readonly replacement?: number | undefined;
}

/** So many positions are converted at once. */
const PART_POSITIONS = 2 ** 22;

/** The rows of an image of files: one for all channels, or one for each. Fails at a number that is NaN or infinite. */
export function fileRows(
  files: readonly ImageFile[],
  { channels, form, image, turn, replacement }: FileRowsOptions,
): RowSource {
  const each = files.length === 1 ? channels : 1;
  const [first] = files;
  const spatial = turn.order.map((from) => first?.layout.spatial[from] ?? 0);
  const line = elementCount(spatial.slice(1));
  const step = Math.max(1, Math.floor(PART_POSITIONS / line));
  const valuesOf = async (file: ImageFile, from: number, to: number): Promise<Tensor | Failure> => {
    const array = await file.rows(image, from, to, turn);
    if (array instanceof Failure) return array;
    if (to - from <= step) return imageOf(array, 0, each, form);
    // Part by part: what a conversion needs besides its result does not grow with the rows.
    const shape = [each, to - from, ...spatial.slice(1)];
    const data = allocate(elementCount(shape), { what: 'an image', shape });
    if (data instanceof Failure) return data;
    for (let at = 0; at < to - from; at += step) {
      const layout = rowsLayout(array.layout, 0, at, Math.min(to - from, at + step));
      const part = imageOf({ ...array, layout }, 0, each, form);
      if (part instanceof Failure) return part;
      const own = part.data.length / each;
      for (let channel = 0; channel < each; channel++) {
        const values = part.data.subarray(channel * own, (channel + 1) * own);
        data.set(values, (channel * (to - from) + at) * line);
      }
    }
    return { shape, data };
  };
  const partOf = async (file: ImageFile, from: number, to: number): Promise<Tensor | Failure> => {
    const part = await valuesOf(file, from, to);
    if (part instanceof Failure || isAlwaysFinite(file.header)) return part;
    const wrong = notFinite(part.data);
    if (wrong === undefined) return part;
    if (replacement === undefined) {
      const [channel = 0, row = 0, ...rest] = positionOf(wrong.first, part.shape);
      let { count } = wrong;
      // The rows that follow have their part in the count.
      for (let at = to; at < (spatial[0] ?? 0); at += to - from) {
        const more = await valuesOf(file, at, Math.min(spatial[0] ?? 0, at + to - from));
        if (more instanceof Failure) return more;
        count += notFinite(more.data)?.count ?? 0;
      }
      return failure('values-not-finite', {
        paths: [file.header.path],
        count,
        total: each * elementCount(spatial),
        first: [channel, row + from, ...rest],
      });
    }
    const values = part.data;
    for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) values[i] = replacement;
    return part;
  };
  return {
    channels,
    spatial,
    async rows(from, to) {
      const parts: Tensor[] = [];
      for (const file of files) {
        const part = await partOf(file, from, to);
        if (part instanceof Failure) return part;
        parts.push(part);
      }
      const [only] = parts;
      if (only && parts.length === 1) return only;
      const shape = [channels, to - from, ...spatial.slice(1)];
      const data = allocate(elementCount(shape), { what: 'an image', shape });
      if (data instanceof Failure) return data;
      for (const [i, part] of parts.entries()) data.set(part.data, i * part.data.length);
      return { shape, data };
    },
  };
}
