import { join } from 'node:path';
import { type Failure, failure } from '../../../diagnostics/failure.js';
import { isMaskWord } from '../../files/file-names.js';
import type { FilePair, FoundPairs } from '../file-pair.js';
import type { Folder, Item } from '../list-folder.js';
import { inNameOrder } from '../name-order.js';

/** A file of a subject: "sub-01_ses-1" and "acq-hi_T1w". */
interface SubjectFile {
  readonly item: Item;
  readonly subject: string;
  readonly kind: string;
}

const SUBJECT = /^(sub-[^_]+(?:_ses-[^_]+)?)_(.+)$/;

const lastWord = (kind: string) => kind.replace(/^.*_/, '');

/** Whether a folder has a folder for each subject, as BIDS asks for. */
export function isBids({ folders }: Folder): boolean {
  return folders.some((name) => /^sub-/.test(name));
}

/** The anatomical images of subjects, and the masks beside them and in derivatives. */
function filesIn(tree: ReadonlyMap<string, Folder>) {
  const images: SubjectFile[] = [];
  const masks: SubjectFile[] = [];
  const others: Item[] = [];
  for (const [inside, folder] of tree) {
    const isRaw = /^sub-[^/]+(\/ses-[^/]+)?\/anat$/.test(inside);
    const isDerived = /^derivatives\/(.*\/)?sub-[^/]+(\/ses-[^/]+)?(\/anat)?$/.test(inside);
    if (!isRaw && !isDerived) continue;
    for (const item of folder.items) {
      const [, subject = '', kind = ''] = SUBJECT.exec(item.stem) ?? [];
      if (item.kind !== 'data') continue;
      if (subject === '') others.push(item);
      else if (isMaskWord(lastWord(kind))) masks.push({ item, subject, kind });
      else if (isRaw) images.push({ item, subject, kind });
    }
  }
  return { images, masks, others };
}

const kindsOf = (files: readonly SubjectFile[]) => inNameOrder(files.map(({ kind }) => kind));

/** A pattern for the files of the first kind. */
function patternOf(files: readonly SubjectFile[], [first = '']: readonly string[]): string {
  const item = files.find(({ kind }) => kind === first)?.item;
  return `**/{case}_${first}${item?.name.slice(item.stem.length) ?? ''}`;
}

/** The kind of images that masks are of: the only one, or the one that their names mention. */
function imageKind(kinds: readonly string[], maskKind: string): string | undefined {
  if (kinds.length === 1) return kinds[0];
  const words = maskKind.split('_');
  const named = kinds.filter(
    (kind) => words.includes(kind) || words.includes(`space-${kind}`) || maskKind.startsWith(`${kind}_`),
  );
  return named.length === 1 ? named[0] : undefined;
}

/** Pairs the images of subjects with masks in derivatives, as BIDS names them. Fails if several kinds may be meant. */
export function pairBids(top: string, tree: ReadonlyMap<string, Folder>): FoundPairs | Failure {
  const { images: all, masks, others } = filesIn(tree);
  const [maskKinds, imageKinds] = [kindsOf(masks), kindsOf(all)];
  const doubtful = (kind: 'images' | 'masks', found: readonly string[]) => {
    const patterns = {
      images: patternOf(all, kind === 'images' ? found : imageKinds),
      masks: patternOf(masks, maskKinds),
    };
    return failure('layout-ambiguous', { doubt: { case: 'kinds', folder: top, kind, found, patterns } });
  };
  if (all.length === 0 || masks.length === 0) {
    const problem =
      all.length === 0
        ? ({ case: 'nothing', folder: top } as const)
        : ({ case: 'no-masks', folder: top, images: 'sub-*/anat' } as const);
    return failure('images-missing', { problem });
  }
  if (maskKinds.length > 1) return doubtful('masks', maskKinds);
  const [maskKind = ''] = maskKinds;
  const kind = imageKind(imageKinds, maskKind);
  if (kind === undefined) return doubtful('images', imageKinds);
  const problems: Failure[] = [];
  const maskOf = new Map<string, SubjectFile>();
  for (const mask of masks) {
    const other = maskOf.get(mask.subject);
    if (other === undefined) maskOf.set(mask.subject, mask);
    else
      problems.push(
        failure('ambiguous-pair', { clash: { case: 'masks', path: mask.item.path, other: other.item.path } }),
      );
  }
  const pairs: FilePair[] = [];
  const images = all.filter((image) => image.kind === kind);
  const subjects = new Set(images.map(({ subject }) => subject));
  for (const { item, subject } of images) {
    const mask = maskOf.get(subject);
    if (mask) pairs.push({ name: subject, images: [item.path], mask: mask.item.path });
    else
      problems.push(
        failure('partner-missing', { path: item.path, missing: 'mask', folder: join(top, 'derivatives') }),
      );
  }
  for (const { item, subject } of maskOf.values()) {
    if (!subjects.has(subject))
      problems.push(failure('partner-missing', { path: item.path, missing: 'image', folder: top }));
  }
  const notes = [`BIDS: the images are the files ${kind}, the masks the files ${maskKind}`];
  if (others.length > 0) {
    const names = others.slice(0, 3).map(({ path }) => path);
    notes.push(
      `${others.length === 1 ? 'one file is' : `${others.length} files are`} left out, because the names are not those of a subject: ${names.join(', ')}`,
    );
  }
  return { pairs, problems, notes };
}
