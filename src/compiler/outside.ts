import type { Expression } from '../../grammar/ast.js';
import { FILE_LIMIT, parseValue } from '../../grammar/parse/parse.js';
import { type Diagnosed, diagnose, type Reporter } from '../diagnostics/diagnostic.js';
import { SourceFile } from '../diagnostics/source-file.js';
import { evaluate } from '../language/expressions/evaluate.js';
import type { Module } from '../language/modules/modules.js';
import { checkOverrides, type Override } from '../language/modules/params.js';
import { type InputSize, inputSize } from '../language/schema/attributes.js';
import type { InputSpans } from '../shape/check-input.js';

/** What the caller sets from outside of all files: `--set` and `--input`. */
export interface Outside {
  /** Values for params, by name. */
  readonly overrides: ReadonlyMap<string, Override>;
  readonly input: OutsideInput | undefined;
  /** Whether anything is set: the expectations of the file are then claims about another network. */
  readonly changes: boolean;
}

export type OutsideInput = InputSize & InputSpans;

/** Parses the values from outside, and checks that each override names a param of one of the modules. */
export function readOutside(
  set: Readonly<Record<string, string>>,
  input: string | undefined,
  modules: readonly Module[],
): Diagnosed<Outside> {
  return diagnose((reporter) => {
    const overrides = readOverrides(set, reporter);
    checkOverrides(overrides, modules, reporter);
    const changes = overrides.size > 0 || input !== undefined;
    return { overrides, input: input === undefined ? undefined : readInput(input, reporter), changes };
  });
}

/** `--set name=value`, each parsed like the value of a `param`. */
function readOverrides(
  set: Readonly<Record<string, string>>,
  reporter: Reporter,
): ReadonlyMap<string, Override> {
  const overrides = new Map<string, Override>();
  for (const [name, value] of Object.entries(set)) {
    const parsed = readValue(`--set ${name}`, value, reporter);
    if (parsed) overrides.set(name, { name, value: parsed, span: parsed.span });
  }
  return overrides;
}

function readInput(text: string, reporter: Reporter): OutsideInput | undefined {
  const parsed = readValue('--input', text, reporter);
  const scope = { lookup: () => undefined, names: () => [] };
  const value = parsed && evaluate(parsed, scope, reporter);
  const read = value && inputSize.read(value, { reporter, rank: 2, what: 'input' });
  return read && { ...read, span: value.span };
}

/** Parses a value as a file of its own, under the option's name. */
function readValue(option: string, text: string, reporter: Reporter): Expression | undefined {
  const file = new SourceFile(option, text);
  const value = text.length <= FILE_LIMIT ? parseValue(file) : undefined;
  if (value) return value;
  return reporter.report(
    'syntax',
    { file, start: 0, end: text.length },
    { problem: 'not-a-value', option, text },
  );
}
