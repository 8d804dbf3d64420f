import { failure } from '../../../diagnostics/failure.js';
import { imageKey, isMaskWord, maskKey } from '../../files/file-names.js';
import type { FilePair, FoundPairs } from '../file-pair.js';
import type { Folder, Item } from '../list-folder.js';
import { inNameOrder } from '../name-order.js';
import { classFiles, classNotes } from './class-labels.js';

const dataOf = (folder: Folder | undefined): readonly Item[] =>
  folder?.items.filter(({ kind }) => kind === 'data') ?? [];

/**
 * Pairs images of one folder with masks that lie in a folder for each class: masks/liver/a.png and masks/tumor/a.png for
 * a.png. Undefined where the folders are of another kind.
 *
 * @param classNames the classes by their label, where they are known
 */
export function pairByClassFolders(
  images: ReadonlyMap<string, Folder>,
  masks: ReadonlyMap<string, Folder>,
  classNames: readonly string[] = [],
): FoundPairs | undefined {
  const own = dataOf(images.get(''));
  const folders = [...masks].filter(([inside, folder]) => inside !== '' && dataOf(folder).length > 0);
  const isFlat = [...images].every(([inside, folder]) => inside === '' || dataOf(folder).length === 0);
  if (own.length === 0 || !isFlat || dataOf(masks.get('')).length > 0 || folders.length < 2) return undefined;
  const names = folders.map(([inside]) => inside);
  // Folders such as masks/colour and masks/ids are forms of one mask, and train is no class.
  const isClass = (name: string) =>
    !/^(train(ing)?|val(id(ation)?)?|test(ing)?|colou?rs?|ids|instances?|overlays?|previews?|\d+)$/i.test(
      name,
    ) &&
    !name.includes('/') &&
    !isMaskWord(name);
  if (!names.every(isClass)) return undefined;
  const known = classNames.slice(1);
  const isKnown = known.length === names.length && names.every((name) => known.includes(name));
  const classes = isKnown ? known : inNameOrder(names);
  const byName = new Map(
    own.flatMap(
      (image) =>
        [
          [imageKey(image.stem), image],
          [image.stem, image],
        ] as const,
    ),
  );
  const filesOf = new Map<Item, Map<string, string>>();
  const problems = [];
  for (const [name, folder] of folders) {
    for (const { stem, path } of dataOf(folder)) {
      const image = byName.get(stem) ?? byName.get(maskKey(stem));
      const before = image && filesOf.get(image);
      if (image === undefined) {
        problems.push(
          failure('partner-missing', { path, missing: 'image', folder: images.get('')?.path ?? '' }),
        );
      } else if (before?.has(name)) {
        problems.push(
          failure('ambiguous-pair', { clash: { case: 'masks', path, other: before.get(name) ?? '' } }),
        );
      } else filesOf.set(image, new Map(before).set(name, path));
    }
  }
  const pairs: FilePair[] = [];
  for (const image of own) {
    const files = filesOf.get(image) ?? new Map<string, string>();
    const missing = classes.filter((name) => !files.has(name));
    if (missing.length > 0)
      problems.push(failure('case-incomplete', { name: image.stem, missing, cases: own.length }));
    else pairs.push({ name: image.stem, images: [image.path], ...classFiles(files, classes) });
  }
  return {
    pairs,
    problems,
    notes: classNotes(classes),
    description: { classNames: ['background', ...classes] },
  };
}
