/** The unit of distances in images, and the spacing of each image in this unit. */
export interface LengthScale {
  /** For people: "mm", "µm", "pixels". */
  readonly unit: string;
  /** The distance between positions of an image on each axis, in the unit. */
  spacingOf(image: Spaced): readonly number[];
}

/** The spacing of an image in its file. */
export interface Spaced {
  /** (...spatial). */
  readonly spatial: readonly number[];
  readonly spacing: readonly number[] | undefined;
  /** "mm"; undefined if the file does not give it. */
  readonly spacingUnit?: string | undefined;
}

const UNIT_NAMES: Readonly<Record<string, string>> = { um: 'µm' };

/**
 * The scale for all images: the spacings of their files, if all have one in a unit of length, in the unit of the first; or
 * without a unit, if no file names one. Otherwise the spacing of the network, in micrometres on each axis; otherwise pixels.
 */
export function lengthScale(images: readonly Spaced[], network: readonly number[] | undefined): LengthScale {
  const [first] = images;
  const unit = first?.spacingUnit;
  if (images.length > 0 && images.every((image) => image.spacing && isComparable(image.spacingUnit, unit))) {
    return {
      unit: unit === undefined ? "the unit of the images' spacing" : (UNIT_NAMES[unit] ?? unit),
      spacingOf: ({ spacing, spacingUnit, spatial }) =>
        spacing?.map((length) => length * ratio(spacingUnit, unit)) ?? spatial.map(() => 1),
    };
  }
  if (network !== undefined) return { unit: 'µm', spacingOf: () => network };
  return { unit: 'pixels', spacingOf: ({ spatial }) => spatial.map(() => 1) };
}

/** How many nanometres a unit is. A pixel has no length. */
const NANOMETRES: ReadonlyMap<string | undefined, number> = new Map([
  ['nm', 1],
  ['um', 1e3],
  ['mm', 1e6],
  ['cm', 1e7],
  ['inch', 2.54e7],
  ['m', 1e9],
]);

/** Whether lengths in one unit can be given in another. */
function isComparable(one: string | undefined, other: string | undefined): boolean {
  return one === other || (NANOMETRES.has(one) && NANOMETRES.has(other));
}

/** How many of `unit` one of `own` is; 1 for the same unit. */
function ratio(own: string | undefined, unit: string | undefined): number {
  return own === unit ? 1 : (NANOMETRES.get(own) ?? 1) / (NANOMETRES.get(unit) ?? 1);
}
