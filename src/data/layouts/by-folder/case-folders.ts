import { basename } from 'node:path';
import { type Failure, failure } from '../../../diagnostics/failure.js';
import { listText } from '../../../diagnostics/wording.js';
import { isImageWord, isMaskWord, maskKey } from '../../files/file-names.js';
import { classFiles, classNotes } from '../by-class/class-labels.js';
import { doubtOfClasses } from '../by-class/class-words.js';
import type { FilePair, FoundPairs } from '../file-pair.js';
import { type Folder, type Item, unreadFailure } from '../list-folder.js';
import { inChannelOrder, inNameOrder, isModality } from '../name-order.js';

/** The files of a case by what is left of their names without the case's. */
interface Case {
  readonly folder: Folder;
  /** Relative to the data set. */
  readonly inside: string;
  readonly files: ReadonlyMap<string, Item>;
  /** Files that are not read. */
  readonly unread: ReadonlyMap<string, Item>;
  /** The files of a folder for the classes inside the folder of the case. */
  readonly classes: ReadonlyMap<string, Item>;
}

const SEPARATOR = /[-_. ]/;

/** How many characters of a name are the case's: those of its folder, or those that all names begin with. */
function prefixLength(folder: string, stems: readonly string[]): number {
  const [first = ''] = stems;
  const isFolder = (stem: string) =>
    stem === folder || (stem.startsWith(folder) && SEPARATOR.test(stem[folder.length] ?? ''));
  if (stems.every(isFolder)) return folder.length;
  if (stems.length < 2) return 0;
  let length = 0;
  for (let at = 0; at < first.length && stems.every((stem) => stem[at] === first[at]); at++) {
    if (SEPARATOR.test(first[at] ?? '')) length = at;
  }
  return length;
}

function caseIn(inside: string, folder: Folder, classes: ReadonlyMap<string, Item>): Case {
  const files = folder.items.filter(({ kind }) => kind !== 'document');
  const length = prefixLength(
    basename(folder.path),
    files.map(({ stem }) => stem),
  );
  const local = ({ stem }: Item) => (length === 0 ? stem : stem.slice(length).replace(SEPARATOR, ''));
  const named = (kind: Item['kind']) =>
    new Map(files.filter((one) => one.kind === kind).map((one) => [local(one), one]));
  return { folder, inside, files: named('data'), unread: named('unread'), classes };
}

/** The cases: the folders with files that are read, and in some of them a folder with the classes' masks. */
function casesIn(tree: ReadonlyMap<string, Folder>): Case[] {
  const isFilled = (folder: Folder | undefined) => folder?.items.some(({ kind }) => kind === 'data') ?? false;
  const cases: Case[] = [];
  for (const [inside, folder] of tree) {
    const parent = tree.get(inside.replace(/\/?[^/]*$/, ''));
    if (inside === '' || !isFilled(folder) || (isFilled(parent) && isMaskWord(basename(inside)))) continue;
    const inner = folder.folders.filter(
      (name) => isMaskWord(name) && isFilled(tree.get(`${inside}/${name}`)),
    );
    const [name = ''] = inner;
    const items = inner.length === 1 ? (tree.get(`${inside}/${name}`)?.items ?? []) : [];
    const classes = items.filter(({ kind }) => kind === 'data').map((item) => [item.stem, item] as const);
    cases.push(caseIn(inside, folder, new Map(classes)));
  }
  return cases;
}

/** What the files of each case are. */
interface Roles {
  readonly channels: readonly string[];
  readonly mask: string | undefined;
  readonly classes: readonly string[];
  /** Names of a few cases that say nothing. */
  readonly odd: readonly string[];
}

type Kind = 'images' | 'masks';

/** What each name is; which kind of files is in doubt, or undefined if there are no images or no masks by their names. */
function rolesOf(
  cases: readonly Case[],
): Roles | { readonly kind: Kind; readonly found: readonly string[] } | undefined {
  const counts = new Map<string, number>();
  for (const { files } of cases)
    for (const name of files.keys()) counts.set(name, (counts.get(name) ?? 0) + 1);
  const names = inNameOrder(counts.keys());
  const channels = names.filter((name) => isModality(name) || /^\d{4}$/.test(name));
  const images = names.filter((name) => name === '' || isImageWord(name));
  const masks = names.filter(isMaskWord);
  const others = names.filter((name) => ![channels, images, masks].some((list) => list.includes(name)));
  const odd = others.filter((name) => (counts.get(name) ?? 0) * 2 < cases.length);
  const words = others.filter((name) => !odd.includes(name));
  const inside = inNameOrder(cases.flatMap(({ classes }) => [...classes.keys()]));
  const shown = (list: readonly string[]) => list.map((name) => name || 'the name of the case');
  const own = channels.length > 0 ? channels : images;
  if (own.length === 0 || masks.length + words.length + inside.length === 0) return undefined;
  const isImageClear = channels.length === 0 ? images.length === 1 : images.length === 0;
  if (!isImageClear) return { kind: 'images', found: shown([...images, ...channels]) };
  const ways = [masks.length, words.length, inside.length].filter((count) => count > 0).length;
  if (ways > 1 || masks.length > 1 || words.length === 1) {
    return { kind: 'masks', found: [...masks, ...words, ...inside] };
  }
  return { channels: inChannelOrder(own), mask: masks[0], classes: [...words, ...inside], odd };
}

/**
 * Pairs the files of sets that have a folder for each case: with an image, or one for each channel (as BraTS has them), and
 * with a mask or one for each class. Undefined where the names in the folders say nothing of the kind.
 */
export function pairCaseFolders(
  top: string,
  tree: ReadonlyMap<string, Folder>,
): FoundPairs | Failure | undefined {
  const cases = casesIn(tree);
  const roles = rolesOf(cases);
  if (roles === undefined) return undefined;
  if ('kind' in roles) {
    return failure('layout-ambiguous', { doubt: { case: 'kinds', folder: top, ...roles } });
  }
  const { channels, mask, classes } = roles;
  const firstPath = cases[0]?.folder.path ?? '';
  const doubt = classes.length > 0 ? doubtOfClasses(classes) : undefined;
  if (doubt) return failure('layout-ambiguous', { doubt: { case: doubt, path: firstPath, found: classes } });
  const wanted = [...channels, ...(mask === undefined ? classes : [mask])];
  const lastNames = cases.map(({ inside }) => basename(inside));
  const pairs: FilePair[] = [];
  const problems: Failure[] = [];
  for (const { folder, inside, files, unread, classes: own } of cases) {
    const itemOf = (name: string) => files.get(name) ?? own.get(name);
    const missing = wanted.filter((name) => itemOf(name) === undefined);
    const hidden = missing.flatMap((name) => unread.get(name)?.path ?? []);
    problems.push(...hidden.map(unreadFailure));
    const absent = missing
      .filter((name) => !unread.has(name))
      .map((name) => name || 'file with the name of its folder');
    if (absent.length > 0)
      problems.push(failure('case-incomplete', { name: folder.path, missing: absent, cases: cases.length }));
    if (missing.length > 0) continue;
    const last = basename(inside);
    const path = (name: string) => itemOf(name)?.path ?? '';
    const masked =
      mask === undefined
        ? classFiles(new Map(classes.map((name) => [name, path(name)])), classes)
        : { mask: path(mask) };
    const name = lastNames.filter((one) => one === last).length > 1 ? inside : last;
    pairs.push({ name, images: channels.map(path), ...masked });
  }
  return {
    pairs,
    problems,
    notes: notesOf(roles, cases.length),
    ...describe(channels, classes.map(maskKey)),
  };
}

function notesOf({ channels, classes, odd }: Roles, count: number): string[] {
  return [
    `each of ${count} folders is a case`,
    ...(channels.length > 1 ? [`the channels are, in this order, ${listText(channels, 'and')}`] : []),
    ...(classes.length > 0 ? classNotes(classes.map(maskKey)) : []),
    ...(odd.length > 0
      ? [`files that few cases have are left out: ${listText(odd.slice(0, 4), 'and')}`]
      : []),
  ];
}

function describe(channels: readonly string[], classes: readonly string[]): Pick<FoundPairs, 'description'> {
  const description = {
    ...(channels.length > 1 ? { channelNames: channels } : {}),
    ...(classes.length > 0 ? { classNames: ['background', ...classes] } : {}),
  };
  return Object.keys(description).length > 0 ? { description } : {};
}
