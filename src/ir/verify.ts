import { constraints } from './constraints.js';
import type { Graph, Node } from './graph.js';
import { recordOfNode } from './node-record.js';

/**
 * What makes a Graph illegal; an empty list means that it is legal. A violation is a bug of the compiler.
 *
 * - Node i has id i; inputs come before their users.
 * - Every node keeps the constraints that the record of its op sets.
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
    if (paths.has(node.path.text)) problems.push(`${where}: the path is not unique`);
    paths.add(node.path.text);
    for (const input of node.inputs) {
      used.add(input);
      if (input < 0 || input >= index) problems.push(`${where} uses ${input}, which does not come before it`);
    }
    for (const problem of brokenConstraints(graph, node)) problems.push(`${where}: ${problem}`);
  }
  const names = [...graph.stages.map(({ path, value }) => ({ name: path.text, value })), ...graph.outputs];
  for (const { name, value } of names) {
    if (!graph.nodes[value]) problems.push(`${name} names value ${value}, which does not exist`);
  }
  for (const node of graph.nodes) if (!used.has(node.id)) problems.push(`${node.path} is never used`);
  if (graph.outputs.length === 0) problems.push('there is no output');
  return problems;
}

function brokenConstraints(graph: Graph, node: Node): readonly string[] {
  const record = recordOfNode(node);
  const inputs = node.inputs.map((input) => graph.nodes[input]).filter((input) => input !== undefined);
  const context = { node, record, inputs, rank: graph.rank };
  return Object.values(constraints).flatMap((constraint) =>
    constraint.isSetBy(record) ? constraint.problems(context) : [],
  );
}
