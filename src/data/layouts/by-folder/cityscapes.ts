import { type Failure, failure } from '../../../diagnostics/failure.js';
import type { Folder, Item } from '../list-folder.js';
import { inNameOrder } from '../name-order.js';

const IMAGE = /_leftImg8bit$/;
const MASK = /_(gtFine|gtCoarse)_(\w+)$/;

type Tree = ReadonlyMap<string, Folder>;

/** The folders of Cityscapes' images and masks. */
export const CITYSCAPES = { images: /^leftImg8bit$/, masks: /^(gtFine|gtCoarse)$/ };

function mapItems(tree: Tree, change: (item: Item) => Item | undefined): Tree {
  const changed = ([inside, folder]: readonly [string, Folder]) =>
    [inside, { ...folder, items: folder.items.flatMap((item) => change(item) ?? []) }] as const;
  return new Map([...tree].map(changed));
}

/**
 * Takes the names of Cityscapes' files down to what an image and its mask share, and leaves out the other forms of the masks
 * (colours, numbers of objects, polygons). Undefined for files with other names. Fails if there are two forms with labels.
 */
export function cityscapesTrees(
  images: Tree,
  masks: Tree,
): { readonly images: Tree; readonly masks: Tree; readonly notes: readonly string[] } | undefined | Failure {
  const items = [...masks.values()].flatMap((folder) => folder.items.filter(({ kind }) => kind === 'data'));
  const forms = inNameOrder(items.map(({ stem }) => MASK.exec(stem)?.[2] ?? ''));
  const labels = forms.filter((form) => /^label(Train)?Ids$/.test(form));
  const [form, second] = labels;
  if (form === undefined) return undefined;
  if (second !== undefined) {
    const folder = masks.get('')?.path ?? '';
    return failure('layout-ambiguous', { doubt: { case: 'kinds', folder, kind: 'masks', found: labels } });
  }
  const left = forms.filter((one) => one !== form && one !== '');
  return {
    images: mapItems(images, (item) => ({ ...item, stem: item.stem.replace(IMAGE, '') })),
    masks: mapItems(masks, (item) => {
      const own = MASK.exec(item.stem)?.[2];
      if (own !== undefined && own !== form) return undefined;
      return { ...item, stem: item.stem.replace(MASK, '') };
    }),
    notes: [
      `Cityscapes: the masks are the files ${form}${left.length > 0 ? `; ${left.join(', ')} are left out` : ''}`,
    ],
  };
}
