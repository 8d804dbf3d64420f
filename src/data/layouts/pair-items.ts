import { type Failure, failure } from '../../diagnostics/failure.js';
import { nameWithoutMaskNumber } from '../files/file-names.js';
import { pairBySuffix } from './by-class/class-suffixes.js';
import type { FilePair, FoundPairs } from './file-pair.js';
import type { Folder, Item } from './list-folder.js';
import { MaskNames, type Match } from './mask-names.js';
import { unreadPartners } from './unread-partners.js';

/** The images that belong to one mask, while they are gathered. */
interface Group {
  readonly mask: Item;
  readonly files: { readonly image: Item; readonly channel: Match['channel'] }[];
}

/** Fails if the images of a group do not make one image. */
function groupProblem({ mask, files }: Group): Failure | undefined {
  const channels = files.map(({ channel }) => channel?.channel ?? 0).sort((a, b) => a - b);
  if (files.every(({ channel }) => channel !== undefined)) {
    if (channels.every((channel, i) => channel === i)) return undefined;
    return failure('channel-numbers', { path: files[0]?.image.path ?? '', channels });
  }
  if (files.length === 1) return undefined;
  const paths = files.map(({ image }) => image.path);
  return failure('ambiguous-pair', { clash: { case: 'images', paths, mask: mask.name } });
}

function pairOf({ mask, files }: Group): FilePair {
  const sorted = files.toSorted((a, b) => (a.channel?.channel ?? 0) - (b.channel?.channel ?? 0));
  const [first] = sorted;
  const name = first?.channel?.base ?? first?.image.stem ?? '';
  return { name, images: sorted.map(({ image }) => image.path), mask: mask.path };
}

const isData = ({ kind }: Item) => kind === 'data';

/**
 * Pairs the images of one folder with the masks of another, or of the same, by their names. Each file that is data lands
 * in one pair or in one problem.
 *
 * @param classNames the classes by their label, where they are known
 */
export function pairItems(images: Folder, masks: Folder, classNames?: readonly string[]): FoundPairs {
  const maskNames = new MaskNames(masks.items.filter(isData));
  const groups = new Map<Item, Group>();
  const lonely: Item[] = [];
  for (const image of images.items.filter(isData)) {
    const match = maskNames.matchOf(image.stem);
    if (match === undefined) {
      lonely.push(image);
      continue;
    }
    const group = groups.get(match.mask) ?? { mask: match.mask, files: [] };
    group.files.push({ image, channel: match.channel });
    groups.set(match.mask, group);
  }
  const unused = masks.items.filter(
    (mask) => isData(mask) && !groups.has(mask) && !maskNames.twins.has(mask),
  );
  const bySuffix =
    groups.size === 0 && lonely.length > 0 && unused.length > 0 && maskNames.twins.size === 0
      ? pairBySuffix(lonely, unused, classNames)
      : undefined;
  if (bySuffix !== undefined) return bySuffix;
  const unread = unreadPartners({ images, masks, lonely, unused });
  if (groups.size === 0 && unread.explained.size === 0 && lonely.length > 1 && unused.length > 1) {
    const named = (items: readonly Item[], { path }: Folder) => ({
      folder: path,
      count: items.length,
      example: items[0]?.name ?? '',
    });
    const unmatched = failure('names-unmatched', {
      images: named(lonely, images),
      masks: named(unused, masks),
    });
    return { pairs: [], problems: [...maskNames.twins.values(), unmatched], notes: unread.notes };
  }
  const problems = [...maskNames.twins.values(), ...unread.problems];
  for (const { path } of lonely) {
    if (unread.explained.has(path)) continue;
    problems.push(failure('partner-missing', { path, missing: 'mask', folder: masks.path }));
  }
  const paired = new Map([...groups.values()].map((group) => [group.files[0]?.image.stem ?? '', group.mask]));
  for (const { path, stem } of unused) {
    if (unread.explained.has(path)) continue;
    const other = paired.get(nameWithoutMaskNumber(stem) ?? '');
    problems.push(
      other === undefined
        ? failure('partner-missing', { path, missing: 'image', folder: images.path })
        : failure('ambiguous-pair', { clash: { case: 'masks', path, other: other.name } }),
    );
  }
  const pairs: FilePair[] = [];
  for (const group of groups.values()) {
    const problem = groupProblem(group);
    if (problem === undefined) pairs.push(pairOf(group));
    else problems.push(problem);
  }
  return { pairs, problems, notes: unread.notes };
}
