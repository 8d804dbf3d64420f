import type { RunLength } from '../../diagnostics/codes/training/runs.js';
import { isObject } from '../../weights/json-text.js';
import type { RunSettings } from './run-folder-settings.js';

export type { RunLength };

/** A length that a run has had, or has. */
export interface LengthFrom extends RunLength {
  /** How many epochs were finished when the run got this length. */
  readonly from: number;
  /** Whether patience counts from there, because it had run out. */
  readonly restartsPatience: boolean;
}

/** The length in the recipe of a run; undefined if it has none. */
export function lengthOf(recipe: unknown): RunLength | undefined {
  if (!isObject(recipe)) return undefined;
  const { epochs, patience }: Record<string, unknown> = { ...recipe };
  if (typeof epochs !== 'number') return undefined;
  return { epochs, patience: typeof patience === 'number' ? patience : undefined };
}

/** The settings of the same run with another length. */
export function withLength(settings: RunSettings, { epochs, patience }: RunLength): RunSettings {
  return { ...settings, recipe: { ...settings.recipe, epochs, patience } };
}

/** Whether a run of one length may continue with another: neither is smaller, and one is larger. */
export function isLonger(now: RunLength, before: RunLength): boolean {
  const [patience, least] = [now, before].map((one) => one.patience ?? Number.POSITIVE_INFINITY);
  if (patience === undefined || least === undefined) return false;
  const isNeverLess = now.epochs >= before.epochs && patience >= least;
  return isNeverLess && (now.epochs > before.epochs || patience > least);
}

/** The lengths as JSON: see readLengths. */
export function lengthsJson(lengths: readonly LengthFrom[]): object {
  return lengths.map(({ epochs, patience = null, from, restartsPatience }) => ({
    ...{ epochs, patience, from, restarts_patience: restartsPatience },
  }));
}

/** The lengths in run.json, the present one last; none if the run was never continued with another length. */
export function readLengths(json: unknown): readonly LengthFrom[] {
  if (!Array.isArray(json)) return [];
  return json.flatMap((one: unknown) => {
    const length = lengthOf(one);
    const { from, restarts_patience }: Record<string, unknown> = isObject(one) ? { ...one } : {};
    if (!length || typeof from !== 'number') return [];
    return [{ ...length, from, restartsPatience: restarts_patience === true }];
  });
}
