import type { Graph, Node } from '../ir/graph.js';
import { sourceOf } from '../ir/node-record.js';
import { recordOf } from '../ir/op-table.js';
import { elementCount } from '../ir/parameter.js';
import type { InferredSizes } from '../shape/infer.js';
import { nodeWorkspace } from './count.js';

export interface Memory {
  /** Peak bytes of activations in inference. */
  readonly inference: number;
  /** Peak bytes of activations and their gradients in a training step. */
  readonly training: number;
}

/** float32 */
const BYTES = 4;

/**
 * Peak activation memory of one sample in float32, from the lifetime of each value. Nodes run in their order. A node's
 * output is allocated while its inputs are alive, nothing is computed in place, and a value is freed after its last
 * use. Parameters, their gradients, optimizer state and an engine's scratch space are not counted.
 *
 * - inference: dropouts are skipped; an output of the network lives to the end.
 * - training: a value is also kept for the backward pass of each op that reads it there (op table, `saves`). The
 *   backward pass runs in reverse order. The gradient of a value is allocated at the first backward step of its users
 *   (the loss allocates the gradient of an output before the first step), and freed after its own node's step. The
 *   input's gradient is not computed.
 *
 * The weights of an attention, heads x positions x positions, are not a value of the graph, but can be larger than all
 * values: they are counted as a value that only the attention uses. In inference they live during its step; in training
 * until its backward step, where their gradient lives too.
 */
export function peakMemory(graph: Graph, sizes: InferredSizes): Memory {
  const bytes = graph.nodes.map((node) => node.channels * elementCount(sizes.sizes[node.id] ?? []) * BYTES);
  const workspace = graph.nodes.map((node) => nodeWorkspace(graph, node, sizes) * BYTES);
  return {
    inference: inferencePeak(graph, bytes, workspace),
    training: trainingPeak(graph, bytes, workspace),
  };
}

/** Steps of allocation and release over time; the peak is the largest sum. */
class Timeline {
  private readonly changes = new Map<number, { allocate: number; release: number }>();

  /** Bytes that live in all steps from `first` to `last`, both included. */
  live(bytes: number, first: number, last: number): void {
    this.at(first).allocate += bytes;
    this.at(last).release += bytes;
  }

  peak(): number {
    let [current, peak] = [0, 0];
    for (const [, { allocate, release }] of [...this.changes].sort(([a], [b]) => a - b)) {
      current += allocate;
      peak = Math.max(peak, current);
      current -= release;
    }
    return peak;
  }

  private at(step: number): { allocate: number; release: number } {
    const known = this.changes.get(step) ?? { allocate: 0, release: 0 };
    this.changes.set(step, known);
    return known;
  }
}

function lastUses(graph: Graph): number[] {
  const last = graph.nodes.map((node) => node.id);
  for (const node of graph.nodes) for (const input of node.inputs) last[input] = node.id;
  for (const { value } of graph.outputs) last[value] = graph.nodes.length - 1;
  return last;
}

/** For each value, the value that inference uses for it: the input of a dropout. */
function withoutDropout(graph: Graph): number[] {
  const stands: number[] = [];
  for (const node of graph.nodes) {
    const [source] = node.inputs;
    stands.push(node.kind === 'dropout' && source !== undefined ? (stands[source] ?? source) : node.id);
  }
  return stands;
}

function inferencePeak(graph: Graph, bytes: readonly number[], workspace: readonly number[]): number {
  const stands = withoutDropout(graph);
  const last = graph.nodes.map((node) => node.id);
  for (const node of graph.nodes) {
    if (stands[node.id] !== node.id) continue;
    for (const input of node.inputs) last[stands[input] ?? input] = node.id;
  }
  for (const { value } of graph.outputs) last[stands[value] ?? value] = graph.nodes.length - 1;
  const timeline = new Timeline();
  for (const node of graph.nodes) {
    if (stands[node.id] === node.id) timeline.live(bytes[node.id] ?? 0, node.id, last[node.id] ?? node.id);
    timeline.live(workspace[node.id] ?? 0, node.id, node.id);
  }
  return timeline.peak();
}

function trainingPeak(graph: Graph, bytes: readonly number[], workspace: readonly number[]): number {
  const count = graph.nodes.length;
  /** The step at which the backward pass of a node runs. */
  const backward = (node: number) => 2 * count - 1 - node;
  const last = lastUses(graph);
  const users = graph.nodes.map((): Node[] => []);
  for (const node of graph.nodes) for (const input of node.inputs) users[input]?.push(node);
  const timeline = new Timeline();
  for (const node of graph.nodes) {
    const size = bytes[node.id] ?? 0;
    let end = last[node.id] ?? node.id;
    if (savesOf(node) === 'output') end = Math.max(end, backward(node.id));
    for (const user of users[node.id] ?? []) {
      if (savesOf(user) === 'inputs') end = Math.max(end, backward(user.id));
    }
    timeline.live(size, node.id, end);
    const inside = workspace[node.id] ?? 0;
    timeline.live(inside, node.id, backward(node.id));
    timeline.live(inside, backward(node.id), backward(node.id));
    if (sourceOf(node) === 'image') continue;
    // The loss allocates the gradient of an output at the first step of the backward pass.
    const isOutput = graph.outputs.some((output) => output.value === node.id);
    const first = isOutput ? count : Math.min(...(users[node.id] ?? []).map((user) => backward(user.id)));
    if (Number.isFinite(first)) timeline.live(size, first, backward(node.id));
  }
  return timeline.peak();
}

function savesOf(node: Node) {
  return recordOf(node.kind).saves;
}
