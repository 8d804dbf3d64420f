import { Failure } from '../../diagnostics/failure.js';
import type { BoxedArray } from '../../formats/write.js';
import { gridBoxes } from '../../images/grid-boxes.js';
import type { OpenedCase } from '../cases/open-case.js';
import type { PartFile } from '../labels/part-file.js';
import type { GatheredLabels } from '../labels/placed-labels.js';
import { gatheredNumbers } from '../labels/row-file.js';
import { mapType, type ResultMap } from './result-map.js';

/** A map on the grid of the input. */
export interface PlacedMap {
  readonly map: ResultMap;
  readonly array: BoxedArray;
  readonly part: PartFile;
}

/** The maps in part files, on the grid of the input and in its place. */
export function placedMaps(
  { first, options }: OpenedCase,
  { turn }: Pick<GatheredLabels, 'turn'>,
  maps: readonly ResultMap[],
  parts: readonly PartFile[],
): readonly PlacedMap[] | Failure {
  const { header, layout } = first;
  const placed: PlacedMap[] = [];
  for (const [i, map] of maps.entries()) {
    const part = parts[i];
    if (!part) throw new Error('each map has a part');
    const array = gridBoxes({ header, layout, options, turn }, gatheredNumbers(part, mapType(map)));
    if (array instanceof Failure) return array;
    placed.push({ map, array, part });
  }
  return placed;
}
