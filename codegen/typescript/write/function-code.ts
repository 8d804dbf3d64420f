import { layerName } from '../../tfjs/lower/layer-call.js';
import type { BlockFunction } from '../analyse/block-functions.js';
import { valueCode, variableCode } from '../template/columns.js';
import { type CodeText, INDENT } from '../template/layout.js';
import { uncapital, unused } from '../template/names.js';
import type { RepeatTemplate, StatementTemplate } from '../template/template.js';
import { type LiteralValue, literal } from '../template/value.js';
import { branchName } from '../template/variable-names.js';
import { type BodyEnvironment, bodyOf, type Callee } from './body-writer.js';
import { describe, timesText } from './describe.js';

export const TENSOR = 'tf.SymbolicTensor';
/** The variable of a round's entry in a list of filters. */
const ENTRY = 'channels';

export interface ParameterCode {
  readonly name: string;
  readonly type: string;
  /** The default argument. */
  readonly defaultValue?: number;
  readonly isRest?: boolean;
}

/** A function of the module, as code. */
export interface FunctionCode {
  readonly name: string;
  readonly doc: string;
  readonly parameters: readonly ParameterCode[];
  readonly body: string;
}

export function functionCode(made: BlockFunction, callees: readonly Callee[], own: Callee): FunctionCode {
  const inputs = inputNames(made.inputs);
  const [first] = made.paths;
  const environment: BodyEnvironment = {
    hole: (index) => holeCode(made, index),
    loop: (statement) => loopOf(made, statement),
    outer: (index) => inputs[index] ?? '',
    callee: (number) => callees[number] ?? own,
    first(index) {
      const use = made.uses[index];
      return use && 'parameter' in use ? use.parameter.name : Number(made.holes[index]?.value);
    },
    ...(own.named ? {} : { name: first ? layerName(first) : '' }),
  };
  const taken = new Set<string>();
  const values = {
    name: (template: readonly StatementTemplate[], statement: number) =>
      unused(branchName(template, statement), taken),
    kept: new Set<number>(),
    result: { statement: made.result, as: 'return' },
  };
  const sentence = describe(made.template, made.result, {
    value(hole) {
      const use = made.uses[hole];
      return use && 'value' in use ? use.value : undefined;
    },
    functionName: (number) => callees[number]?.name ?? '',
    times: (statement) => timesOf(made, statement),
  });
  const doc = sentence ?? `The block \`${made.block}\`.`;
  const numbering = made.parameters.filter(({ defaultValue }) => defaultValue !== undefined);
  const numbers = numbering.map(
    ({ name }) =>
      ` Its \`${uncapital(name.slice('first'.length))}\` layers are numbered from \`${name}\` on.`,
  );
  return {
    name: own.name,
    doc: `${doc}${numbers.join('')}`,
    parameters: [
      ...inputs.map((name) => ({ name, type: TENSOR })),
      ...made.parameters.filter(({ defaultValue }) => defaultValue === undefined),
      ...(own.named ? [{ name: 'name', type: 'string' }] : []),
      ...numbering,
    ],
    body: bodyOf(made.template, environment, values, INDENT),
  };
}

function inputNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => (index === 0 ? 'input' : `input${index + 1}`));
}

function holeCode(made: BlockFunction, index: number): CodeText | undefined {
  const use = made.uses[index];
  const hole = made.holes[index];
  if (!use || !hole) throw new Error(`${made.block} has no hole ${index}`);
  if ('value' in use) return valueCode(use.value, hole.rule);
  if ('list' in use) return ENTRY;
  if ('lengthOf' in use) return `${use.lengthOf.name}.length`;
  const { name, each, column } = use.parameter;
  return variableCode(each ? ENTRY : name, column, hole.rule, hole.value);
}

function loopOf(made: BlockFunction, statement: RepeatTemplate): ReturnType<BodyEnvironment['loop']> {
  const each = listOf(made, statement);
  if (each !== undefined) {
    return { head: `for (const [i, ${ENTRY}] of ${each}.entries())`, round: { name: 'i', first: 0 } };
  }
  const round = { name: 'i', first: 1 } as const;
  const count = countOf(made, statement);
  const numbers =
    typeof count === 'number' && count <= 4 ? Array.from({ length: count }, (_, i) => i + 1) : [];
  if (numbers.length > 0) return { head: `for (const i of [${numbers.join(', ')}])`, round };
  return { head: `for (let i = 1; i <= ${String(holeCode(made, statement.count))}; i += 1)`, round };
}

function timesOf(made: BlockFunction, statement: RepeatTemplate): string {
  const each = listOf(made, statement);
  if (each !== undefined) return `for each of \`${each}\`:`;
  const count = countOf(made, statement);
  return typeof count === 'number'
    ? `${timesText(count)}:`
    : `\`${String(holeCode(made, statement.count))}\` times:`;
}

/** The code of the list with one entry per round; undefined if there is none. */
function listOf(made: BlockFunction, statement: RepeatTemplate): string | undefined {
  const holes = statement.body.flatMap(({ args }) =>
    args.flatMap((argument) => ('hole' in argument ? [argument.hole] : argument.holes)),
  );
  const [list] = holes.flatMap((hole): readonly string[] => {
    const use = made.uses[hole];
    if (use && 'list' in use) return [literal(use.list)];
    return use && 'parameter' in use && use.parameter.each ? [use.parameter.name] : [];
  });
  return list;
}

function countOf(made: BlockFunction, statement: RepeatTemplate): LiteralValue | undefined {
  const use = made.uses[statement.count];
  return use && 'value' in use ? use.value : undefined;
}
