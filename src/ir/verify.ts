import { isOnePosition, sameAffine } from './affine.js';
import { type AxisMap, mapAffine } from './axis-map.js';
import type { Graph, Node } from './graph.js';
import { definitionOf, type OpDefinition } from './op-table.js';

/**
 * What makes a Graph legal; an empty list says that it is. A violation is a bug of the compiler.
 *
 * - Node i has id i; node 0, and no other, is the input; inputs come before their users.
 * - The number of inputs is the op's arity; all inputs of a node have equal sizes, and of an add, mul or attention
 *   equal channels. The second of an add or mul may have one position, that of a mul one channel.
 * - Channels, sizes and parameters are what the op table says.
 * - Paths, and so parameter names, are unique; stages and outputs name values that exist; every node is used or
 *   is an output.
 */
export function verify(graph: Graph): readonly string[] {
  const problems: string[] = [];
  const paths = new Set<string>();
  const used = new Set<number>(graph.outputs.map((output) => output.value));
  for (const [index, node] of graph.nodes.entries()) {
    const where = `node ${index} (${node.path})`;
    if (node.id !== index) problems.push(`${where} has id ${node.id}`);
    if ((node.kind === 'input') !== (index === 0)) problems.push(`${where}: only node 0 is the input`);
    if (paths.has(node.path.text)) problems.push(`${where}: the path is not unique`);
    paths.add(node.path.text);
    for (const input of node.inputs) {
      used.add(input);
      if (input < 0 || input >= index) problems.push(`${where} uses ${input}, which does not come before it`);
    }
    problems.push(...verifyNode(graph, node).map((problem) => `${where}: ${problem}`));
  }
  for (const { value, ...named } of [...graph.stages, ...graph.outputs]) {
    const name = 'path' in named ? named.path : named.name;
    if (!graph.nodes[value]) problems.push(`${name} names value ${value}, which does not exist`);
  }
  for (const node of graph.nodes) if (!used.has(node.id)) problems.push(`${node.path} is never used`);
  if (graph.outputs.length === 0) problems.push('there is no output');
  return problems;
}

function verifyNode(graph: Graph, node: Node): string[] {
  const problems: string[] = [];
  // The definition for node.kind takes node.attributes; the pairing is lost in the union of kinds.
  const definition = definitionOf(node.kind) as OpDefinition<unknown>;
  const inputs = node.inputs.map((input) => graph.nodes[input]).filter((input) => input !== undefined);
  const arity = definition.arity === 'many' ? inputs.length >= 2 : inputs.length === definition.arity;
  if (!arity) problems.push(`${inputs.length} inputs`);
  const channels = inputs.map((input) => input.channels);
  if (definition.channels(node.attributes, channels) !== node.channels)
    problems.push(`${node.channels} channels`);
  const unequal = channels.some((one) => one !== channels[0] && !(node.kind === 'mul' && one === 1));
  if ((node.kind === 'add' || node.kind === 'mul' || node.kind === 'attention') && unequal) {
    problems.push(`inputs of ${channels.join(' and ')} channels`);
  }
  if (node.kind === 'attention' && node.channels % node.attributes.heads !== 0) problems.push('uneven heads');
  const expected = definition.parameters(node.attributes, channels[0] ?? 0, graph.rank);
  const roles = node.parameters.map((p) => `${p.role} ${p.shape.join('x')}`).join();
  if (expected.map((p) => `${p.role} ${p.shape.join('x')}`).join() !== roles)
    problems.push(`parameters ${roles}`);
  const [first, ...rest] = inputs;
  if (!first) return problems;
  if (node.spatial.length !== graph.rank) problems.push(`${node.spatial.length} axes`);
  for (const [axis, size] of node.spatial.entries()) {
    const before = first.spatial[axis];
    const map: AxisMap = definition.axis(node.attributes, axis);
    const mapped = before && mapAffine(map, before);
    if (!mapped || !sameAffine(mapped, size)) problems.push(`the size of axis ${axis}`);
    for (const other of rest) {
      if ((node.kind === 'add' || node.kind === 'mul') && isOnePosition(other.spatial)) continue;
      const otherSize = other.spatial[axis];
      if (!before || !otherSize || !sameAffine(before, otherSize))
        problems.push(`inputs differ along axis ${axis}`);
    }
  }
  return problems;
}
