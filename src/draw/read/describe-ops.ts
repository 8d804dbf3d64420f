import type { Node, ValueId } from '../../ir/graph.js';
import type { Embedding } from '../picture-parts.js';
import { hasConstantSize } from './main-path.js';
import { labelOf } from './op-label.js';

/**
 * The ops between two values, in words: `conv 3x3, ReLU, conv 3x3, add identity, ReLU`. A join names the ops of its
 * other inputs: `add (conv 1x1, batch norm)`.
 *
 * @param nodes the ops between, in graph order
 * @param entry the value that all of them start from
 * @param last the op that makes the second value
 * @param embeddings values of constant size from elsewhere, with their names
 */
export function describeOps(
  nodes: readonly Node[],
  entry: ValueId,
  last: Node,
  channelsOf: (id: ValueId | undefined) => number,
  embeddings: ReadonlyMap<ValueId, Embedding> = new Map(),
): readonly string[] {
  return new OpWords(nodes, entry, channelsOf, embeddings).upTo(last.id);
}

/** The most ops in a text: a block of a hundred ops is better known by its name. */
const LONGEST = 14;

/** The words as one text, with an ellipsis if there are too many. */
export function opText(words: readonly string[]): string {
  return words.length <= LONGEST ? words.join(', ') : `${words.slice(0, LONGEST).join(', ')}, \u2026`;
}

class OpWords {
  private readonly byId: ReadonlyMap<ValueId, Node>;
  private readonly length = new Map<ValueId, number>();

  constructor(
    nodes: readonly Node[],
    private readonly entry: ValueId,
    private readonly channelsOf: (id: ValueId | undefined) => number,
    private readonly embeddings: ReadonlyMap<ValueId, Embedding>,
  ) {
    this.byId = new Map(nodes.map((node) => [node.id, node]));
    for (const { id, inputs } of nodes) {
      this.length.set(id, 1 + inputs.reduce((most, input) => Math.max(most, this.length.get(input) ?? 0), 0));
    }
  }

  /** The words of the longest path to a value; joins contain the words of the other paths. */
  upTo(end: ValueId): readonly string[] {
    const words: string[][] = [];
    let node = this.byId.get(end);
    while (node) {
      const main = this.mainInput(node);
      const sides = node.inputs.filter((_, index) => index !== main);
      words.push(sides.length === 0 ? [this.label(node)] : [this.join(node, sides)]);
      node = this.byId.get(node.inputs[main] ?? -1);
    }
    return counted(words.reverse().flat());
  }

  private label(node: Node): string {
    return labelOf(node, this.channelsOf(node.inputs[0]));
  }

  private mainInput(node: Node): number {
    // A value of constant size, such as a weight for each channel, is never the main input, however long its own path
    // is.
    const rank = (id: ValueId) =>
      (this.length.get(id) ?? 0) - (hasConstantSize(this.byId.get(id)) ? this.byId.size : 0);
    return node.inputs.reduce(
      (best, id, index) => (rank(id) > rank(node.inputs[best] ?? -1) ? index : best),
      0,
    );
  }

  private join(node: Node, sides: readonly ValueId[]): string {
    const own = this.label(node);
    if (node.kind === 'attention') return own;
    const texts = sides.map((id) => this.side(id, node));
    if (texts.every((text) => text === 'identity')) return node.kind === 'add' ? `${own} identity` : own;
    return `${own} (${texts.join('; ')})`;
  }

  private side(id: ValueId, join: Node): string {
    if (id === this.entry) return 'identity';
    if (!this.byId.has(id)) return this.embeddings.get(id)?.name ?? 'identity';
    // Ops that both paths share are described once, on the main path.
    const shared = this.ancestors(join.inputs[this.mainInput(join)] ?? -1);
    const words: string[] = [];
    let next: ValueId | undefined = id;
    for (let node = this.byId.get(id); node && !shared.has(node.id); node = this.byId.get(next ?? -1)) {
      words.push(this.label(node));
      next = node.inputs[this.mainInput(node)];
    }
    const name = this.embeddings.get(next ?? -1)?.name;
    const text = words.length === 0 ? 'identity' : counted(words.reverse()).join(', ');
    return name === undefined ? text : `${text} of ${name}`;
  }

  private ancestors(end: ValueId): ReadonlySet<ValueId> {
    const found = new Set<ValueId>();
    const queue = [end];
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      const node = this.byId.get(id);
      if (!node || found.has(id)) continue;
      found.add(id);
      queue.push(...node.inputs);
    }
    return found;
  }
}

/** `2 x (conv 3x3, ReLU)` for a list that repeats the same words. */
function counted(words: readonly string[]): readonly string[] {
  for (let length = 1; length * 2 <= words.length; length += 1) {
    if (words.length % length !== 0) continue;
    if (!words.every((word, index) => word === words[index % length])) continue;
    const body = words.slice(0, length).join(', ');
    return [`${words.length / length} x ${length > 1 ? `(${body})` : body}`];
  }
  return words;
}
