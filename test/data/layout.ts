import { join } from 'node:path';
import { type FilePair, findPairs, type PairOptions } from '../../src/data/files/pairs.js';
import { Failure } from '../../src/diagnostics/failure.js';
import { freshFolder, put } from './folder.js';

/** Files by their paths, empty or with a content: the pairs come from the names alone. */
export type Tree = readonly string[] | Readonly<Record<string, string | Uint8Array>>;

export function treeOf(files: Tree): string {
  const folder = freshFolder();
  const contents = Array.isArray(files) ? files.map((name) => [name, ''] as const) : Object.entries(files);
  for (const [name, content] of contents) put(join(folder, name), content);
  return folder;
}

export interface Shown {
  readonly pairs: Readonly<Record<string, readonly string[]>>;
  /** "code path", or the code alone. */
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

/** What findPairs returns for a tree of empty files, with paths relative to it. */
export function shown(folder: string, options: PairOptions = {}): Shown | string {
  const found = findPairs(folder, options);
  const inside = (path: string) => path.replaceAll(`${folder}/`, '');
  const problem = ({ code, args }: Failure) => `${code} ${inside(pathIn(args))}`.trimEnd();
  if (found instanceof Failure) return problem(found);
  return {
    pairs: Object.fromEntries(found.pairs.map((pair) => [pair.name, filesOf(pair).map(inside)])),
    problems: found.problems.map(problem).sort(),
    notes: found.notes.map((note) => note.replaceAll(`${folder}/`, '')),
  };
}

/** The images, and the mask or each class's file after its label. */
export function filesOf({ images, mask, parts }: FilePair): string[] {
  return [...images, ...(parts === undefined ? [mask] : parts.map(({ path, label }) => `${label}:${path}`))];
}

/** The path that a failure is about, also of a failure that lists several. */
function pathIn(args: object): string {
  const inner = 'clash' in args ? args.clash : 'doubt' in args ? args.doubt : args;
  const clash = typeof inner === 'object' && inner !== null ? inner : {};
  if ('path' in clash) return String(clash.path);
  if ('paths' in clash && Array.isArray(clash.paths)) return clash.paths.join(' ');
  return '';
}
