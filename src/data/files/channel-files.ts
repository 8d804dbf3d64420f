import { basename, dirname } from 'node:path';
import { stemOf } from './file-names.js';

const SEPARATORS = '-_. ';

/** How many characters at their start all texts share, up to a separator. */
function sharedStart(texts: readonly string[]): number {
  const [first = ''] = texts;
  let shared = 0;
  for (let at = 0; at < first.length; at++) {
    if (texts.some((text) => text[at] !== first[at])) break;
    if (SEPARATORS.includes(first[at] ?? '')) shared = at + 1;
  }
  return shared;
}

const reversed = (text: string) => [...text].reverse().join('');

/** Names without what all of them begin and end with. */
function ownParts(names: readonly string[]): readonly string[] {
  const start = sharedStart(names);
  const rests = names.map((name) => name.slice(start));
  const end = sharedStart(rests.map(reversed));
  return rests.map((rest) => rest.slice(0, rest.length - end));
}

/** Names of files, or of the nearest folders above them that do not all have one name. */
function names(paths: readonly string[]): readonly string[] {
  const [first] = paths;
  const own = paths.map((path) => stemOf(basename(path)));
  const above = paths.map((path) => dirname(path));
  const isOne = own.every((name) => name === own[0]);
  return isOne && first !== undefined && dirname(first) !== first && above.some((one) => one !== above[0])
    ? names(above)
    : own;
}

/**
 * What tells the files of the channels of one image apart: `t1` and `flair` of `a_t1.nii.gz` and `a_flair.nii.gz`, `0000` and
 * `0001` of nnU-Net's files, `CT` and `PET` of `CT/a.nii` and `PET/a.nii`. Undefined for one file.
 */
export function channelNames(paths: readonly string[]): readonly string[] | undefined {
  return paths.length < 2 ? undefined : ownParts(names(paths));
}

/**
 * The files of the channels with these names, in the order of the names; undefined unless there is one for each. Other files
 * are left out.
 */
export function filesOfChannels(
  paths: readonly string[],
  wanted: readonly string[],
): readonly string[] | undefined {
  const texts = names(paths).map((name) => name.toLowerCase());
  const parts = ownParts(texts);
  const isBounded = (text: string, name: string) => {
    for (let at = text.indexOf(name); name !== '' && at >= 0; at = text.indexOf(name, at + 1)) {
      const [before, after] = [text[at - 1], text[at + name.length]];
      if ([before, after].every((one) => one === undefined || SEPARATORS.includes(one))) return true;
    }
    return false;
  };
  for (const isOf of [
    (i: number, name: string) => parts[i] === name,
    (i: number, name: string) => isBounded(texts[i] ?? '', name),
  ]) {
    const found = wanted.map((name) => paths.filter((_, i) => isOf(i, name.toLowerCase())));
    const files = found.flatMap((some) => (some.length === 1 ? some : []));
    if (new Set(files).size === wanted.length) return files;
  }
  return undefined;
}
