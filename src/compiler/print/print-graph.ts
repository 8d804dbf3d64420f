import { nodeParameters } from '../../analysis/count.js';
import type { Graph, Node, Origin } from '../../ir/graph.js';
import { numberText } from '../../language/expressions/values.js';
import { inferSizes } from '../../shape/infer.js';
import type { CompiledNetwork } from '../compiled-network.js';
import { alignedText } from './aligned-text.js';
import { placeText } from './print-place.js';

const columns = ['path', 'op', 'inputs', 'shape', 'parameters', 'origin'];
const aligns = ['left', 'left', 'left', 'left', 'right', 'left'] as const;

/**
 * The graphs of a network as text, for people who debug the compiler or a spec. Each op is a line: its path, its
 * attributes, the paths of its inputs, its shape at the declared input, its parameters, and the place in the text that
 * it comes from. The training graph follows if it is another one. The same graphs always give the same text.
 */
export function printGraphs({ graph, training }: Pick<CompiledNetwork, 'graph' | 'training'>): string {
  if (graph === training) return printGraph(`graph ${graph.name}`, graph);
  return [
    printGraph(`graph ${graph.name} for inference`, graph),
    printGraph(`graph ${graph.name} for training`, training),
  ].join('\n');
}

function printGraph(title: string, graph: Graph): string {
  const { sizes } = inferSizes(graph, graph.inputSize);
  const pathOf = (id: number) => `${graph.nodes[id]?.path}`;
  const rows = graph.nodes.map((node) => [
    `${node.path}`,
    [node.kind, ...attributeTexts(node)].join(' '),
    node.inputs.map(pathOf).join(', '),
    [node.channels, ...(sizes[node.id] ?? [])].join(' x '),
    numberText(nodeParameters(node)),
    originText(node.origin),
  ]);
  const outputs = graph.outputs.map(({ name, value }) => [name, pathOf(value)]);
  const stages = graph.stages.map(({ path, value }) => [path.text, pathOf(value)]);
  return [
    title,
    alignedText([columns, ...rows], aligns),
    `outputs\n${alignedText(outputs)}`,
    `stages\n${alignedText(stages)}\n`,
  ].join('\n\n');
}

/** Attributes by name that change nothing at this value, on every axis: they are left out. */
const neutral: Readonly<Record<string, number>> = {
  stride: 1,
  dilation: 1,
  groups: 1,
  before: 0,
  after: 0,
  residue: 0,
};

/** `kernel=3x3`; `bias` for a true one. Channels are in the shape. */
function attributeTexts(node: Node): readonly string[] {
  return Object.entries(node.attributes).flatMap(([name, value]: [string, unknown]) => {
    if (name === 'channels' || value === false) return [];
    const values = Array.isArray(value) ? value : [value];
    if (Object.hasOwn(neutral, name) && values.every((one) => one === neutral[name])) return [];
    return [value === true ? name : `${name}=${values.join('x')}`];
  });
}

/** The place of the op, then the uses of blocks that led there, innermost first. */
function originText({ span, uses }: Origin): string {
  const places = uses.map((use) => `in ${use.block} at ${placeText(use.span)}`);
  return [placeText(span), ...places].join(', ');
}
