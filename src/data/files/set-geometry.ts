import { listText } from '../../diagnostics/wording.js';
import { isScreenUnit, type WorldGeometry } from '../../formats/geometry.js';
import { shapeText } from '../../runtime/tensor.js';

/** How many names a note lists. */
const LISTED = 3;

/** A value, rounded so that what writers round differently is equal. */
function rounded(values: readonly number[]): string {
  return shapeText(values.map((value) => Number(value.toPrecision(4))));
}

/** A sentence for each property of the geometry in which the volumes of a set differ: the common value, and the odd ones out. */
export function geometryNotes(
  volumes: readonly { readonly name: string; readonly geometry: WorldGeometry | undefined }[],
): readonly string[] {
  const placed = volumes.flatMap(({ name, geometry }) =>
    geometry && (geometry.affine || !geometry.unit || !isScreenUnit(geometry.unit))
      ? [{ name, geometry }]
      : [],
  );
  const spacing = placed.map(({ name, geometry }) => ({
    name,
    value: `${rounded(geometry.spacing)}${geometry.unit ? ` ${geometry.unit}` : ''}`,
  }));
  const orientation = placed.flatMap(({ name, geometry }) =>
    geometry.orientation === undefined ? [] : [{ name, value: geometry.orientation }],
  );
  return [
    ...oddOnes('spacing', spacing, 'nothing is resampled, so the network sees their objects at another size'),
    ...oddOnes(
      'orientation',
      orientation,
      'nothing is reoriented, so the network sees them mirrored or turned',
    ),
  ];
}

function oddOnes(
  property: string,
  items: readonly { readonly name: string; readonly value: string }[],
  consequence: string,
): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const { name, value } of items) groups.set(value, [...(groups.get(value) ?? []), name]);
  if (groups.size < 2) return [];
  const [common, ...others] = [...groups].sort((a, b) => b[1].length - a[1].length);
  if (common === undefined) return [];
  const odd = others.slice(0, LISTED).map(([value, names]) => `${namesText(names)}: ${value}`);
  const more = others.length > LISTED ? `, and ${others.length - LISTED} more values` : '';
  return [
    `${common[1].length} of ${items.length} volumes have the ${property} ${common[0]}, but not ${odd.join(', ')}${more}; ${consequence}`,
  ];
}

function namesText(names: readonly string[]): string {
  const shown = names.slice(0, LISTED);
  return names.length > LISTED
    ? `${shown.join(', ')} and ${names.length - LISTED} more`
    : listText(shown, 'and');
}
