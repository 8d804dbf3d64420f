import { basename, dirname, join } from 'node:path';
import { fileEnding, fileStem } from '../../formats/format-of.js';
import { mapType, type ResultMap, UNCERTAINTIES } from './result-map.js';

/** The file of a map, beside the labels: "scan_entropy.nii.gz" for "scan.nii.gz". A PNG cannot hold fractions, a TIFF can. */
export function mapPath(output: string, map: ResultMap): string {
  const name = basename(output);
  const own = fileEnding(name);
  const ending = own === 'png' && mapType(map) === 'float32' ? 'tif' : own;
  return join(dirname(output), `${fileStem(name)}_${map.name}.${ending}`);
}

const MAP_NAME = new RegExp(`^(.+)_(?:${UNCERTAINTIES.join('|')}|region\\d+)$`);

/** The name of the labels that a file lies beside, if it is called as their map of uncertainty or of a region; without endings. */
export function mapBase(stem: string): string | undefined {
  return MAP_NAME.exec(stem)?.[1];
}

/** A name as a part of the name of a file: without characters that file systems forbid. */
export function fileNamePart(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}.#-]+/gu, '-').replaceAll(/^[.-]+|[.-]+$/g, '');
}
