import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '../../weights/json-text.js';
import { canonical, type RunSettings, relativePaths } from './run-folder-settings.js';
import { type SpecToken, specTokens } from './spec-tokens.js';

/** Longer texts say less than where they stand. */
const SHOWN = 60;

/** The files of a run's folder that say what the run is of. */
export interface KeptFiles {
  readonly run: string;
  readonly spec: string;
  readonly imports: string;
  readonly recipe: string;
  readonly data: string;
}

/**
 * In what the spec of a folder's run is another, in a few words; nothing where its copy of the spec does not tell. It is the
 * first place of the first file that is not the same.
 */
export function specDifference(folder: string, names: KeptFiles, settings: RunSettings): string | undefined {
  const run = jsonOf(join(folder, names.run));
  if (isObject(run) && 'network' in run && run.network !== settings.network) {
    return `${run.network} there, ${settings.network} now`;
  }
  const paths = relativePaths(settings.spec);
  for (const [i, { text }] of settings.spec.entries()) {
    const name = paths[i] ?? '';
    const path = settings.spec.length === 1 ? names.spec : `${names.imports}/${name}`;
    const kept = textOf(join(folder, path));
    if (kept === undefined) continue;
    const [there, now] = [specTokens(kept), specTokens(text)];
    const at = now.findIndex((token, k) => token.text !== there[k]?.text);
    const first = at < 0 ? now.length : at;
    if (at < 0 && there.length === now.length) continue;
    const line = now[first]?.line ?? now.at(-1)?.line ?? 1;
    return `line ${line} of ${name}: ${lineAt(kept, there[first])} there, ${lineAt(text, now[first])} now`;
  }
  return undefined;
}

/** The line of a token; of a long one the part around the token. */
function lineAt(text: string, token: SpecToken | undefined): string {
  if (!token) return 'nothing';
  const line = text.split(/\r\n|\r|\n/)[token.line - 1] ?? '';
  if (line.trim().length <= SHOWN) return `\`${line.trim()}\``;
  const start = Math.max(0, token.column - 1 - SHOWN / 2);
  const part = line.slice(start, start + SHOWN);
  return `\`${start > 0 ? '...' : ''}${part.trim()}${start + SHOWN < line.length ? '...' : ''}\``;
}

/** The first setting of a folder's run that is another: "epochs: 3 there, 5 now". */
export function recipeDifference(
  folder: string,
  names: KeptFiles,
  { recipe }: RunSettings,
): string | undefined {
  return firstDifference(jsonOf(join(folder, names.recipe)), asJson(recipe), '');
}

/** In what the data of a folder's run are others: how many images, the first other one, or what is said of them. */
export function dataDifference(folder: string, names: KeptFiles, { data }: RunSettings): string | undefined {
  const [there, now] = [jsonOf(join(folder, names.data)), asJson(data)];
  if (!isObject(there) || !isObject(now)) return undefined;
  const [before, after] = [samplesOf(there), samplesOf(now)];
  if (before.length !== after.length) return `${before.length} images there, ${after.length} now`;
  const other = after.findIndex((sample, i) => canonical(sample) !== canonical(before[i]));
  if (other >= 0) {
    const [first, second] = [nameOf(before[other]), nameOf(after[other])];
    return first === second ? `${first} has other content` : `${first} there, ${second} now`;
  }
  return firstDifference(there, now, '');
}

function samplesOf(data: object): readonly unknown[] {
  return 'samples' in data && Array.isArray(data.samples) ? data.samples : [];
}

function nameOf(sample: unknown): string {
  return isObject(sample) && 'name' in sample ? String(sample.name) : String(sample);
}

function firstDifference(there: unknown, now: unknown, key: string): string | undefined {
  if (there === undefined || canonical(there) === canonical(now)) return undefined;
  if (isObject(there) && isObject(now)) {
    const [before, after]: Readonly<Record<string, unknown>>[] = [{ ...there }, { ...now }];
    for (const name of new Set([...Object.keys(after ?? {}), ...Object.keys(before ?? {})])) {
      const found = firstDifference(before?.[name] ?? null, after?.[name] ?? null, name);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const [before, after] = [canonical(there), canonical(now)];
  return before.length + after.length > SHOWN ? key : `${key}: ${before} there, ${after} now`;
}

/** As it would be read from a file: without what JSON leaves out. */
function asJson(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function jsonOf(path: string): unknown {
  try {
    return JSON.parse(textOf(path) ?? '');
  } catch {
    return undefined;
  }
}
