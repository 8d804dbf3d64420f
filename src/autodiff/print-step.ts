import { dataType, type NodeProto, onnx } from '../../codegen/onnx/proto.js';
import type { CompiledNetwork } from '../compiler/compile.js';
import { alignedText } from '../compiler/print/aligned-text.js';
import { type StepProblem, stepProblems } from './checks/step-problems.js';
import { stepRequest } from './step/build-training-step.js';
import { neededNodes } from './step/step-model.js';
import { type StepOptions, stepSettings } from './step/step-settings.js';
import { type StepGraph, stepGraph } from './step/training-step.js';

type Constant = InstanceType<typeof onnx.TensorProto>;
type Attribute = NonNullable<NodeProto['attribute']>[number];

/** A constant of at most this many numbers is printed as its numbers. */
const SHORT = 8;

export type StepText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problems: readonly StepProblem[] };

/**
 * The training step of a network as text, for people who debug the compiler or a spec: what goes in, a line for each
 * operator with its attributes, inputs and shapes, and what comes out. The same network and settings always give the
 * same text.
 */
export function printStep(network: CompiledNetwork, options: StepOptions = {}): StepText {
  const settings = stepSettings(network, options);
  const problems = stepProblems(network, settings);
  if (problems.length > 0) return { ok: false, problems };
  const { recipe } = options;
  const title = `training step of ${network.name}${recipe ? `, recipe ${recipe.name}` : ''}`;
  return { ok: true, text: stepText(title, stepGraph(stepRequest(network, settings))) };
}

function stepText(title: string, { builder, inputs, outputs, results }: StepGraph): string {
  const { nodes, constants, values } = builder.emitted;
  const known = new Map(constants.map((constant) => [constant.name ?? '', constant]));
  const lowered = new Map(values.map((value) => [value.name, value.shape]));
  const shapeOf = (value: string) => shapeText(builder.shapeOf(value) ?? lowered.get(value));
  const operators = neededNodes(nodes, results).map((node) => [
    node.name ?? '',
    [node.opType, ...(node.attribute ?? []).map(attributeText)].join(' '),
    (node.input ?? []).map((input) => inputText(input, known)).join(', '),
    (node.output ?? []).map(shapeOf).join(', '),
  ]);
  const given = outputs.map((output, i) => [
    output.name,
    output.kind,
    results[i]?.value.name ?? '',
    shapeText(output.shape),
  ]);
  return [
    title,
    alignedText([
      ['input', 'kind', 'shape'],
      ...inputs.map((input) => [input.name, input.kind, shapeText(input.shape)]),
    ]),
    alignedText([['operator', 'op', 'inputs', 'shape'], ...operators]),
    `${alignedText([['output', 'kind', 'operator', 'shape'], ...given])}\n`,
  ].join('\n\n');
}

/** The name of an input; a short constant as its numbers. */
function inputText(name: string, constants: ReadonlyMap<string, Constant>): string {
  // An operand that is left out before another one is the empty name.
  if (name === '') return '-';
  const constant = constants.get(name);
  const numbers = constant && numbersOf(constant);
  if (!constant || !numbers) return name;
  return (constant.dims ?? []).length === 0 ? String(numbers[0]) : `[${numbers.join(', ')}]`;
}

/** The numbers of a constant that is short. */
function numbersOf({ rawData, dataType: type }: Constant): readonly (number | bigint)[] | undefined {
  const size = type === dataType.INT64 ? 8 : type === dataType.FLOAT ? 4 : 0;
  if (!rawData || size === 0 || rawData.length > size * SHORT) return undefined;
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  return Array.from({ length: rawData.length / size }, (_, i) =>
    size === 8 ? view.getBigInt64(8 * i, true) : Number(view.getFloat32(4 * i, true).toPrecision(7)),
  );
}

function attributeText({ name, type, i, f, s, ints }: Attribute): string {
  const kinds = onnx.AttributeProto.AttributeType;
  switch (type) {
    case kinds.INT:
      return `${name}=${i}`;
    case kinds.INTS:
      return `${name}=${(ints ?? []).join(',')}`;
    case kinds.FLOAT:
      return `${name}=${Number((f ?? 0).toPrecision(7))}`;
    default:
      return `${name}=${new TextDecoder().decode(s ?? new Uint8Array())}`;
  }
}

function shapeText(shape: readonly (number | string)[] | undefined): string {
  if (!shape) return '?';
  return shape.length === 0 ? 'scalar' : shape.join(' x ');
}
