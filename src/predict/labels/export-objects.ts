import { basename } from 'node:path';
import { cocoDocument } from '../../objects/export/coco.js';
import type { ExportedObjects, ObjectClass } from '../../objects/export/exported-objects.js';
import { imageJRoiZip } from '../../objects/export/imagej-roi.js';
import { qupathGeoJson } from '../../objects/export/qupath.js';

/** The formats of objects for other programs, and the endings of their files. */
export const EXPORTS = { geojson: '.geojson', roi: '.rois.zip', coco: '.coco.json' } as const;
export type ExportFormat = keyof typeof EXPORTS;

/** Colours that people with any colour vision tell apart (Okabe and Ito 2008), for the classes from 1 on. */
const COLOURS = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [0, 114, 178],
  [213, 94, 0],
  [204, 121, 167],
] as const;

/** So many classes with names and colours, the background among them. */
export function exportedClasses(count: number): readonly ObjectClass[] {
  return Array.from({ length: count }, (_, i) => ({
    name: i === 0 ? 'background' : `class ${i}`,
    color: COLOURS[(i - 1) % COLOURS.length] ?? [0, 0, 0],
  }));
}

function* textBytes(parts: Iterable<string>): Generator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

/** The file of objects in a format. `input` is the path of the image that they were found in. */
export function exportedBytes(
  format: ExportFormat,
  objects: ExportedObjects,
  input: string,
): Iterable<Uint8Array> {
  switch (format) {
    case 'geojson':
      return textBytes(qupathGeoJson(objects, 'detection'));
    case 'roi':
      return imageJRoiZip(objects);
    default:
      return textBytes([`${JSON.stringify(cocoDocument([{ name: basename(input), objects }]))}\n`]);
  }
}
