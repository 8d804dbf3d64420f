import type { Graph, Node, ValueId } from '../../ir/graph.js';
import type { StagePath } from '../../ir/stage-path.js';
import type { MapOps } from './map-ops.js';

/** Consecutive uses of one block: equal ops, each use on the result of the one before. */
export interface RunGroup {
  /** The block's name as it stands in the stage paths. */
  readonly name: string;
  readonly count: number;
  /** The value that enters the run, and the value that leaves it. */
  readonly entry: ValueId;
  readonly exit: ValueId;
  /** The nodes of the first use, in graph order. */
  readonly first: readonly Node[];
  /** All nodes of all uses. */
  readonly nodes: ReadonlySet<ValueId>;
}

/** A part of the graph with one entering and one leaving value. */
interface Part {
  readonly entry: ValueId;
  readonly exit: ValueId;
  readonly nodes: readonly Node[];
}

/**
 * Finds runs of structurally equal blocks. No block is known by name: the use of a block is all nodes below one stage
 * path, such as `bottleneck.transformer_layer[3]`. Two uses are equal if their ops, attributes, parameter shapes and
 * connections are.
 */
export class RunGroups {
  private readonly below = new Map<string, Node[]>();

  constructor(
    private readonly graph: Graph,
    private readonly ops: MapOps,
  ) {
    for (const node of graph.nodes) {
      for (const { text } of node.path.ancestors) {
        const list = this.below.get(text);
        if (list) list.push(node);
        else this.below.set(text, [node]);
      }
    }
  }

  /** The run of at least two uses that starts at a node after `entry`, of the outermost block possible. */
  runAt(node: Node, entry: ValueId): RunGroup | undefined {
    return this.first(node, entry, (path) => this.run(path, entry));
  }

  /** The outermost block that starts at a node after `entry`, even if it is used once. */
  blockAt(node: Node, entry: ValueId): RunGroup | undefined {
    return this.first(node, entry, (path) => {
      const part = this.partOf(path, entry);
      if (!part || !this.isWide(part)) return undefined;
      return groupOf(path.segment?.name ?? '', 1, part, part.nodes);
    });
  }

  /** A whole stage as one part, if `entry` is its only input. */
  stageAt(node: Node, entry: ValueId): RunGroup | undefined {
    const part = this.partOf(node.path.root, entry);
    const block = part?.nodes[0]?.origin.uses.at(-1)?.block ?? '';
    return part && groupOf(block, 1, part, part.nodes);
  }

  private first(
    node: Node,
    entry: ValueId,
    find: (path: StagePath) => RunGroup | undefined,
  ): RunGroup | undefined {
    const before = this.graph.nodes[entry];
    for (const path of node.path.ancestors.slice(1)) {
      // A part starts where the path is entered, perhaps at a join, and not in the middle of the path.
      const isInside = before?.path.isBelow(path) && !this.entersAt(before, path);
      const group = isInside ? undefined : find(path);
      if (group) return group;
    }
    return undefined;
  }

  /** Whether a node takes values from outside a path. */
  private entersAt({ inputs }: Node, path: StagePath): boolean {
    return inputs.some((id) => !this.graph.nodes[id]?.path.isBelow(path));
  }

  private run(path: StagePath, entry: ValueId): RunGroup | undefined {
    const { parent, segment } = path;
    const start = this.partOf(path, entry);
    if (!parent || !segment || !start || !this.isWide(start)) return undefined;
    const { name } = segment;
    const signature = this.signature(start);
    const nodes = [...start.nodes];
    let { exit } = start;
    let count = 1;
    for (let number = segment.number + 1; ; number += 1) {
      const next = this.partOf(parent.child(name, number), exit);
      if (!next || this.signature(next) !== signature) break;
      // A value between two uses that something else reads, such as a skip, must stay visible.
      const inside = idsOf(next.nodes);
      if (!this.ops.readersOf(exit).every((id) => inside.has(id))) break;
      nodes.push(...next.nodes);
      exit = next.exit;
      count += 1;
    }
    if (count < 2) return undefined;
    return groupOf(name, count, { entry, exit, nodes }, start.nodes);
  }

  /** Whether an expanded use would have more than one box. */
  private isWide({ nodes }: Part): boolean {
    return nodes.filter((node) => this.ops.makesMap(node)).length > 1;
  }

  /** The nodes below a path, if only `entry` and values of constant size enter and only the last value leaves. */
  private partOf(path: StagePath, entry: ValueId): Part | undefined {
    const all = this.below.get(path.text) ?? [];
    // If a join inside the path brings in a skip, the part starts after it.
    const nodes = this.graph.nodes[entry]?.path.isBelow(path) ? all.filter(({ id }) => id > entry) : all;
    const last = nodes.at(-1);
    if (!last) return undefined;
    const inside = idsOf(nodes);
    const outside = nodes.flatMap(({ inputs }) => inputs.filter((id) => !inside.has(id)));
    if (!outside.includes(entry)) return undefined;
    if (!outside.every((id) => id === entry || this.ops.isConstant(id))) return undefined;
    const leaks = nodes.some(
      ({ id }) => id !== last.id && !this.ops.readersOf(id).every((reader) => inside.has(reader)),
    );
    return leaks ? undefined : { entry, exit: last.id, nodes };
  }

  private signature({ entry, nodes }: Part): string {
    const indices = new Map(nodes.map(({ id }, index) => [id, index]));
    const rows = nodes.map(({ kind, inputs, attributes, channels, parameters }) => [
      kind,
      inputs.map((id) => (id === entry ? 'entry' : (indices.get(id) ?? 'outside'))),
      attributes,
      channels,
      parameters.map(({ shape }) => shape),
    ]);
    return JSON.stringify(rows);
  }
}

function groupOf(
  name: string,
  count: number,
  { entry, exit, nodes }: Part,
  first: readonly Node[],
): RunGroup {
  return { name, count, entry, exit, first, nodes: idsOf(nodes) };
}

function idsOf(nodes: readonly Node[]): ReadonlySet<ValueId> {
  return new Set(nodes.map(({ id }) => id));
}
