import { basename, dirname, join } from 'node:path';
import { fileEnding, fileStem } from '../../formats/format-of.js';
import { mapType, type ResultMap } from './result-map.js';

/** The file of a map, beside the labels: "scan_entropy.nii.gz" for "scan.nii.gz". A PNG cannot hold fractions, a TIFF can. */
export function mapPath(output: string, map: ResultMap): string {
  const name = basename(output);
  const own = fileEnding(name);
  const ending = own === 'png' && mapType(map) === 'float32' ? 'tif' : own;
  return join(dirname(output), `${fileStem(name)}_${map.name}.${ending}`);
}

/** A name as a part of the name of a file: without characters that file systems forbid. */
export function fileNamePart(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}.#-]+/gu, '-').replaceAll(/^[.-]+|[.-]+$/g, '');
}
