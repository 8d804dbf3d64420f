import { evaluateAffine } from '../../../src/ir/affine.js';
import type { Graph, Node } from '../../../src/ir/graph.js';
import { sourceOf } from '../../../src/ir/node-record.js';
import type { StagePath } from '../../../src/ir/stage-path.js';
import type { LayerCall } from '../../tfjs/lower/layer-call.js';
import { type LoweredModel, lowerModel } from '../../tfjs/lower/lowerings.js';
import { runsOf } from './groups.js';

/** A layer or a block. Values are known by the names of the layers that make them. */
interface ItemBase {
  /** The path of the layer's op, or of the block's use. */
  readonly path: StagePath;
  readonly inputs: readonly string[];
  readonly output: string;
}

export interface LayerItem extends ItemBase {
  readonly kind: 'layer';
  readonly name: string;
  readonly call: LayerCall;
}

/** One use of a block of the language. Only its output is used outside. */
export interface BlockItem extends ItemBase {
  readonly kind: 'block';
  /** The block's name. */
  readonly block: string;
  readonly items: readonly NetworkItem[];
}

export type NetworkItem = LayerItem | BlockItem;

/** Consecutive items of a stage, such as `encoder[2]`. */
export interface StageItems {
  readonly stage: StagePath;
  readonly items: readonly NetworkItem[];
}

/** A network as layers and blocks. */
export interface Network {
  readonly graph: Graph;
  /** The input layers, the image's first. */
  readonly inputs: LoweredModel['inputs'];
  readonly stages: readonly StageItems[];
  /** The values that the model returns. */
  readonly outputs: readonly string[];
  readonly users: Users;
  /** Whether it has layers that TensorFlow.js lacks. */
  readonly needsLayers: boolean;
  /** The spatial sizes of a value at the declared input size. */
  sizeOf(value: string): readonly number[];
}

/** The layers that take each value. `MODEL` takes the outputs of the model. */
export type Users = ReadonlyMap<string, ReadonlySet<string>>;

const MODEL = 'the model';

/**
 * The layers of a graph by stages and blocks, in the order of the graph. With `dynamic`, the spatial sizes are free.
 */
export function networkOf(graph: Graph, dynamic: boolean): Network {
  const { inputs, calls, layers } = lowerModel(graph, dynamic);
  const outputs = graph.outputs.map(({ value }) => layers[value] ?? '');
  const users = new Map<string, Set<string>>();
  const use = (value: string, user: string) => {
    const known = users.get(value);
    if (known) known.add(user);
    else users.set(value, new Set([user]));
  };
  for (const call of calls) for (const value of call.inputs) use(value, call.name);
  for (const value of outputs) use(value, MODEL);
  const lowered: LoweredNode[] = [];
  let next = 0;
  for (const node of graph.nodes) {
    // The last call of a node makes its value.
    const last = layers[node.id];
    const first = next;
    if (sourceOf(node)) continue;
    while (calls[next] !== undefined && calls[next]?.name !== last) next += 1;
    next += 1;
    lowered.push({ node, calls: calls.slice(first, next), blocks: blocksOf(node) });
  }
  const grouper = new BlockGrouper(users);
  const stages = runsOf(lowered, ({ node }) => node.path.root.text).flatMap(([, run]): StageItems[] => {
    const [first] = run;
    return first ? [{ stage: first.node.path.root, items: grouper.items(run, 0) }] : [];
  });
  const sizeOf = (value: string) => {
    const node = graph.nodes[layers.indexOf(value)];
    return (node?.spatial ?? []).map((size, axis) => evaluateAffine(size, graph.inputSize[axis] ?? 0));
  };
  const needsLayers = calls.some(({ source }) => source === 'unet');
  return { graph, inputs, stages, outputs, users, needsLayers, sizeOf };
}

/** The layers of an item, by name. */
export function layersOf(item: NetworkItem): readonly string[] {
  return item.kind === 'layer' ? [item.name] : item.items.flatMap(layersOf);
}

/** Whether anything but these layers uses a value. */
export function usedOutside(value: string, inside: ReadonlySet<string>, users: Users): boolean {
  return [...(users.get(value) ?? [])].some((user) => !inside.has(user));
}

/** The layers of a node, and the uses of blocks that contain it, outermost first. */
interface LoweredNode {
  readonly node: Node;
  readonly calls: readonly LayerCall[];
  readonly blocks: readonly { readonly block: string; readonly path: StagePath }[];
}

/** A stage's block is not a segment of the path: only the node's origin knows it. */
function blocksOf({ path, origin }: Node): LoweredNode['blocks'] {
  const outermost = origin.uses.at(-1);
  return [
    ...(outermost ? [{ block: outermost.block, path: path.root }] : []),
    ...path.ancestors.flatMap((one) => (one.segment ? [{ block: one.segment.name, path: one }] : [])),
  ];
}

/** Groups the layers of each block's use. */
class BlockGrouper {
  constructor(private readonly users: Users) {}

  /** The layers of nodes as items. Layers of the same block at this depth become one item. */
  items(nodes: readonly LoweredNode[], depth: number): readonly NetworkItem[] {
    const key = ({ blocks }: LoweredNode) => `${blocks[depth]?.path ?? ''} ${blocks[depth]?.block ?? ''}`;
    return runsOf(nodes, key).flatMap(([, run]): readonly NetworkItem[] => {
      const block = run[0]?.blocks[depth];
      if (!block) return run.flatMap(({ node, calls }) => calls.map((call) => layerItem(node.path, call)));
      const items = this.items(run, depth + 1);
      const ends = this.endsOf(items);
      // To a reader, a run of layers with several results, or none, is not a block.
      return ends ? [{ kind: 'block', ...block, items, ...ends }] : items;
    });
  }

  /** The values that a list of items takes from outside, and its one value that is used outside. */
  private endsOf(items: readonly NetworkItem[]): Pick<ItemBase, 'inputs' | 'output'> | undefined {
    const inside = new Set(items.flatMap(layersOf));
    const made = new Set(items.map(({ output }) => output));
    const inputs = new Set(items.flatMap((item) => item.inputs.filter((value) => !made.has(value))));
    const [output, ...more] = [...made].filter((value) => usedOutside(value, inside, this.users));
    return output !== undefined && more.length === 0 ? { inputs: [...inputs], output } : undefined;
  }
}

function layerItem(path: StagePath, call: LayerCall): LayerItem {
  return { kind: 'layer', path, call, name: call.name, inputs: call.inputs, output: call.name };
}
