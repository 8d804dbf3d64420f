import { isMaskWord, maskKey } from '../../files/file-names.js';

/** Endings of names that say in which form a mask is drawn, and not of which class it is. */
const FORM =
  /(^|[-_. ])(colou?rs?|rgb|ids?|instances?|instanceids|labelids|trainids|vis|visuali[sz]ation|overlay|preview|thumb|bbox|box|edges?|contours?|boundary|boundaries|polygons?|weights?|dist|distance|prob|probabilities|uncertainty|skeleton|raw|depth|normals?)$/i;

/** Whether a word names a form of a mask, or says that it is one, and so is not the name of a class. */
export function isFormWord(word: string): boolean {
  return FORM.test(word) || isMaskWord(word);
}

/** Why words that tell the masks of an image apart may not be the names of classes; undefined where they may. */
export function doubtOfClasses(words: readonly string[]): 'numbered' | 'unclear-parts' | undefined {
  if (isNumbered(words)) return 'numbered';
  return words.some(isFormWord) ? 'unclear-parts' : undefined;
}

/** Names that differ only in a number or in one last letter: objects or annotators. */
function isNumbered(words: readonly string[]): boolean {
  if (words.every((word) => /^\d+$/.test(word))) return true;
  const plain = words.map((word) => maskKey(word));
  const stems = plain.map((word) => word.replace(/(\d+|(?<![a-z])[a-z])$/i, ''));
  return words.length > 1 && stems.every((stem, i) => stem !== plain[i] && stem === stems[0]);
}
