import type { Graph, Node, OpKind, ValueId } from '../../src/index.js';

/** What the gradient of an op is computed from, by its formula; the weights are not activations. */
const neededForGradient: Readonly<Record<OpKind, 'inputs' | 'output' | 'nothing'>> = {
  input: 'nothing',
  time: 'nothing',
  // The gradient of the weights is a product with the input.
  conv: 'inputs',
  convTranspose: 'inputs',
  // Where the maximum lies is found in the input.
  maxPool: 'inputs',
  // Linear without weights: the gradient is the transposed map of the gradient alone.
  avgPool: 'nothing',
  resize: 'nothing',
  interpolate: 'nothing',
  globalAverage: 'nothing',
  // sin' = cos: of the angle, which is the input.
  sinusoid: 'inputs',
  pad: 'nothing',
  crop: 'nothing',
  concat: 'nothing',
  add: 'nothing',
  mul: 'inputs',
  // Normalised values are made again from the input.
  batchNorm: 'inputs',
  instanceNorm: 'inputs',
  groupNorm: 'inputs',
  layerNorm: 'inputs',
  // Where the output is positive, or from exp and tanh-like forms of the output itself.
  relu: 'output',
  leakyRelu: 'output',
  elu: 'output',
  sigmoid: 'output',
  softmax: 'output',
  dropout: 'output',
  // Not one to one, or with a learned slope: only the input says enough.
  prelu: 'inputs',
  gelu: 'inputs',
  silu: 'inputs',
  // The weights of each position are made again from query and key; the value is a factor.
  attention: 'inputs',
  positions: 'nothing',
};

/** A pool of buffers that knows its largest extent. */
class Buffers {
  private readonly live = new Map<string, number>();
  private total = 0;
  peak = 0;

  allocate(name: string, bytes: number): void {
    if (this.live.has(name)) throw new Error(`${name} is there already`);
    this.live.set(name, bytes);
    this.total += bytes;
    this.peak = Math.max(this.peak, this.total);
  }

  free(name: string): void {
    const bytes = this.live.get(name);
    if (bytes === undefined) throw new Error(`${name} is not there`);
    this.live.delete(name);
    this.total -= bytes;
  }

  has(name: string): boolean {
    return this.live.has(name);
  }

  get names(): readonly string[] {
    return [...this.live.keys()];
  }
}

/** The weights of an attention: a number for each head and each pair of positions; nothing in other ops. */
function attentionBytes(graph: Graph, bytesOf: (id: ValueId) => number): (node: Node) => number {
  return (node) => {
    if (node.kind !== 'attention') return 0;
    const positions = bytesOf(node.id) / (4 * (graph.nodes[node.id]?.channels ?? Number.NaN));
    return 4 * node.attributes.heads * positions ** 2;
  };
}

/** Runs inference on buffers: the peak in bytes, and what is left at the end. */
export function simulateInference(graph: Graph, bytesOf: (id: ValueId) => number) {
  const insideOf = attentionBytes(graph, bytesOf);
  const buffers = new Buffers();
  // Dropout does nothing in inference: whoever reads it reads what it reads.
  const source = (id: ValueId): ValueId => {
    const node = graph.nodes[id];
    return node?.kind === 'dropout' ? source(node.inputs[0] ?? -1) : id;
  };
  const readers = new Map<ValueId, Set<ValueId>>();
  const running = graph.nodes.filter((node) => node.kind !== 'dropout');
  for (const node of running) {
    for (const input of node.inputs.map(source))
      readers.set(input, (readers.get(input) ?? new Set()).add(node.id));
  }
  const outputs = new Set(graph.outputs.map(({ value }) => source(value)));
  for (const node of running) {
    buffers.allocate(String(node.id), bytesOf(node.id));
    buffers.allocate('inside', insideOf(node));
    buffers.free('inside');
    for (const input of new Set(node.inputs.map(source))) {
      readers.get(input)?.delete(node.id);
      if (readers.get(input)?.size === 0 && !outputs.has(input)) buffers.free(String(input));
    }
  }
  return { peak: buffers.peak, left: buffers.names };
}

/** Runs a forward and a backward pass on buffers: the peak in bytes, and what is left at the end. */
export function simulateTraining(graph: Graph, bytesOf: (id: ValueId) => number) {
  const insideOf = attentionBytes(graph, bytesOf);
  const buffers = new Buffers();
  /** Steps that still read a value: `forward 7`, `backward 7`. */
  const pending = new Map<ValueId, Set<string>>(graph.nodes.map(({ id }) => [id, new Set()]));
  const reads = (value: ValueId, step: string) => pending.get(value)?.add(step);
  for (const node of graph.nodes) {
    const needs = neededForGradient[node.kind];
    if (needs === 'output') reads(node.id, `backward ${node.id}`);
    for (const input of node.inputs) {
      reads(input, `forward ${node.id}`);
      if (needs === 'inputs') reads(input, `backward ${node.id}`);
    }
  }
  // The loss reads the outputs when the forward pass has ended.
  for (const { value } of graph.outputs) reads(value, 'loss');
  const done = (step: string, values: readonly ValueId[]) => {
    for (const value of new Set(values)) {
      const steps = pending.get(value);
      steps?.delete(step);
      if (steps?.size === 0 && buffers.has(`value ${value}`)) buffers.free(`value ${value}`);
    }
  };
  const all = graph.nodes.map(({ id }) => id);
  const gradientOf = (node: Node | undefined) => {
    if (!node || node.kind === 'input' || buffers.has(`gradient ${node.id}`)) return;
    buffers.allocate(`gradient ${node.id}`, bytesOf(node.id));
  };
  for (const node of graph.nodes) {
    buffers.allocate(`value ${node.id}`, bytesOf(node.id));
    if (node.kind === 'attention') buffers.allocate(`inside ${node.id}`, insideOf(node));
    done(`forward ${node.id}`, all);
  }
  done('loss', all);
  for (const { value } of graph.outputs) gradientOf(graph.nodes[value]);
  for (const node of graph.nodes.toReversed()) {
    if (node.kind === 'input') continue;
    for (const input of node.inputs) gradientOf(graph.nodes[input]);
    if (node.kind === 'attention') {
      buffers.allocate('gradient inside', insideOf(node));
      buffers.free('gradient inside');
      buffers.free(`inside ${node.id}`);
    }
    done(`backward ${node.id}`, all);
    buffers.free(`gradient ${node.id}`);
  }
  return { peak: buffers.peak, left: buffers.names };
}
