import type { Failure } from '../../diagnostics/failure.js';
import { listText } from '../../diagnostics/wording.js';
import { channelOf, imageKey, maskKey } from '../files/file-names.js';
import { type Folder, type Item, unreadFailure } from './list-folder.js';

/** What is left over once images and masks are paired. */
export interface Leftovers {
  readonly images: Folder;
  readonly masks: Folder;
  /** Images without a mask. */
  readonly lonely: readonly Item[];
  /** Masks without an image. */
  readonly unused: readonly Item[];
}

export interface UnreadPartners {
  /** One for each file that is not read and would be a partner. */
  readonly problems: readonly Failure[];
  /** The paths of images and masks whose partner is such a file. */
  readonly explained: ReadonlySet<string>;
  readonly notes: readonly string[];
}

/** All names under which the mask of an image may be found. */
function imageKeys(stem: string): readonly string[] {
  const base = channelOf(stem)?.base;
  const stems = base === undefined ? [stem] : [stem, base];
  return stems.flatMap((one) => [one, imageKey(one)]);
}

const maskKeys = (stem: string): readonly string[] => [stem, maskKey(stem)];

/** Candidates by each of their names. */
function byKeys(paths: readonly (readonly [string, readonly string[]])[]): Map<string, string> {
  return new Map(paths.toReversed().flatMap(([path, keys]) => keys.map((key) => [key, path] as const)));
}

/** The files that are not read. */
function candidates({ items }: Folder, keysOf: (stem: string) => readonly string[]) {
  const files = items.filter(({ kind }) => kind !== 'data');
  // The files that are images of some kind come before texts of the same name.
  const ordered = [
    ...files.filter(({ kind }) => kind === 'unread'),
    ...files.filter(({ kind }) => kind === 'document'),
  ];
  return byKeys(ordered.map((item) => [item.path, keysOf(item.stem)] as const));
}

/** Names the files that are not read and whose name is that of a partner which is missing, or unread as well. */
export function unreadPartners({ images, masks, lonely, unused }: Leftovers): UnreadPartners {
  const [unreadImages, unreadMasks] = [candidates(images, imageKeys), candidates(masks, maskKeys)];
  const found = new Set<string>();
  const explained = new Set<string>();
  const explain = (items: readonly Item[], keysOf: typeof imageKeys, among: Map<string, string>) => {
    for (const { path, stem } of items) {
      const partner = keysOf(stem).flatMap((key) => among.get(key) ?? [])[0];
      if (partner === undefined) continue;
      found.add(partner);
      explained.add(path);
    }
  };
  explain(lonely, imageKeys, unreadMasks);
  explain(unused, maskKeys, unreadImages);
  // Images and masks of which neither is read.
  const isImageFormat = ({ kind }: Item) => kind === 'unread';
  const others = images.items.filter((item) => isImageFormat(item) && !found.has(item.path));
  const before = explained.size;
  explain(others, imageKeys, unreadMasks);
  if (explained.size > before) for (const { path } of others) if (explained.has(path)) found.add(path);
  const left = [...images.items, ...(images === masks ? [] : masks.items)].filter(
    (item) => isImageFormat(item) && !found.has(item.path),
  );
  return { problems: [...found].map(unreadFailure), explained, notes: leftNotes(left) };
}

function leftNotes(left: readonly Item[]): readonly string[] {
  if (left.length === 0) return [];
  const shown = left.slice(0, 3).map(({ path }) => path);
  const more = left.length - shown.length;
  const names = more > 0 ? `${shown.join(', ')} and ${more} more` : listText(shown, 'and');
  return [
    `${left.length === 1 ? 'one file is' : `${left.length} files are`} left out, because the format is not read: ${names}`,
  ];
}
