import { type ExportedObjects, planesOf } from './exported-objects.js';
import { type RunLengths, runLengthsOf } from './run-lengths.js';

/** A document of COCO (cocodataset.org/#format-data), as pycocotools reads it. */
export interface CocoDocument {
  readonly images: readonly {
    readonly id: number;
    readonly file_name: string;
    readonly width: number;
    readonly height: number;
  }[];
  readonly categories: readonly { readonly id: number; readonly name: string }[];
  readonly annotations: readonly CocoAnnotation[];
}

export interface CocoAnnotation {
  readonly id: number;
  readonly image_id: number;
  /** The class. */
  readonly category_id: number;
  /** [height, width], and the compressed lengths of runs. */
  readonly segmentation: { readonly size: readonly [number, number]; readonly counts: string };
  /** In pixels. */
  readonly area: number;
  /** x, y, width and height, in pixels. */
  readonly bbox: readonly [number, number, number, number];
  readonly iscrowd: 0;
}

/** The objects of a file. */
export interface CocoFile {
  readonly name: string;
  readonly objects: ExportedObjects;
}

/**
 * The objects of files, with their masks as compressed run lengths. Categories are the classes from 1 on; all files have the
 * classes of the first. Each slice of a volume is an image of its own, with the name of the file and the number of the slice,
 * from 0: `scan.nii.gz#12`. Images and annotations have ids from 1.
 */
export function cocoDocument(files: readonly CocoFile[]): CocoDocument {
  const images: CocoDocument['images'][number][] = [];
  const annotations: CocoAnnotation[] = [];
  for (const { name, objects } of files) {
    for (const { slice, ...plane } of planesOf(objects)) {
      const { height, width } = plane;
      const image = images.length + 1;
      images.push({ id: image, file_name: slice === undefined ? name : `${name}#${slice}`, width, height });
      for (const found of runLengthsOf(plane)) {
        const { object, area, box } = found;
        annotations.push({
          ...{ id: annotations.length + 1, image_id: image, category_id: objects.values[object] ?? 0 },
          segmentation: { size: [height, width], counts: compressed(found) },
          ...{ area, bbox: [box.left, box.top, box.right - box.left, box.bottom - box.top], iscrowd: 0 },
        });
      }
    }
  }
  const classes = files[0]?.objects.classes ?? [];
  const categories = classes.flatMap(({ name }, id) => (id === 0 ? [] : [{ id, name }]));
  return { images, categories, annotations };
}

/**
 * Run lengths as text, as rleToString of pycocotools writes them (common/maskApi.c): from the fourth on as the difference to
 * the one two before; each number in groups of 5 bits, the lowest first, with a sixth bit if more follow, as characters from
 * '0' on. The last group has the sign.
 */
export function compressed({ counts }: Pick<RunLengths, 'counts'>): string {
  const codes: number[] = [];
  for (const [i, count] of counts.entries()) {
    let rest = i > 2 ? count - (counts[i - 2] ?? 0) : count;
    for (;;) {
      // Lengths can need more than the 31 bits of shifts.
      const next = Math.floor(rest / 32);
      const group = rest - 32 * next;
      rest = next;
      const isLast = group >= 16 ? rest === -1 : rest === 0;
      codes.push(48 + group + (isLast ? 0 : 32));
      if (isLast) break;
    }
  }
  let text = '';
  for (let i = 0; i < codes.length; i += 8192) text += String.fromCharCode(...codes.slice(i, i + 8192));
  return text;
}
