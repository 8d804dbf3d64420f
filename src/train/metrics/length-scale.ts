/** What distances in images are measured in. */
export interface LengthScale {
  /** For people: "mm", "µm", "pixels". */
  readonly unit: string;
  /** Between the positions of an image, on each of its axes, in the unit. */
  spacingOf(image: Spaced): readonly number[];
}

/** What an image's file says of its positions. */
export interface Spaced {
  /** (...spatial). */
  readonly spatial: readonly number[];
  readonly spacing: readonly number[] | undefined;
  /** "mm"; undefined where the file does not say it. */
  readonly spacingUnit?: string | undefined;
}

const UNIT_NAMES: Readonly<Record<string, string>> = { um: 'µm' };

/**
 * The scale that all images can be measured in: what their files say, where all say it in one unit; else what the
 * network says, in micrometres an axis; else positions.
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
