import type { FilePair } from '../file-pair.js';

/** The mask of a case whose classes have files of their own, by the class's name; one file without a name is a mask. */
export function classFiles(
  paths: ReadonlyMap<string, string>,
  classes: readonly string[],
): Pick<FilePair, 'mask' | 'parts'> {
  const parts = classes.flatMap((name, i) => {
    const path = paths.get(name);
    return path === undefined ? [] : [{ path, label: i + 1 }];
  });
  const mask = parts[0]?.path ?? '';
  return classes[0] === '' ? { mask } : { mask, parts };
}

/** Says which file is which class. */
export function classNotes(classes: readonly string[]): readonly string[] {
  const shown = classes.slice(0, 6).map((name, i) => `${i + 1} is ${name}`);
  const more = classes.length - shown.length;
  const text = more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
  return [`each class has a file of its own: class ${text}`];
}
