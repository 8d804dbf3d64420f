import type { ClassesProblem, ValueCount } from '../../diagnostics/codes/data-sets/labels.js';
import { type Failure, failure } from '../../diagnostics/failure.js';
import { canonicalValue, grayTwin, labelValueText, paletteText } from '../../images/label-values.js';
import { IGNORED, type LabelMap, withIgnored } from './label-map.js';
import type { IndexedLabels } from './value-index.js';

/** How many values a message shows. */
const SHOWN = 12;
/** How many values a message suggests classes for. */
const SUGGESTED = 8;
/** If masks have more strange values than this, these are more likely the numbers of objects than classes. */
const MOST_STRANGE = 32;
/** From so many values on, consecutive numbers may count the objects of each image. */
const FEWEST_OBJECTS = 8;

/** What the masks of a data set contain, gathered mask by mask. */
export class FoundValues {
  /** How often each value occurs, by its text. */
  readonly counts = new Map<string, number>();
  /** The first mask that contains each value. */
  readonly paths = new Map<string, string>();
  /** The colour of each number of masks with palettes, and the first mask that has it. */
  private readonly colours = new Map<number, { readonly colour: string; readonly path: string }>();
  /** What compressed the masks whose compression changes values, by their paths. */
  readonly lossy = new Map<string, string>();
  /** Of each mask: how many distinct numbers above 0 it has, and the two largest. A large one may be a value to ignore. */
  private readonly objects: { readonly count: number; readonly largest: number; readonly next: number }[] =
    [];
  /** A number that two masks' palettes give different colours. */
  clash:
    | {
        readonly value: number;
        readonly paths: readonly [string, string];
        readonly colours: readonly [string, string];
      }
    | undefined;

  add(
    path: string,
    numbers: readonly number[],
    counts: readonly number[],
    { coloured, palette, lossy }: Pick<IndexedLabels, 'coloured' | 'palette' | 'lossy'>,
  ): void {
    if (lossy !== undefined) this.lossy.set(path, lossy);
    let [count, largest, next] = [0, 0, 0];
    for (const [k, number] of numbers.entries()) {
      const text = labelValueText(number, coloured);
      this.counts.set(text, (this.counts.get(text) ?? 0) + (counts[k] ?? 0));
      if (!this.paths.has(text)) this.paths.set(text, path);
      if (number > 0) count += 1;
      if (number > largest) [largest, next] = [number, largest];
      else next = Math.max(next, number);
      const colour = paletteText(number, palette);
      if (colour === undefined) continue;
      const known = this.colours.get(number);
      if (known === undefined) this.colours.set(number, { colour, path });
      else if (known.colour !== colour) {
        this.clash ??= { value: number, paths: [known.path, path], colours: [known.colour, colour] };
      }
    }
    this.objects.push({ count, largest, next });
  }

  /** The texts of the values that a value to ignore means: with palettes, a colour is each number that shows it. */
  textsOf(ignored: string): ReadonlySet<string> {
    if (!ignored.startsWith('#')) return new Set([ignored]);
    const numbers = [...this.colours].filter(([, { colour }]) => colour === ignored);
    const twin = grayTwin(ignored) ?? ignored;
    const own = this.colours.has(Number(twin)) ? [] : [twin];
    return new Set([...numbers.map(([number]) => String(number)), ...own]);
  }

  /**
   * Whether the values, without a largest one that is ignored, look like the numbers of objects: each mask has 1, 2, ...,
   * and not all have equally many.
   */
  areObjects(ignored: ReadonlySet<string>): boolean {
    let [most, least] = [0, Number.POSITIVE_INFINITY];
    for (const { count, largest, next } of this.objects) {
      const isIgnored = ignored.has(String(largest));
      const objects = isIgnored ? count - 1 : count;
      // An object that another one hides leaves a gap.
      if (objects < 0.8 * (isIgnored ? next : largest)) return false;
      most = Math.max(most, objects);
      least = Math.min(least, objects);
    }
    return most >= FEWEST_OBJECTS && (most !== least || this.objects.length === 1);
  }
}

/**
 * The classes of masks that contain these values, if they are obvious: 0 and 255 are the classes 0 and 1; 0, 1, ...,
 * K - 1 are themselves. The value to ignore does not count.
 *
 * @param wanted how many classes a network has: then 0, 1, ..., K - 1 are classes even if they look like objects
 */
export function detectLabels(
  found: FoundValues,
  ignore?: string | number,
  wanted?: number | 'values',
): LabelMap | Failure {
  const { counts, clash } = found;
  if (clash && wanted !== 'values') return failure('palettes-differ', clash);
  const ignored = ignore === undefined ? undefined : canonicalValue(String(ignore));
  const left = ignored === undefined ? new Set<string>() : found.textsOf(ignored);
  const values = [...counts.keys()].filter((value) => !left.has(value));
  const numbers = values.map(Number).sort((a, b) => a - b);
  const plain = (map: readonly (readonly [string, number])[]) =>
    withIgnored({ classes: map.length, classOf: new Map(map), ranges: [], rest: undefined }, ignore);
  if (numbers.includes(255) && numbers.every((value) => value === 0 || value === 255) && !left.has('0')) {
    return plain([
      ['0', 0],
      ['255', 1],
    ]);
  }
  if (numbers.length > 1 && numbers.length <= IGNORED && numbers.every((value, i) => value === i)) {
    if (wanted !== 'values' && wanted !== numbers.length && found.areObjects(left)) {
      return failure('classes-unclear', { problem: { case: 'objects', classes: numbers.length } });
    }
    return plain(numbers.map((value) => [String(value), value]));
  }
  const wild = values.filter((value) => !value.startsWith('#') && !Number.isFinite(Number(value)));
  if (wild[0] !== undefined) {
    const count = wild.reduce((sum, value) => sum + (counts.get(value) ?? 0), 0);
    const problem = { case: 'not-finite', count, path: found.paths.get(wild[0]) ?? '' } as const;
    return failure('classes-unclear', { problem });
  }
  const counted = (value: string): ValueCount => ({ value, count: counts.get(value) ?? 0 });
  const [only] = values;
  if (ignored !== undefined && values.length <= 1) {
    return failure('classes-unclear', {
      problem:
        only === undefined
          ? { case: 'only-ignored', found: counted([...left].find((value) => counts.has(value)) ?? ignored) }
          : { case: 'one-besides-ignored', found: counted(only), ignored },
    });
  }
  if (only !== undefined && values.length === 1) {
    return failure('classes-unclear', { problem: { case: 'one-value', found: counted(only) } });
  }
  return failure('classes-unclear', { problem: strangeValues(values.map(counted), numbers, found) });
}

/** Why values are no obvious classes. `numbers` are the same values, sorted. */
function strangeValues(
  values: readonly ValueCount[],
  numbers: readonly number[],
  { paths, lossy }: FoundValues,
): ClassesProblem {
  // The rarest value that a mask of two classes does not have is most likely the mistake.
  const unusual = values.filter(({ value }) => !['0', '1', '255'].includes(value));
  const [rarest] = unusual.toSorted((a, b) => a.count - b.count);
  const path = rarest && paths.get(rarest.value);
  return {
    case: 'strange-values',
    values: values.slice(0, SHOWN),
    more: Math.max(0, values.length - SHOWN),
    strange: rarest && path !== undefined ? { value: rarest.value, path } : undefined,
    remedy: remedyOf(values, numbers, path === undefined ? undefined : lossy.get(path)),
  };
}

function remedyOf(
  values: readonly ValueCount[],
  numbers: readonly number[],
  compression: string | undefined,
): Extract<ClassesProblem, { case: 'strange-values' }>['remedy'] {
  const isColoured = values.some(({ value }) => value.startsWith('#'));
  if (compression !== undefined) return { case: 'lossy', compression, coloured: isColoured };
  const [least = 0, most = 0] = [numbers[0], numbers.at(-1)];
  if (values.length > SUGGESTED && !isColoured) {
    if (numbers.some((value) => !Number.isInteger(value))) {
      return { case: 'fractions', half: (least + most) / 2, most };
    }
    // The borders of two classes that were resized or smoothed.
    const [first, second] = values.toSorted((a, b) => b.count - a.count).map(({ value }) => Number(value));
    if (
      least === 0 &&
      Math.min(first ?? 0, second ?? 0) === 0 &&
      Math.max(first ?? 0, second ?? 0) === most
    ) {
      return { case: 'halves', below: Math.floor(most / 2), most };
    }
  }
  if (values.length > MOST_STRANGE) return { case: 'objects' };
  // One value beside obvious classes often marks the positions that nobody labelled.
  const areClasses = (list: readonly number[]) =>
    list.length > 1 && list.every((value, i) => value === i) && !isColoured;
  const [first, last] = [numbers[0], numbers.at(-1)];
  const unlabelled = areClasses(numbers.slice(0, -1))
    ? last
    : areClasses(numbers.slice(1))
      ? first
      : undefined;
  // 0 is the background, whatever is below it. Colours by how often they occur; a value to ignore last.
  const grays = numbers
    .filter((number) => Number.isFinite(number) && number !== unlabelled)
    .sort((a, b) => Number(b === 0) - Number(a === 0) || a - b)
    .map(String);
  const colours = values
    .filter(({ value }) => value.startsWith('#'))
    .sort((a, b) => b.count - a.count)
    .map(({ value }) => value);
  const ordered = [...grays, ...colours, ...(unlabelled === undefined ? [] : [String(unlabelled)])];
  return {
    case: 'label',
    classes: ordered.slice(0, SUGGESTED),
    more: ordered.length > SUGGESTED,
    last: unlabelled,
  };
}
