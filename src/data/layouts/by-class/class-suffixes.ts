import { failure } from '../../../diagnostics/failure.js';
import { channelOf, imageKey, isMaskWord, maskKey } from '../../files/file-names.js';
import type { FilePair, FoundPairs } from '../file-pair.js';
import type { Item } from '../list-folder.js';
import { inNameOrder } from '../name-order.js';
import { classFiles, classNotes } from './class-labels.js';

/** Endings of names that say in which form a mask is drawn, and not of which class it is. */
const FORM =
  /(^|[-_. ])(colou?rs?|rgb|ids?|instances?|instanceids|labelids|trainids|vis|visuali[sz]ation|overlay|preview|thumb|bbox|box|edges?|contours?|boundary|boundaries|polygons?|weights?|dist|distance|prob|probabilities|uncertainty|skeleton|raw)$/i;

/** Names that differ only in a number or in one last letter: objects or annotators. */
function isNumbered(words: readonly string[]): boolean {
  const stems = words.map((word) => maskKey(word).replace(/(\d+|[-_. ]?(?<![a-z])[a-z])$/i, ''));
  return (
    words.every((word) => /^\d+$/.test(word)) ||
    (/(\d|^[a-z])$/i.test(words[0] ?? '') && new Set(stems).size === 1)
  );
}

/** The images by the name that their masks begin with. */
function casesOf(images: readonly Item[]): ReadonlyMap<string, readonly Item[]> {
  const cases = new Map<string, Item[]>();
  for (const image of images) {
    const name = channelOf(image.stem)?.base ?? image.stem;
    cases.set(name, [...(cases.get(name) ?? []), image]);
  }
  return cases;
}

/** The longest case that a mask's name begins with, and the rest of the name. */
function splitName(stem: string, cases: ReadonlySet<string>): { name: string; word: string } | undefined {
  for (let at = stem.length - 1; at > 0; at--) {
    if (/[-_. ]/.test(stem[at] ?? '') && cases.has(stem.slice(0, at))) {
      return { name: stem.slice(0, at), word: stem.slice(at + 1) };
    }
  }
  return undefined;
}

/**
 * Pairs images with masks that all add a word to the image's name: the same word for all (a_liver for a), or the same words
 * for each image, which are the classes (a_liver, a_tumor). Undefined where the names are of another kind.
 *
 * @param classNames the classes by their label, where they are known
 */
export function pairBySuffix(
  images: readonly Item[],
  masks: readonly Item[],
  classNames: readonly string[] = [],
): FoundPairs | undefined {
  const cases = casesOf(images);
  const keys = new Map(
    [...cases.keys()].flatMap(
      (name) =>
        [
          [imageKey(name), name],
          [name, name],
        ] as const,
    ),
  );
  const names = new Set(keys.keys());
  const filesOf = new Map<string, Map<string, Item>>();
  for (const mask of masks) {
    const split = splitName(mask.stem, names);
    const name = keys.get(split?.name ?? '');
    if (split === undefined || name === undefined) return undefined;
    const own = filesOf.get(name) ?? new Map<string, Item>();
    if (own.has(split.word)) return undefined;
    filesOf.set(name, own.set(split.word, mask));
  }
  const words = inNameOrder([...filesOf.values()].flatMap((own) => [...own.keys()]));
  const [path = '', one = ''] = [masks[0]?.path, words[0]];
  const doubtful = (kind: 'numbered' | 'unclear-parts'): FoundPairs => ({
    pairs: [],
    problems: [failure('layout-ambiguous', { doubt: { case: kind, path, found: words } })],
    notes: [],
  });
  if (words.length === 1 && (/^\d+$/.test(one) || FORM.test(one))) return undefined;
  if (words.length > 1 && isNumbered(words)) return doubtful('numbered');
  if (words.length > 1 && words.some((word) => FORM.test(word) || isMaskWord(word)))
    return doubtful('unclear-parts');
  const shown = (word: string) => (words.length === 1 ? '' : maskKey(word));
  const order = inNameOrder(words.map(shown));
  if (order.length < words.length) return doubtful('unclear-parts');
  const known = classNames.slice(1);
  const isKnown = known.length === order.length && order.every((word) => known.includes(word));
  const classes = isKnown ? known : order;
  const problems = [];
  const pairs: FilePair[] = [];
  for (const [name, files] of cases) {
    const own = filesOf.get(name) ?? new Map<string, Item>();
    const missing = words.filter((word) => !own.has(word));
    const numbers = files.map(({ stem }) => channelOf(stem)?.channel ?? 0).sort((a, b) => a - b);
    const firstPath = files[0]?.path ?? '';
    if (missing.length > 0) {
      problems.push(failure('case-incomplete', { name, missing, cases: cases.size }));
    } else if (numbers.some((number, i) => number !== i)) {
      problems.push(failure('channel-numbers', { path: firstPath, channels: numbers }));
    } else {
      const paths = new Map([...own].map(([word, item]) => [shown(word), item.path]));
      pairs.push({ name, images: files.map((item) => item.path), ...classFiles(paths, classes) });
    }
  }
  const notes =
    words.length === 1
      ? [`the names of the masks are those of the images with _${one} or the like`]
      : classNotes(classes);
  return {
    pairs,
    problems,
    notes,
    ...(words.length === 1 ? {} : { description: { classNames: ['background', ...classes] } }),
  };
}
