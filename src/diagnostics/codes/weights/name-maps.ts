import { listText, withLines } from '../../wording.js';
import { error } from '../definition.js';

/** What is wrong with the text of a name map. `found` is the kind of value that the JSON text has there. */
export type MapProblem =
  | { readonly case: 'not-json'; readonly reason: string }
  | { readonly case: 'not-an-object'; readonly found: string }
  | {
      readonly case: 'unknown-key';
      readonly key: string;
      readonly keys: readonly string[];
      readonly nearest: string | undefined;
    }
  | { readonly case: 'repeated-key'; readonly key: string }
  | { readonly case: 'wrong-kind'; readonly key: 'about' | 'names' | 'ignore'; readonly found: string }
  | { readonly case: 'name-not-a-text'; readonly rule: string; readonly found: string }
  | { readonly case: 'unpaired-brace'; readonly rule: string }
  | { readonly case: 'no-capture-name'; readonly rule: string; readonly text: string }
  | { readonly case: 'no-formula'; readonly rule: string; readonly text: string }
  | {
      readonly case: 'unknown-number';
      readonly rule: string;
      readonly name: string;
      readonly nearest: string | undefined;
    };

const keyKinds = { about: 'a string', names: 'an object', ignore: 'a list of strings' } as const;

function suggestion(nearest: string | undefined): string | undefined {
  return nearest === undefined ? undefined : `: did you mean \`${nearest}\`?`;
}

/** The sentence of a problem. */
export function mapProblemText(problem: MapProblem): string {
  switch (problem.case) {
    case 'not-json':
      return `not valid JSON: ${problem.reason}`;
    case 'not-an-object':
      return `a map must be a JSON object, not ${problem.found}`;
    case 'unknown-key':
      return `a map has no key \`${problem.key}\`${suggestion(problem.nearest) ?? `; its keys are ${listText(problem.keys, 'and')}`}`;
    case 'repeated-key':
      return `\`${problem.key}\` occurs twice`;
    case 'wrong-kind':
      return `\`${problem.key}\` must be ${keyKinds[problem.key]}, not ${problem.found}`;
    case 'name-not-a-text':
      return `rule \`${problem.rule}\`: the name must be a string, not ${problem.found}`;
    case 'unpaired-brace':
      return `rule \`${problem.rule}\`: a brace has no partner`;
    case 'no-capture-name':
      return `rule \`${problem.rule}\`: \`{${problem.text}}\` is not a name for a number`;
    case 'no-formula':
      return `rule \`${problem.rule}\`: \`{${problem.text}}\` is not a formula of numbers, names and + - * / ( )`;
    case 'unknown-number':
      return `rule \`${problem.rule}\`: \`${problem.name}\` is not a number of the left side${suggestion(problem.nearest) ?? ''}`;
  }
}

/** Why the rules of a map do not name the parameters of a network. */
export type MapMismatch =
  | { readonly case: 'ambiguous'; readonly rules: readonly string[]; readonly parameter: string }
  | { readonly case: 'no-whole-number'; readonly rule: string; readonly parameter: string }
  | {
      readonly case: 'shared-name';
      readonly rules: readonly string[];
      readonly parameters: readonly string[];
      readonly name: string;
    }
  | { readonly case: 'no-rule'; readonly layer: string; readonly roles: readonly string[] }
  | {
      readonly case: 'unused-rule';
      readonly rule: string;
      readonly network: string;
      readonly nearest: string | undefined;
    };

function rulesText(rules: readonly string[]): string {
  const quoted = rules.map((rule) => `\`${rule}\``);
  return `${rules.length === 1 ? 'rule' : 'rules'} ${listText(quoted, 'and')}`;
}

export function mismatchText(mismatch: MapMismatch): string {
  switch (mismatch.case) {
    case 'ambiguous':
      return `${rulesText(mismatch.rules)} both name ${mismatch.parameter}, and neither is more exact`;
    case 'no-whole-number':
      return `rule \`${mismatch.rule}\`: the formula gives a negative or fractional number for ${mismatch.parameter}`;
    case 'shared-name':
      return `${rulesText(mismatch.rules)}: ${listText(mismatch.parameters, 'and')} both get the name '${mismatch.name}'`;
    case 'no-rule':
      return `no rule names ${mismatch.layer} (${mismatch.roles.join(', ')})`;
    case 'unused-rule': {
      const { rule, network, nearest } = mismatch;
      const hint = nearest === undefined ? '' : `: did you mean layers such as \`${nearest}\`?`;
      return `rule \`${rule}\` matches nothing in ${network}${hint}`;
    }
  }
}

/** Name maps: what the tensors of a file are called. */
export const nameMapCodes = {
  'invalid-map': error('The name map has errors.', (a: { map?: string; problems: readonly MapProblem[] }) => {
    const lines = a.problems.map(mapProblemText);
    return a.map === undefined ? lines.join('\n') : withLines(`the map ${a.map} has errors:`, lines);
  }),
  'unfit-map': error(
    'The name map does not name the tensors of the network.',
    (a: { map: string; network: string; problems: readonly MapMismatch[] }) =>
      withLines(`the map ${a.map} does not fit ${a.network}:`, a.problems.map(mismatchText)),
  ),
  'needless-map': error(
    'The file needs no name map.',
    (a: { path: string }) =>
      `${a.path} is a TensorFlow.js model, whose tensors already have the names of the network`,
    () => 'leave --map out',
  ),
} as const;
