import type { Diagnosed } from '../diagnostics/diagnostic.js';

/** A pass of the compiler. It takes one artifact, and returns the next one and the diagnostics that it found. */
export interface Pass<From, To> {
  readonly name: string;
  /** What `count` counts, for `--stats`. */
  readonly makes: string;
  /** Changes nothing that it is given, so a second run gives the same. The value is undefined after an error. */
  readonly run: (from: From) => Diagnosed<To>;
  /** How much a run made. */
  readonly count: (made: NonNullable<To>, found: Diagnosed<To>['diagnostics']) => number;
}

/** Runs a pass, and may measure it. */
export type RunPass = <From, To>(pass: Pass<From, To>, from: From) => Diagnosed<To>;

export const runPass: RunPass = (pass, from) => pass.run(from);

/** Runs a pass after others: on their artifact, if they have one. The diagnostics of all of them come back. */
export function runAfter<From, To>(
  run: RunPass,
  before: Diagnosed<From | undefined>,
  pass: Pass<From, To>,
): Diagnosed<To | undefined> {
  if (before.value === undefined) return { value: undefined, diagnostics: before.diagnostics };
  const { value, diagnostics } = run(pass, before.value);
  return { value, diagnostics: [...before.diagnostics, ...diagnostics] };
}

/** Defines a pass from one type of artifact to another. */
export function definePass<From, To>(pass: Pass<From, To>): Pass<From, To> {
  return pass;
}
