import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { channelOf } from '../../data/files/file-names.js';
import { Pattern } from '../../data/layouts/by-pattern/pattern.js';
import { isPattern, itemsBelow } from '../../data/layouts/by-pattern/pattern-pairs.js';
import { listFolder } from '../../data/layouts/list-folder.js';
import { inChannelOrder } from '../../data/layouts/name-order.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import { isDicomFolder } from '../../formats/dicom/files.js';
import { fileStem } from '../../formats/format-of.js';
import { isFolder } from '../../runtime/files/folders.js';

/** An image to predict: one file with all channels, or a file for each. */
export interface PredictCase {
  readonly name: string;
  readonly paths: readonly string[];
}

/** What the inputs of a call name. */
export interface FoundCases {
  readonly cases: readonly PredictCase[];
  /** Whether one file is named, so that the output is one file. */
  readonly isOne: boolean;
}

/**
 * The images that files, folders and patterns name. In a folder, files a_0000 and a_0001 are the channels of one image, as
 * nnU-Net names them. In a pattern, `{case}` and `{channel}` tell which files belong together.
 */
export function findCases(inputs: readonly string[]): FoundCases | Failure {
  const cases: PredictCase[] = [];
  for (const input of inputs) {
    const found = isPattern(input) && !isFolder(input) ? byPattern(input) : inPath(input);
    if (found instanceof Failure) return found;
    if (found.length === 0) return failure('cases-missing', { input });
    cases.push(...found);
  }
  const names = new Map<string, PredictCase>();
  for (const one of cases) {
    const other = names.get(one.name);
    const paths = [other?.paths[0] ?? '', one.paths[0] ?? ''];
    if (other) return failure('case-names-clash', { name: one.name, paths });
    names.set(one.name, one);
  }
  const [only] = inputs;
  const isOne =
    inputs.length === 1 && only !== undefined && cases.length === 1 && cases[0]?.paths[0] === only;
  return { cases, isOne };
}

function inPath(path: string): readonly PredictCase[] | Failure {
  if (!existsSync(path)) return failure('file-unreadable', { path, cause: 'ENOENT' });
  const isVolume = /\.zarr\/?$/i.test(path) || isDicomFolder(path);
  if (!isFolder(path) || isVolume) return [{ name: fileStem(basename(path)), paths: [path] }];
  const folder = listFolder(path);
  if (folder instanceof Failure) return folder;
  const files = folder.items.filter(({ kind }) => kind === 'data');
  const groups = new Map<string, { path: string; part: number }[]>();
  for (const { path: file, stem } of files) {
    const channel = channelOf(stem);
    const name = channel?.base ?? stem;
    groups.set(name, [...(groups.get(name) ?? []), { path: file, part: channel?.channel ?? 0 }]);
  }
  const series = folder.folders.filter((name) => isDicomFolder(`${path}/${name}`));
  return [
    ...[...groups].map(([name, own]) => ({
      name,
      paths: own.toSorted((a, b) => a.part - b.part).map((file) => file.path),
    })),
    ...series.map((name) => ({ name, paths: [`${path}/${name}`] })),
  ];
}

function byPattern(text: string): readonly PredictCase[] | Failure {
  const parts = text.replaceAll('\\', '/').split('/');
  const first = parts.findIndex((part) => isPattern(part));
  const folder = parts.slice(0, first).join('/') || (text.startsWith('/') ? '/' : '.');
  const items = itemsBelow(folder);
  if (items instanceof Failure) return items;
  const pattern = new Pattern(parts.slice(first).join('/'));
  const unknown = pattern.fields.filter((field) => field !== 'case' && field !== 'channel');
  if (unknown.length > 0) {
    return failure('invalid-option-value', {
      option: '--input',
      value: text,
      wanted: { form: 'image-pattern' },
    });
  }
  const groups = new Map<string, { path: string; part: string }[]>();
  for (const [inside, { path, kind }] of items) {
    const [fields] = kind === 'data' ? pattern.readings(inside) : [];
    if (!fields) continue;
    // Without a field, each file is an image.
    const key = fields.get('case') ?? inside;
    groups.set(key, [...(groups.get(key) ?? []), { path, part: fields.get('channel') ?? '' }]);
  }
  return [...groups].map(([key, own]) => {
    const name = pattern.fields.includes('case') ? key : fileStem(basename(key));
    const order = inChannelOrder(own.map(({ part }) => part));
    const sorted = own.toSorted((a, b) => order.indexOf(a.part) - order.indexOf(b.part));
    return { name, paths: sorted.map(({ path }) => path) };
  });
}
