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
 * The scale for all images: the spacings of their files, if all have one in the same unit; otherwise the spacing of the
 * network, in micrometres on each axis; otherwise pixels.
 */
export function lengthScale(images: readonly Spaced[], network: readonly number[] | undefined): LengthScale {
  const units = new Set(images.map(({ spacingUnit }) => spacingUnit));
  const [unit] = units;
  if (units.size === 1 && images.every(({ spacing }) => spacing !== undefined)) {
    return {
      unit: unit === undefined ? "the unit of the images' spacing" : (UNIT_NAMES[unit] ?? unit),
      spacingOf: ({ spacing, spatial }) => spacing ?? spatial.map(() => 1),
    };
  }
  if (network !== undefined) return { unit: 'µm', spacingOf: () => network };
  return { unit: 'pixels', spacingOf: ({ spatial }) => spatial.map(() => 1) };
}
