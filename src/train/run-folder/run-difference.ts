import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChangedSetting, RunDifference } from '../../diagnostics/codes/training/runs.js';
import { isObject } from '../../weights/json-text.js';
import { canonical, type RunHashes, type RunSettings, relativePaths } from './run-folder-settings.js';
import { type SpecToken, specTokens } from './spec-tokens.js';

/** Longer texts are less useful than their position. */
const SHOWN = 60;

/** The files of a run folder that describe the run. */
export interface KeptFiles {
  readonly run: string;
  readonly spec: string;
  readonly imports: string;
  readonly recipe: string;
  readonly data: string;
}

/** The first difference of a part of the settings, without details if the files of the folder do not tell them. */
export function runDifference(
  part: keyof RunHashes,
  folder: string,
  names: KeptFiles,
  settings: RunSettings,
): RunDifference {
  switch (part) {
    case 'spec':
      return { part, change: specChange(folder, names, settings) };
    case 'recipe':
      return {
        part,
        change: firstChange(jsonOf(join(folder, names.recipe)), asJson(settings.recipe), ''),
      };
    case 'data':
      return { part, change: dataChange(folder, names, settings) };
    default:
      return part satisfies never;
  }
}

type Change<P extends RunDifference['part']> = Extract<RunDifference, { part: P }>['change'];

/** The name of the network, or the first token of the first file that is not the same. */
function specChange(folder: string, names: KeptFiles, settings: RunSettings): Change<'spec'> {
  const run = jsonOf(join(folder, names.run));
  if (isObject(run) && 'network' in run && run.network !== settings.network) {
    return { case: 'network', before: String(run.network), now: settings.network };
  }
  const paths = relativePaths(settings.spec);
  for (const [i, { text }] of settings.spec.entries()) {
    const file = paths[i] ?? '';
    const path = settings.spec.length === 1 ? names.spec : `${names.imports}/${file}`;
    const stored = textOf(join(folder, path));
    if (stored === undefined) continue;
    const kept = asWritten(stored, run);
    const [before, now] = [specTokens(kept), specTokens(text)];
    const at = now.findIndex((token, k) => token.text !== before[k]?.text);
    const first = at < 0 ? now.length : at;
    if (at < 0 && before.length === now.length) continue;
    const line = now[first]?.line ?? now.at(-1)?.line ?? 1;
    return { case: 'line', file, line, before: lineAt(kept, before[first]), now: lineAt(text, now[first]) };
  }
  return undefined;
}

/** A kept text with what was written in place of what training measured. */
function asWritten(text: string, run: unknown): string {
  const normalize = isObject(run) && 'normalize' in run ? run.normalize : undefined;
  if (!isObject(normalize)) return text;
  const { written, found }: Record<string, unknown> = { ...normalize };
  return typeof written === 'string' && typeof found === 'string' ? text.replace(found, () => written) : text;
}

/** The line of a token; of a long line, the part around the token. */
function lineAt(text: string, token: SpecToken | undefined): string | undefined {
  if (!token) return undefined;
  const line = text.split(/\r\n|\r|\n/)[token.line - 1] ?? '';
  if (line.trim().length <= SHOWN) return line.trim();
  const start = Math.max(0, token.column - 1 - SHOWN / 2);
  const part = line.slice(start, start + SHOWN);
  return `${start > 0 ? '...' : ''}${part.trim()}${start + SHOWN < line.length ? '...' : ''}`;
}

/** The number of images, the first image that is not the same, or the first other setting. */
function dataChange(folder: string, names: KeptFiles, { data }: RunSettings): Change<'data'> {
  const [before, now] = [jsonOf(join(folder, names.data)), asJson(data)];
  if (!isObject(before) || !isObject(now)) return undefined;
  const [old, current] = [samplesOf(before), samplesOf(now)];
  if (old.length !== current.length) return { case: 'count', before: old.length, now: current.length };
  const other = current.findIndex((sample, i) => canonical(sample) !== canonical(old[i]));
  if (other >= 0) {
    const [first, second] = [nameOf(old[other]), nameOf(current[other])];
    return first === second
      ? { case: 'content', image: first }
      : { case: 'image', before: first, now: second };
  }
  const setting = firstChange(before, now, '');
  return setting && { case: 'setting', ...setting };
}

function samplesOf(data: object): readonly unknown[] {
  return 'samples' in data && Array.isArray(data.samples) ? data.samples : [];
}

function nameOf(sample: unknown): string {
  return isObject(sample) && 'name' in sample ? String(sample.name) : String(sample);
}

/** The first value that is not the same; `key` is the key of the values. */
function firstChange(before: unknown, now: unknown, key: string): ChangedSetting | undefined {
  if (before === undefined || canonical(before) === canonical(now)) return undefined;
  if (isObject(before) && isObject(now)) {
    const [old, current]: Readonly<Record<string, unknown>>[] = [{ ...before }, { ...now }];
    for (const name of new Set([...Object.keys(current ?? {}), ...Object.keys(old ?? {})])) {
      const found = firstChange(old?.[name] ?? null, current?.[name] ?? null, name);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const values = { before: canonical(before), now: canonical(now) };
  return values.before.length + values.now.length > SHOWN ? { key } : { key, values };
}

/** The value as it would be read from a file: without what JSON leaves out. */
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
