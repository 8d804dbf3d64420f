/** Red, green and blue, 0 .. 255. */
export type Rgb = readonly [number, number, number];

/**
 * The colours of Okabe and Ito without black, which colour-blind readers tell apart, in the order of their distance on
 * gray images.
 */
const BASE: readonly Rgb[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [204, 121, 167],
  [240, 228, 66],
  [213, 94, 0],
  [0, 114, 178],
];

/** The colours again, nearer to white and nearer to black. */
const MIXES = [
  { target: 0, share: 0 },
  { target: 255, share: 0.5 },
  { target: 0, share: 0.4 },
] as const;

/** How many classes have a colour of their own. */
export const DISTINCT_COLOURS = BASE.length * MIXES.length;

/** The colour of class `index`, from 1; they repeat after DISTINCT_COLOURS. Class 0, the background, is black. */
export function classColour(index: number): Rgb {
  if (index <= 0) return [0, 0, 0];
  const at = index - 1;
  // `at` modulo the length is inside of both lists.
  const base = BASE[at % BASE.length] as Rgb;
  // So is this.
  const { target, share } = MIXES[Math.floor(at / BASE.length) % MIXES.length] as (typeof MIXES)[number];
  const mix = (value: number) => Math.round(value + (target - value) * share);
  return [mix(base[0]), mix(base[1]), mix(base[2])];
}

/** What two masks have in common, and in what they differ; by number, 0 is the background of both. */
export const DIFFERENCES = [
  { name: 'background in both', colour: [0, 0, 0] },
  { name: 'the same class', colour: [0, 158, 115] },
  { name: 'only in the first', colour: [230, 159, 0] },
  { name: 'only in the second', colour: [86, 180, 233] },
  { name: 'different classes', colour: [204, 121, 167] },
] as const satisfies readonly { readonly name: string; readonly colour: Rgb }[];

/** The names of DIFFERENCES where masks number objects. */
const OF_OBJECTS: Readonly<Record<string, string>> = {
  'the same class': 'the same object',
  'different classes': 'different objects',
};

/**
 * The names of DIFFERENCES with those of the masks, where there are only two.
 *
 * @param objects whether the masks number objects
 */
export function differenceNames(masks: readonly string[], objects = false): readonly string[] {
  const [first, second] = masks;
  const all = DIFFERENCES.map(({ name }) => (objects ? (OF_OBJECTS[name] ?? name) : name));
  if (masks.length !== 2 || first === second) return all;
  const own = ['', '', `only in ${first}`, `only in ${second}`];
  return all.map((name, i) => own[i] || name);
}

export function hexColour(colour: Rgb): string {
  return `#${colour.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}
