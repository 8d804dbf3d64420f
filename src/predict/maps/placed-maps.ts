import { Failure } from '../../diagnostics/failure.js';
import type { StoredArray } from '../../formats/stored-array.js';
import { onGridOf, type Plane } from '../../images/scatter.js';
import type { OpenedCase } from '../cases/open-case.js';
import type { PartFile } from '../labels/part-file.js';
import type { GatheredLabels } from '../labels/placed-labels.js';
import { mapType, type ResultMap } from './result-map.js';

/** A map on the grid of the input. */
export interface PlacedMap {
  readonly map: ResultMap;
  readonly array: StoredArray;
}

/** The maps in part files, on the grid of the input and in its place. */
export function placedMaps(
  { first, options }: OpenedCase,
  { spatial, turn }: Pick<GatheredLabels, 'spatial' | 'turn'>,
  maps: readonly ResultMap[],
  parts: readonly PartFile[],
): readonly PlacedMap[] | Failure {
  const { header, layout } = first;
  const [size = 0] = spatial;
  const placed: PlacedMap[] = [];
  for (const [i, map] of maps.entries()) {
    const type = mapType(map);
    const part = parts[i];
    const planes = Array.from({ length: layout.images }, (_, image): Plane => {
      const own = part?.read(image * size, (image + 1) * size) ?? new Uint8Array();
      return type === 'float32' ? new Float32Array(own.buffer) : own;
    });
    const array = onGridOf(header, layout, options, planes, type, turn);
    if (array instanceof Failure) return array;
    placed.push({ map, array });
  }
  return placed;
}

/** What `--json` says of a map besides its file. */
export function mapFacts({ map, array }: PlacedMap): object {
  const { data } = array;
  let positions = 0;
  for (const value of data) positions += Number(value);
  return { name: map.name, positions };
}
