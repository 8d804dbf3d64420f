import { evaluateAffine } from '../../../src/ir/affine.js';
import { type Graph, type Node, stageOf } from '../../../src/ir/graph.js';
import type { LayerCall } from '../../tfjs/lower/layer-call.js';
import { layerName } from '../../tfjs/lower/layer-name.js';
import { type LoweredModel, lowerModel } from '../../tfjs/lower/lowerings.js';
import { runsOf } from './groups.js';

/** A step of a network. Values are known by the names of the layers that give them, the input's by the input's. */
interface ItemBase {
  /** The layer's name, or what the names of all layers inside begin with. */
  readonly name: string;
  readonly inputs: readonly string[];
  readonly output: string;
}

export interface LayerItem extends ItemBase {
  readonly kind: 'layer';
  readonly call: LayerCall;
}

/** One use of a block of the language. Only its output is used outside of it. */
export interface BlockItem extends ItemBase {
  readonly kind: 'block';
  /** The block's name. */
  readonly block: string;
  readonly items: readonly NetworkItem[];
}

export type NetworkItem = LayerItem | BlockItem;

/** The steps of a stage, such as `encoder[2]`, that follow each other. */
export interface StageItems {
  readonly stage: string;
  readonly items: readonly NetworkItem[];
}

/** A network as the module's maker sees it. */
export interface Network {
  readonly graph: Graph;
  /** The input layers, the image's first. */
  readonly inputs: LoweredModel['inputs'];
  readonly stages: readonly StageItems[];
  /** The values that the model gives. */
  readonly outputs: readonly string[];
  readonly users: Users;
  /** Whether it has layers that tfjs itself does not have. */
  readonly needsLayers: boolean;
  /** The spatial sizes of a value at the declared input size. */
  sizeOf(value: string): readonly number[];
}

/** The layers that take each value. What the model gives is also taken by `MODEL`. */
export type Users = ReadonlyMap<string, ReadonlySet<string>>;

const MODEL = 'the model';

/** The layers of a graph by stages and blocks, in the order of the graph; with `dynamic` those for free sizes. */
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
  const steps: Step[] = [];
  let next = 0;
  for (const node of graph.nodes) {
    // The calls of a node end with the one that gives its value.
    const last = layers[node.id];
    const first = next;
    if (node.kind === 'input' || node.kind === 'time') continue;
    while (calls[next] !== undefined && calls[next]?.name !== last) next += 1;
    next += 1;
    steps.push({ node, calls: calls.slice(first, next), blocks: blocksOf(node) });
  }
  const maker = new ItemMaker(users);
  const stages = runsOf(steps, ({ node }) => stageOf(node.path)).map(([stage, run]) => ({
    stage,
    items: maker.items(run, 0),
  }));
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

/** Whether a value is used by anything but these layers. */
export function usedOutside(value: string, inside: ReadonlySet<string>, users: Users): boolean {
  return [...(users.get(value) ?? [])].some((user) => !inside.has(user));
}

/** A node's layers, and the uses of blocks that they are in, outermost first. */
interface Step {
  readonly node: Node;
  readonly calls: readonly LayerCall[];
  readonly blocks: readonly { readonly block: string; readonly name: string }[];
}

/** A stage's block has no part in a path: only the node's origin knows it. */
function blocksOf(node: Node): Step['blocks'] {
  const [stage = '', ...parts] = node.path.split('.');
  const outermost = node.origin.uses.at(-1);
  const blocks = outermost ? [{ block: outermost.block, name: layerName(stage) }] : [];
  const nested = parts.slice(0, -1).map((part, index) => ({
    block: part.replace(/\[.*$/, ''),
    name: layerName([stage, ...parts.slice(0, index + 1)].join('.')),
  }));
  return [...blocks, ...nested];
}

class ItemMaker {
  constructor(private readonly users: Users) {}

  /** Steps as items, those at a depth of blocks put together. */
  items(steps: readonly Step[], depth: number): readonly NetworkItem[] {
    const key = ({ blocks }: Step) => `${blocks[depth]?.name ?? ''} ${blocks[depth]?.block ?? ''}`;
    return runsOf(steps, key).flatMap(([, run]): readonly NetworkItem[] => {
      const block = run[0]?.blocks[depth];
      if (!block) return run.flatMap(({ calls }) => calls.map(layerItem));
      const items = this.items(run, depth + 1);
      const ends = this.endsOf(items);
      // A run of steps with several results, or none, is no block to a reader.
      return ends ? [{ kind: 'block', ...block, items, ...ends }] : items;
    });
  }

  /** What a list of items takes from outside, and the one value of it that is used there. */
  private endsOf(items: readonly NetworkItem[]): Pick<ItemBase, 'inputs' | 'output'> | undefined {
    const inside = new Set(items.flatMap(layersOf));
    const made = new Set(items.map(({ output }) => output));
    const inputs = new Set(items.flatMap((item) => item.inputs.filter((value) => !made.has(value))));
    const [output, ...more] = [...made].filter((value) => usedOutside(value, inside, this.users));
    return output !== undefined && more.length === 0 ? { inputs: [...inputs], output } : undefined;
  }
}

function layerItem(call: LayerCall): LayerItem {
  return { kind: 'layer', call, name: call.name, inputs: call.inputs, output: call.name };
}
