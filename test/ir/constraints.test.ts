import { describe, expect, test } from 'vitest';
import { type ConstraintName, constraints } from '../../src/ir/constraints.js';
import type { Graph, Node } from '../../src/ir/graph.js';
import { recordOfNode } from '../../src/ir/node-record.js';
import { opKinds, recordOf } from '../../src/ir/op-table.js';
import { verify } from '../../src/ir/verify.js';
import { bodies, ExampleBuilder, exampleGraph } from '../onnx/example-graphs.js';

/** What breaks each constraint: the node itself is changed, or the node whose value it takes. */
type Breaker = (node: Node, graph: Graph) => Readonly<Record<number, object>>;

const others = (node: Node, graph: Graph, change: (input: Node) => object) =>
  Object.fromEntries(
    node.inputs.slice(1).flatMap((id) => {
      const input = graph.nodes[id];
      return input && id !== node.inputs[0] ? [[id, change(input)]] : [];
    }),
  );

const breakers: { readonly [N in ConstraintName]: Breaker } = {
  source: (node) => ({
    [node.id]:
      node.id === 0 ? { kind: 'relu', attributes: {} } : { kind: 'input', attributes: { channels: 1 } },
  }),
  inputCount: (node) => ({
    [node.id]: {
      inputs: recordOfNode(node).inputs.count === 'many' ? node.inputs.slice(0, 1) : [...node.inputs, 0],
    },
  }),
  inputSizes: (node, graph) =>
    others(node, graph, ({ spatial }) => ({ spatial: spatial.map((size) => ({ ...size, q: size.q + 7 })) })),
  inputChannels(node, graph) {
    const [first = -1] = node.inputs;
    const input = graph.nodes[first];
    return { [first]: { channels: (input?.channels ?? 0) + 1 } };
  },
  groups: (node) => ({ [node.id]: { channels: node.channels + 1 } }),
  pinnedSize: (node) => ({ [node.id]: { attributes: { ...node.attributes, size: [8] } } }),
  channels: (node) => ({ [node.id]: { channels: node.channels + 1 } }),
  sizes: (node) => ({ [node.id]: { spatial: node.spatial.map((size) => ({ ...size, q: size.q + 1 })) } }),
  parameters: (node) => ({
    [node.id]: {
      parameters: [...node.parameters, { role: 'bias', shape: [1], name: 'extra', trainable: true }],
    },
  }),
};

function changed(graph: Graph, changes: Readonly<Record<number, object>>): Graph {
  // A changed node is not a Node any more: that is what the verifier must notice.
  const nodes = graph.nodes.map((node) => ({ ...node, ...changes[node.id] }) as Node);
  return { ...graph, nodes };
}

const graphs = Object.keys(bodies).map((name) => exampleGraph(name, 2));

/** An op of a kind whose groups, where it has them, are more than one, and whose inputs differ. */
function exampleOf(kind: Node['kind']): { readonly graph: Graph; readonly node: Node } {
  const all = graphs.flatMap((graph) => graph.nodes.map((node) => ({ graph, node })));
  const found = all.find(({ node }) => {
    const groups = recordOfNode(node).groups?.(node.attributes);
    const distinct = new Set(node.inputs).size === node.inputs.length || kind === 'concat';
    return node.kind === kind && (groups === undefined || groups > 1) && distinct;
  });
  if (!found) throw new Error(`no example of ${kind}`);
  return found;
}

// The constraints are typed by name; only their keys lose it.
const names = Object.keys(constraints) as readonly ConstraintName[];
const cases = opKinds.flatMap((kind) =>
  names.filter((name) => constraints[name].isSetBy(recordOf(kind) as never)).map((name) => ({ kind, name })),
);

test('the examples are legal', () => {
  for (const graph of graphs) expect(verify(graph), graph.name).toEqual([]);
});

describe('every constraint of every op is verified', () => {
  test('each constraint is set by some op', () => {
    expect(new Set(cases.map(({ name }) => name))).toEqual(new Set(names));
  });

  test.each(cases)('$kind: $name', ({ kind, name }) => {
    const { graph, node } = exampleOf(kind);
    const broken = changed(graph, breakers[name](node, graph));
    const own = broken.nodes[node.id] ?? node;
    const inputs = own.inputs.flatMap((id) => broken.nodes[id] ?? []);
    const problems = constraints[name].problems({
      node: own,
      record: recordOfNode(own),
      inputs,
      rank: broken.rank,
    });
    expect(problems).not.toEqual([]);
    const where = `node ${node.id} (${node.path}): `;
    for (const problem of problems) expect(verify(broken)).toContain(`${where}${problem}`);
  });
});

describe('an input after the first', () => {
  const joins = ['add', 'mul', 'concat', 'attention'] as const;

  function joined(kind: (typeof joins)[number], second: 'one position' | 'one channel'): Graph {
    const b = new ExampleBuilder('joined', 2);
    const x = b.input();
    const other =
      second === 'one position' ? b.add('globalAverage', [x], {}) : b.conv(x, 1, { kernel: b.axes(1, 1, 1) });
    const inputs = kind === 'attention' ? [x, other, other] : [x, other];
    return b.finish([12, 20], ['output', b.add(kind, inputs, kind === 'attention' ? { heads: 1 } : {})]);
  }

  test.each(joins)('of %s has one position or one channel where the record says so', (kind) => {
    const { inputs } = recordOf(kind);
    expect(verify(joined(kind, 'one position')).length === 0).toBe(inputs.sizes === 'equal-or-one');
    expect(verify(joined(kind, 'one channel')).length === 0).toBe(
      inputs.channels === 'equal-or-one' || inputs.channels === 'any',
    );
  });
});
