import { listText } from '../../wording.js';

/** Names of images: the first few, and how many there are. */
export interface ImageNames {
  readonly names: readonly string[];
  readonly count: number;
}

/** "a", "a and b", "12 images: a, b, c, ...". */
export function namesText({ names, count }: ImageNames): string {
  return count > names.length ? `${count} images: ${names.join(', ')}, ...` : listText(names, 'and');
}
