import { type Graph, type Node, stageOf, type ValueId } from '../ir/graph.js';
import type { MapOps } from './map-ops.js';

/** Consecutive uses of one block, each the same ops on the result of the one before. */
export interface FoldGroup {
  /** The block's name as it stands in the stage paths. */
  readonly name: string;
  readonly count: number;
  /** The value that goes in, and the one that comes out. */
  readonly entry: ValueId;
  readonly exit: ValueId;
  /** The nodes of the first use, in graph order. */
  readonly first: readonly Node[];
  /** All nodes of all uses. */
  readonly nodes: ReadonlySet<ValueId>;
}

/** A part of the graph that one value enters and one leaves. */
interface Part {
  readonly entry: ValueId;
  readonly exit: ValueId;
  readonly nodes: readonly Node[];
}

/**
 * Finds what a picture folds: runs of blocks that are structurally equal. Nothing is known by name: a block's use is
 * all nodes below one stage path, `bottleneck.transformer_layer[3]`, and two are equal where their ops, attributes,
 * parameter shapes and connections are.
 */
export class FoldGroups {
  private readonly below = new Map<string, Node[]>();

  constructor(
    private readonly graph: Graph,
    private readonly ops: MapOps,
  ) {
    for (const node of graph.nodes) {
      for (const path of ancestorsOf(node.path)) {
        const list = this.below.get(path);
        if (list) list.push(node);
        else this.below.set(path, [node]);
      }
    }
  }

  /** The run of at least two uses that begins with a node behind `entry`, of the outermost block there is. */
  runAt(node: Node, entry: ValueId): FoldGroup | undefined {
    const before = this.graph.nodes[entry]?.path ?? '';
    for (const path of ancestorsOf(node.path).slice(1)) {
      // Only where the path is entered: its middle is no beginning.
      if (before.startsWith(`${path}.`)) continue;
      const run = this.run(path, entry);
      if (run) return run;
    }
    return undefined;
  }

  /** All of a stage as one part, where `entry` is all it takes. */
  stageAt(node: Node, entry: ValueId): FoldGroup | undefined {
    const stage = stageOf(node.path);
    const part = this.partOf(stage, entry);
    if (!part) return undefined;
    const block = part.nodes[0]?.origin.uses.at(-1)?.block ?? '';
    return { name: block, count: 1, ...part, first: part.nodes, nodes: idsOf(part.nodes) };
  }

  private run(path: string, entry: ValueId): FoldGroup | undefined {
    const match = /^(.*\.)([^.[\]]+)\[(\d+)\]$/.exec(path);
    const [, parent = '', name = '', digits] = match ?? [];
    const start = this.partOf(path, entry);
    if (!match || !start || !this.isWide(start)) return undefined;
    const signature = this.signature(start);
    const nodes = [...start.nodes];
    let { exit } = start;
    let count = 1;
    for (let number = Number(digits) + 1; ; number += 1) {
      const next = this.partOf(`${parent}${name}[${number}]`, exit);
      if (!next || this.signature(next) !== signature) break;
      // A value between two uses that something else reads too, a skip, must stay to be seen.
      const inside = idsOf(next.nodes);
      if (!this.ops.readersOf(exit).every((id) => inside.has(id))) break;
      nodes.push(...next.nodes);
      exit = next.exit;
      count += 1;
    }
    if (count < 2) return undefined;
    return { name, count, entry, exit, first: start.nodes, nodes: idsOf(nodes) };
  }

  /** Whether unfolded uses would take more than a box each. */
  private isWide({ nodes }: Part): boolean {
    return nodes.filter((node) => this.ops.makesMap(node)).length > 1;
  }

  /** The nodes below a path, where only `entry` and values of constant size go in and only the last one goes out. */
  private partOf(path: string, entry: ValueId): Part | undefined {
    const nodes = this.below.get(path);
    const last = nodes?.at(-1);
    if (!nodes || !last) return undefined;
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
    const places = new Map(nodes.map(({ id }, index) => [id, index]));
    const rows = nodes.map(({ kind, inputs, attributes, channels, parameters }) => [
      kind,
      inputs.map((id) => (id === entry ? 'entry' : (places.get(id) ?? 'outside'))),
      attributes,
      channels,
      parameters.map(({ shape }) => shape),
    ]);
    return JSON.stringify(rows);
  }
}

function idsOf(nodes: readonly Node[]): ReadonlySet<ValueId> {
  return new Set(nodes.map(({ id }) => id));
}

/** `a`, `a.b[1]`, `a.b[1].c[2]` of `a.b[1].c[2].conv[1]`. */
function ancestorsOf(path: string): readonly string[] {
  const parts = path.split('.');
  return parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('.'));
}
