import { basename } from 'node:path';
import { type Failure, failure } from '../../diagnostics/failure.js';
import { fileStem } from '../../formats/format-of.js';
import type { FoundCases, PredictCase } from './find-cases.js';

interface NamedChannel {
  /** The name of the image: that of the file without the channel. */
  readonly image: string;
  /** The index of the channel. */
  readonly channel: number;
}

/** Which channel a file's name ends with, or has between separators: `t1` in `a_t1.nii.gz` and `a_t1_brain.nii.gz`. */
function channelOf(stem: string, names: readonly string[]): NamedChannel | undefined {
  let found: (NamedChannel & { readonly end: number }) | undefined;
  for (const [channel, name] of names.entries()) {
    const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    for (const match of stem.matchAll(new RegExp(`(?<=^|[-_. ])${escaped}(?=[-_. ]|$)`, 'gi'))) {
      const end = match.index + name.length;
      if (found && found.end >= end) continue;
      const [before, after] = [stem.slice(0, match.index), stem.slice(end)];
      found = { channel, end, image: before === '' ? after.slice(1) : before.slice(0, -1) + after };
    }
  }
  return found;
}

/**
 * The cases of a network whose channels had a file each in training, told apart by `names`: files that name one channel
 * each become one case. Where a file names none, the cases stay as they are. Fails if an image lacks a channel.
 */
export function joinChannels(found: FoundCases, names: readonly string[] | undefined): FoundCases | Failure {
  if (names === undefined || names.length < 2) return found;
  const images = new Map<string, (string | undefined)[]>();
  for (const { paths } of found.cases) {
    const [path] = paths;
    const own = paths.length === 1 && path ? channelOf(fileStem(basename(path)), names) : undefined;
    if (!own) return found;
    const files = images.get(own.image) ?? names.map(() => undefined);
    // Two files of one channel: their names differ in something else.
    if (files[own.channel] !== undefined) return found;
    files[own.channel] = path;
    images.set(own.image, files);
  }
  const cases: PredictCase[] = [];
  for (const [name, files] of images) {
    const paths = files.filter((path) => path !== undefined);
    if (paths.length < names.length) return failure('input-count', { files: paths, channels: names.length });
    cases.push({ name, paths });
  }
  return { cases, isOne: false };
}
