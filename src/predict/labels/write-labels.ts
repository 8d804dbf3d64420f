import { basename } from 'node:path';
import { Failure } from '../../diagnostics/failure.js';
import { fileStem } from '../../formats/format-of.js';
import { sizesOf } from '../../formats/stored-array.js';
import { encodeBoxes } from '../../formats/write.js';
import type { ExportedObjects } from '../../objects/export/exported-objects.js';
import { type OutputContent, writeFilesAtomically } from '../../runtime/files/write-file.js';
import { mapPath } from '../maps/map-path.js';
import type { CasePrediction } from '../predict-case.js';
import { EXPORTS, type ExportFormat, exportedBytes, exportedClasses } from './export-objects.js';
import { asFormat } from './output-format.js';

/**
 * Writes the labels of a case, or the numbers of its objects, and its objects for other programs, and then deletes what the
 * labels were gathered in. The ending of the path decides the format. Returns the paths of the files.
 */
export function writeLabels(
  prediction: CasePrediction,
  output: string,
  exports: readonly ExportFormat[] = [],
): readonly string[] | Failure {
  const { part, scratch } = prediction;
  const files = contentsOf(prediction, output, exports);
  const failed = files instanceof Failure ? files : writeFilesAtomically(files);
  part.close();
  for (const one of scratch) one.close();
  for (const one of scratch) one.remove();
  if (files instanceof Failure || failed) return failed ?? [];
  part.remove();
  return files.map(({ path }) => path);
}

function contentsOf(
  { labels, objects, counts, maps }: CasePrediction,
  output: string,
  exports: readonly ExportFormat[],
): readonly OutputContent[] | Failure {
  const files: OutputContent[] = [];
  const arrays = [
    { path: output, array: objects?.array ?? labels },
    ...maps.map(({ map, array }) => ({ path: mapPath(output, map), array })),
  ];
  for (const { path, array } of arrays) {
    const file = encodeBoxes(path, asFormat(path, array));
    if (file instanceof Failure) return file;
    files.push(file);
  }
  if (!objects || exports.length === 0) return files;
  const shape = sizesOf(objects.array.header.axes);
  const exported: ExportedObjects = {
    // `as`: numbers of objects are such arrays.
    labels: objects.array.boxes(shape.map((size) => [0, size] as const)) as Int32Array | Uint16Array,
    ...{ shape, values: objects.values, classes: exportedClasses(counts.length) },
  };
  const stem = output.slice(0, output.length - basename(output).length) + fileStem(basename(output));
  const { path } = labels.header;
  return [
    ...files,
    ...exports.map((format) => ({
      path: stem + EXPORTS[format],
      chunks: exportedBytes(format, exported, path),
    })),
  ];
}
