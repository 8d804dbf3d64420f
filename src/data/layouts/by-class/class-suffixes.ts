import { type Failure, failure } from '../../../diagnostics/failure.js';
import { channelOf, imageKey, maskKey } from '../../files/file-names.js';
import type { FilePair, FoundPairs } from '../file-pair.js';
import type { Item } from '../list-folder.js';
import { inNameOrder } from '../name-order.js';
import { classFiles, classNotes } from './class-labels.js';
import { doubtOfClasses, isFormWord } from './class-words.js';

/** The images of one name. */
interface Case {
  readonly name: string;
  readonly files: readonly Item[];
  /** Whether the name is that of the files without the channels' numbers. */
  readonly isNumbered: boolean;
}

/** The images by the names that masks may begin with: of two images, a shorter name gives way to a whole one. */
function casesByName(images: readonly Item[]): Map<string, Case> {
  const cases = new Map<string, Case>();
  const add = (name: string, image: Item, isNumbered: boolean) => {
    const before = cases.get(name);
    const files = before?.isNumbered === isNumbered ? [...before.files, image] : [image];
    if (before === undefined || before.isNumbered || !isNumbered)
      cases.set(name, { name, files, isNumbered });
  };
  for (const image of images) {
    const base = channelOf(image.stem)?.base;
    if (base !== undefined) add(base, image, true);
  }
  for (const image of images) {
    add(image.stem, image, false);
    const key = imageKey(image.stem);
    if (key !== image.stem && !cases.has(key)) add(key, image, false);
  }
  return cases;
}

/** Fails if several images have the name of one case, or if their channels have gaps. */
function fileProblem({ files, isNumbered, name }: Case): Failure | undefined {
  const paths = files.map(({ path }) => path);
  if (!isNumbered) {
    return files.length === 1
      ? undefined
      : failure('ambiguous-pair', { clash: { case: 'images', paths, mask: name } });
  }
  const channels = files.map(({ stem }) => channelOf(stem)?.channel ?? 0).sort((a, b) => a - b);
  if (channels.every((channel, i) => channel === i)) return undefined;
  return failure('channel-numbers', { path: paths[0] ?? '', channels });
}

/** The longest case that a mask's name begins with, and the rest of the name. */
function splitName(
  stem: string,
  cases: ReadonlyMap<string, Case>,
): { name: string; word: string } | undefined {
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
  const byName = casesByName(images);
  const filesOf = new Map<Case, Map<string, Item>>();
  for (const mask of masks) {
    const split = splitName(mask.stem, byName);
    const owner = byName.get(split?.name ?? '');
    if (split === undefined || owner === undefined) return undefined;
    const own = filesOf.get(owner) ?? new Map<string, Item>();
    if (own.has(split.word)) return undefined;
    filesOf.set(owner, own.set(split.word, mask));
  }
  const words = inNameOrder([...filesOf.values()].flatMap((own) => [...own.keys()]));
  const [path = '', only = ''] = [masks[0]?.path, words[0]];
  const doubtful = (kind: 'numbered' | 'unclear-parts'): FoundPairs => ({
    pairs: [],
    problems: [failure('layout-ambiguous', { doubt: { case: kind, path, found: words } })],
    notes: [],
  });
  if (words.length === 1 && (/^\d+$/.test(only) || isFormWord(only))) return undefined;
  const doubt = words.length > 1 ? doubtOfClasses(words) : undefined;
  if (doubt !== undefined) return doubtful(doubt);
  const shown = (word: string) => (words.length === 1 ? '' : maskKey(word));
  const order = inNameOrder(words.map(shown));
  if (order.length < words.length) return doubtful('unclear-parts');
  const known = classNames.slice(1);
  const isKnown = known.length === order.length && order.every((word) => known.includes(word));
  const classes = isKnown ? known : order;
  const problems: Failure[] = [];
  const pairs: FilePair[] = [];
  const owned = new Set([...filesOf.keys()].flatMap(({ files }) => files));
  const lonely = images.filter((image) => !owned.has(image));
  for (const image of lonely) {
    problems.push(
      failure('case-incomplete', { name: image.stem, missing: words, cases: filesOf.size + lonely.length }),
    );
  }
  for (const [one, own] of filesOf) {
    const missing = words.filter((word) => !own.has(word));
    const wrong = fileProblem(one);
    if (missing.length > 0)
      problems.push(
        failure('case-incomplete', { name: one.name, missing, cases: filesOf.size + lonely.length }),
      );
    else if (wrong) problems.push(wrong);
    else {
      const paths = new Map([...own].map(([word, item]) => [shown(word), item.path]));
      const [first] = one.files;
      const name = one.isNumbered ? one.name : (first?.stem ?? '');
      pairs.push({ name, images: one.files.map((item) => item.path), ...classFiles(paths, classes) });
    }
  }
  const notes =
    words.length === 1
      ? [`the names of the masks are those of the images with _${only} or the like`]
      : classNotes(classes);
  return {
    pairs,
    problems,
    notes,
    ...(words.length === 1 ? {} : { description: { classNames: ['background', ...classes] } }),
  };
}
