import { Failure } from '../diagnostics/failure.js';
import { elementBytes } from '../formats/element.js';
import type { OpenedFiles } from '../formats/file-reader.js';
import type { OpenedArray, Region } from '../formats/open-array.js';
import { asNumbers, countOf, type ReadOptions, sizesOf } from '../formats/stored-array.js';
import type { Turn } from '../resample/orientation.js';
import { type ImageLayout, type LayoutOptions, layoutOf, rowsLayout, turnedLayout } from './image-layout.js';
import { coloursOf, type ImageArray, imageArray } from './read-image.js';

/** Smaller arrays are read at once; of files that are quick only from the front to the back, larger ones too. */
const WHOLE_BYTES = { parts: 2 ** 26, forward: 2 ** 28 } as const;

/** A file whose images are read row by row where its format allows that, so that it need not fit into memory. */
export class ImageFile {
  private whole: ImageArray | undefined;

  private constructor(
    private readonly opened: OpenedArray,
    private readonly options: LayoutOptions,
    /** Of its images, before their axes are moved. */
    readonly layout: ImageLayout,
  ) {}

  /** Opens a file and finds its images. */
  static async open(
    files: OpenedFiles,
    path: string,
    options: LayoutOptions,
    reading: ReadOptions = {},
  ): Promise<ImageFile | Failure> {
    const opened = await files.opened(path, reading);
    if (opened instanceof Failure) return opened;
    const layout = layoutOf(opened.header, options);
    return layout instanceof Failure ? layout : new ImageFile(opened, options, layout);
  }

  get header(): OpenedArray['header'] {
    return this.opened.header;
  }

  /** Whether its rows are read from the file as they are needed. */
  private get isByRows(): boolean {
    const { axes, type, notes } = this.header;
    const isTurned = notes.some(({ kind }) => kind === 'turned-when-shown');
    const most = this.opened.isForwardOnly ? WHOLE_BYTES.forward : WHOLE_BYTES.parts;
    const isLarge = countOf(sizesOf(axes)) * elementBytes[type] > most;
    return isLarge && !isTurned && this.opened.readRegion !== undefined;
  }

  /**
   * The rows from <= row < to of an image along the first of its axes, after these were moved: an array of one image, whose
   * colours are no indices.
   */
  async rows(image: number, from: number, to: number, turn: Turn): Promise<ImageArray | Failure> {
    if (this.isByRows) return this.readRows(image, from, to, turn);
    if (this.whole === undefined) {
      const data = await this.opened.read();
      if (data instanceof Failure) return data;
      const array = imageArray({ header: this.header, data }, this.options);
      if (array instanceof Failure) return array;
      this.whole = coloursOf(array);
    }
    const { whole } = this;
    return { ...whole, layout: rowsLayout(turnedLayout(whole.layout, turn), image, from, to) };
  }

  private async readRows(image: number, from: number, to: number, turn: Turn): Promise<ImageArray | Failure> {
    const { axes } = this.header;
    const { layout } = this;
    const first = turn.order[0] ?? 0;
    const size = layout.spatial[first] ?? 0;
    const range: readonly [number, number] = turn.reversed[0] ? [size - to, size - from] : [from, to];
    let rest = image;
    const indices = new Map<string, number>();
    for (const [i, name] of [...layout.along.entries()].reverse()) {
      const count = layout.imageSteps[i]?.size ?? 1;
      indices.set(name, rest % count);
      rest = Math.floor(rest / count);
    }
    const names = axisNames(
      layout,
      axes.length,
      axes.map(({ name }) => name),
    );
    const region: Region = axes.map(({ size: whole }, i) => {
      const name = names[i];
      if (name === first) return range;
      const index = indices.get(axes[i]?.name ?? '');
      return index === undefined ? [0, whole] : [index, index + 1];
    });
    const data = (await this.opened.readRegion?.(region)) ?? (await this.opened.read());
    if (data instanceof Failure) return data;
    const header = {
      ...this.header,
      axes: axes.map((axis, i) => ({ ...axis, size: (region[i]?.[1] ?? 0) - (region[i]?.[0] ?? 0) })),
    };
    const numbers = asNumbers({ header, data });
    if (numbers instanceof Failure) return numbers;
    const part = layoutOf(header, this.options);
    if (part instanceof Failure) return part;
    return coloursOf({ header, layout: turnedLayout(part, turn), data: numbers });
  }
}

/** Which spatial axis of the image each axis of the array is, by its number; undefined for others. */
function axisNames(
  { axes, steps }: ImageLayout,
  count: number,
  names: readonly string[],
): readonly (number | undefined)[] {
  if (names.every((name) => name === 'unnamed')) {
    return names.map((_, i) => (i >= count - steps.length ? i - (count - steps.length) : undefined));
  }
  return names.map((name) => {
    // Any name may be looked up among those of axes.
    const found = (axes as readonly string[]).indexOf(name);
    return found < 0 ? undefined : found;
  });
}
