import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunDamage } from '../../diagnostics/codes/training/runs.js';
import { type Failure, failure, fileFailure, reasonOf } from '../../diagnostics/failure.js';
import { isObject, textEntries } from '../../weights/json-text.js';
import { runDifference } from './run-difference.js';
import { FORMAT, isFree, runFiles } from './run-folder.js';
import { hashesOf, type RunSettings } from './run-folder-settings.js';
import {
  isLonger,
  type LengthFrom,
  lengthOf,
  type RunLength,
  readLengths,
  withLength,
} from './run-length.js';

/** What a folder contains. */
export type RunState =
  /** Nothing, or it is missing: a run can begin there. */
  | { readonly kind: 'new' }
  /**
   * An unfinished run with the same settings, which may have no checkpoint yet, or a finished one. `lengths` are those that it
   * has had, the present one last; left out if the first one holds.
   */
  | { readonly kind: 'resumable'; readonly lengths?: readonly LengthFrom[] }
  | { readonly kind: 'finished'; readonly lengths?: readonly LengthFrom[] }
  /** A run with the same settings but for its length, which is smaller. */
  | {
      readonly kind: 'shorter';
      readonly isFinished: boolean;
      readonly before: RunLength;
      readonly now: RunLength;
      readonly lengths?: readonly LengthFrom[];
    };

/** What a folder contains. Fails if it contains other files, or a run with another spec, recipe or data. */
export function inspectRunFolder(folder: string, settings: RunSettings): RunState | Failure {
  const path = join(folder, runFiles.run);
  let text: string;
  try {
    if (isFree(folder)) return { kind: 'new' };
    if (!existsSync(path)) return failure('run-folder-occupied', { folder });
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return fileFailure('read', folder, error);
  }
  const damaged = (damage: RunDamage) => failure('run-damaged', { path, damage }, 'choose another folder');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return damaged({ case: 'not-json', reason: reasonOf(error) });
  }
  const run: Record<string, unknown> = isObject(parsed) ? { ...parsed } : {};
  const { format, finished, hashes } = run;
  if (typeof format === 'number' && format !== FORMAT) {
    return failure('run-format', { folder, format, known: FORMAT });
  }
  if (format !== FORMAT || typeof finished !== 'boolean' || !isObject(hashes)) {
    return damaged({ case: 'no-hashes' });
  }
  const [found, expected] = [textEntries(hashes), hashesOf(settings)];
  const differences = (['spec', 'recipe', 'data'] as const)
    .filter((part) => found[part] !== expected[part])
    .map((part) => runDifference(part, folder, runFiles, settings));
  const own = readLengths(run.lengths);
  const lengths = own.length > 0 ? { lengths: own } : {};
  if (differences.length === 0) return { kind: finished ? 'finished' : 'resumable', ...lengths };
  const isOnlyRecipe = differences.every(({ part }) => part === 'recipe');
  const [before, now] = [own.at(-1) ?? keptLength(folder), lengthOf(settings.recipe)];
  if (isOnlyRecipe && before && now && isLonger(now, before)) {
    const { recipe } = hashesOf(withLength(settings, before));
    if (recipe === found.recipe) return { kind: 'shorter', isFinished: finished, before, now, ...lengths };
  }
  return failure('run-different', { folder, differences });
}

/** The length in recipe.json; undefined if it cannot be read. */
function keptLength(folder: string): RunLength | undefined {
  try {
    return lengthOf(JSON.parse(readFileSync(join(folder, runFiles.recipe), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Whether a folder that was inspected still contains the same: no run, or one that is as far. */
export function isUnchanged(folder: string, state: RunState): boolean {
  try {
    if (isFree(folder)) return state.kind === 'new';
    const run: unknown = JSON.parse(readFileSync(join(folder, runFiles.run), 'utf8'));
    const isFinished = state.kind === 'shorter' ? state.isFinished : state.kind === 'finished';
    return state.kind !== 'new' && isObject(run) && 'finished' in run && run.finished === isFinished;
  } catch {
    return false;
  }
}
