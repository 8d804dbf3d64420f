import { basename } from 'node:path';
import { Failure } from '../../diagnostics/failure.js';
import { fileStem } from '../../formats/format-of.js';
import { sizesOf } from '../../formats/stored-array.js';
import { encodeArray } from '../../formats/write.js';
import { pagesAsDepth } from '../../images/scatter.js';
import { cocoDocument } from '../../objects/export/coco.js';
import type { ExportedObjects, ObjectClass } from '../../objects/export/exported-objects.js';
import { imageJRoiZip } from '../../objects/export/imagej-roi.js';
import { qupathGeoJson } from '../../objects/export/qupath.js';
import { type FileContent, writeFilesAtomically } from '../../runtime/files/write-file.js';
import { mapPath } from '../maps/map-path.js';
import type { CasePrediction } from '../predict-case.js';

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

function classesOf(count: number): readonly ObjectClass[] {
  return Array.from({ length: count }, (_, i) => ({
    name: i === 0 ? 'background' : `class ${i}`,
    color: COLOURS[(i - 1) % COLOURS.length] ?? [0, 0, 0],
  }));
}

function* textBytes(parts: Iterable<string>): Generator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

function exportOf(format: ExportFormat, objects: ExportedObjects, input: string): Iterable<Uint8Array> {
  switch (format) {
    case 'geojson':
      return textBytes(qupathGeoJson(objects, 'detection'));
    case 'roi':
      return imageJRoiZip(objects);
    default:
      return textBytes([`${JSON.stringify(cocoDocument([{ name: basename(input), objects }]))}\n`]);
  }
}

/**
 * Writes the labels of a case, or the numbers of its objects, its maps, and its objects for other programs, and then deletes
 * what they were gathered in. The ending of the path decides the format. Returns the paths of the files.
 */
export function writeLabels(
  { labels, objects, counts, maps, part }: CasePrediction,
  output: string,
  exports: readonly ExportFormat[] = [],
): readonly string[] | Failure {
  const array = objects?.array ?? labels;
  const files: FileContent[] = [];
  for (const [path, one] of [
    [output, array] as const,
    ...maps.map((own) => [mapPath(output, own.map), own.array] as const),
  ]) {
    const chunks = encodeArray(path, /\.tiff?$/i.test(path) ? one : pagesAsDepth(one));
    if (chunks instanceof Failure) {
      part.close();
      return chunks;
    }
    files.push({ path, chunks });
  }
  const stem = output.slice(0, output.length - basename(output).length) + fileStem(basename(output));
  for (const format of objects ? exports : []) {
    const exported: ExportedObjects = {
      // Numbers of objects are such arrays.
      labels: objects?.array.data as Int32Array,
      shape: sizesOf(objects?.array.header.axes ?? []),
      values: objects?.values ?? [],
      classes: classesOf(counts.length),
    };
    files.push({ path: stem + EXPORTS[format], chunks: exportOf(format, exported, labels.header.path) });
  }
  const failed = writeFilesAtomically(files);
  part.close();
  if (failed) return failed;
  part.remove();
  return files.map(({ path }) => path);
}
