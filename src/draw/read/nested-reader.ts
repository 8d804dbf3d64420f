import { evaluateAffine } from '../../ir/affine.js';
import type { Graph, Node, ValueId } from '../../ir/graph.js';
import type { StagePath } from '../../ir/stage-path.js';
import { cropKind, cropText } from '../captions.js';
import type { GridBox, GridEdge, GridHead, NestedPicture } from '../nested-picture.js';
import type { Arrow, Embedding } from '../picture-parts.js';
import { describeOps, opText } from './describe-ops.js';
import { sideInput } from './main-path.js';
import { MapOps } from './map-ops.js';
import { arrowOf, labelOf } from './op-label.js';
import { readEmbeddings } from './read-embeddings.js';
import { cropOf } from './read-skip.js';

type Content = Pick<NestedPicture, 'input' | 'nodes' | 'edges' | 'heads' | 'embeddings' | 'undrawn'>;

/** The grid of a network with nodes between encoder and decoder; undefined for other networks. */
export function readNested(graph: Graph): Content | undefined {
  return graph.stages.some(({ path }) => path.stage === 'node') ? new NestedReader(graph).read() : undefined;
}

/** The position of a stage in the grid, as in the U-Net++ paper: both numbers from 0. */
interface Cell {
  readonly level: number;
  readonly column: number;
}

class NestedReader {
  private readonly ops: MapOps;
  private readonly embeddings: ReadonlyMap<ValueId, Embedding>;
  private readonly needed: ReadonlySet<ValueId>;
  private readonly depth: number;
  private readonly indices = new Map<ValueId, number>();
  private readonly nodes: GridBox[] = [];
  private readonly edges: GridEdge[] = [];
  private undrawn = 0;

  constructor(private readonly graph: Graph) {
    this.ops = new MapOps(graph);
    this.embeddings = readEmbeddings(graph);
    const [main] = graph.outputs;
    const before = main ? sideInput(graph, main.value, new Set()).nodes : [];
    this.needed = new Set(before.map(({ id }) => id));
    const levels = graph.stages.map(({ path }) => (path.stage === 'encoder' ? (path.level ?? 0) : 0));
    this.depth = Math.max(...levels);
  }

  read(): Content {
    const stages = this.graph.stages.flatMap(({ path, value }) => {
      const cell = this.cellOf(path);
      return cell ? [{ path, value, cell }] : [];
    });
    // The last node of a level has two stages; its first one names it.
    for (const { path, value, cell } of stages) {
      if (this.indices.has(value)) continue;
      this.indices.set(value, this.nodes.length);
      this.nodes.push({
        path,
        ...cell,
        ...this.shapeOf(value),
        block: '',
        trainingOnly: !this.needed.has(value),
      });
    }
    for (const [value, index] of this.indices) this.readNode(value, index);
    const heads = this.graph.outputs.flatMap(({ name, value }) => this.headsOf(name, value));
    const { nodes, edges } = this;
    const embeddings = [...this.embeddings.values()];
    return { input: this.shapeOf(0), nodes, edges, heads, embeddings, undrawn: this.undrawn };
  }

  private cellOf(path: StagePath): Cell | undefined {
    const level = (path.level ?? 1) - 1;
    switch (path.stage) {
      case 'bottleneck':
        return { level: this.depth, column: 0 };
      case 'encoder':
        return { level, column: 0 };
      case 'node':
        return { level, column: path.column ?? 0 };
      case 'decoder':
        return { level, column: this.depth - level };
      default:
        return undefined;
    }
  }

  private shapeOf(value: ValueId) {
    const node = this.graph.nodes[value];
    const spatial = (node?.spatial ?? []).map((size, axis) =>
      evaluateAffine(size, this.graph.inputSize[axis] ?? 0),
    );
    return { channels: node?.channels ?? 0, spatial };
  }

  /** Reads the ops of a node and the edges to it. */
  private readNode(value: ValueId, index: number): void {
    const node = this.nodes[index];
    const last = this.graph.nodes[value];
    if (!node || !last) return;
    const others = new Set([0, ...this.indices.keys()]);
    others.delete(value);
    const { sources, nodes } = sideInput(this.graph, value, others);
    const inside = new Set(nodes.map(({ id }) => id));
    const joins = ({ kind, inputs }: Node) =>
      kind === 'concat' && inputs.some((id) => !inside.has(id) || this.isOnEdge(id));
    const beside = new Set([...this.embeddings.values()].map(({ name }) => name));
    const block = nodes.filter(
      (one) => !this.isOnEdge(one.id) && !joins(one) && !beside.has(one.path.root.text),
    );
    const channelsOf = (id: ValueId | undefined) => this.ops.channelsOf(id);
    const words = describeOps(block, sources[0] ?? 0, last, channelsOf, this.embeddings);
    this.nodes[index] = { ...node, block: opText(words) };
    const between = nodes.filter(({ id }) => this.isOnEdge(id));
    for (const source of sources) {
      const from = this.indices.get(source);
      const start = this.nodes[from ?? -1];
      if (from === undefined || !start) {
        // Only the first node may take the input.
        if (node.level > 0 || node.column > 0) this.undrawn += 1;
        continue;
      }
      const levels = node.level - start.level;
      if (Math.abs(levels) > 1) this.undrawn += 1;
      else this.edges.push(this.edge(from, index, levels, this.opsFrom(source, between)));
    }
  }

  /** Whether a value belongs to an edge between two nodes of the grid. */
  private isOnEdge(id: ValueId): boolean {
    const stage = this.graph.nodes[id]?.path.stage;
    return stage === 'pool' || stage === 'up' || stage === 'skip';
  }

  /** The ops that depend on a source, in graph order. */
  private opsFrom(source: ValueId, between: readonly Node[]): readonly Node[] {
    const made = new Set([source]);
    return between.filter(({ id, inputs }) => inputs.some((input) => made.has(input)) && made.add(id));
  }

  private edge(from: number, to: number, levels: number, between: readonly Node[]): GridEdge {
    const ends = cropOf(between, this.graph.rank);
    const crop = cropKind(ends);
    const ops = between.filter(({ kind }) => kind !== 'crop' && kind !== 'pad');
    const own = arrowOf(ops, (node) => this.labelOf(node));
    const copy: Arrow = { family: 'copy', label: crop ? `copy and ${crop}` : 'copy' };
    const fallback: Arrow = levels === 0 ? copy : { family: levels > 0 ? 'down' : 'up', label: 'next level' };
    const isTraining = this.nodes[to]?.trainingOnly ?? false;
    return {
      from,
      to,
      arrow: own && levels !== 0 ? own : fallback,
      crop: cropText(ends),
      trainingOnly: isTraining,
    };
  }

  private labelOf(node: Node): string {
    return labelOf(node, this.ops.channelsOf(node.inputs[0]));
  }

  /** The head of an output, and the heads that are fused into it. */
  private headsOf(output: string, value: ValueId): readonly GridHead[] {
    const { sources, nodes } = sideInput(this.graph, value, new Set(this.indices.keys()));
    const indices = sources.flatMap((source) => {
      const index = this.indices.get(source);
      return index === undefined ? [] : [{ source, index }];
    });
    const isFirst = ({ index }: { readonly index: number }) => this.nodes[index]?.level === 0;
    const main = indices.findLast(isFirst) ?? indices[0];
    if (!main) this.undrawn += 1;
    return indices.map(({ source, index }) => {
      // Ops that several nodes go into are shown at the main head.
      const own = nodes.filter((one) => this.isMadeOf(one, source, sources));
      const isMain = index === main?.index;
      const end = isMain ? value : (own.at(-1)?.id ?? value);
      const name = isMain ? output : `${this.graph.nodes[end]?.path.root}, fused`;
      return this.head(name, index, isMain && indices.length === 1 ? nodes : own, end);
    });
  }

  private head(output: string, node: number, ops: readonly Node[], end: ValueId): GridHead {
    const trainingOnly = !this.needed.has(end);
    const found = arrowOf(ops, (one) => this.labelOf(one)) ?? { family: 'other', label: 'output' };
    const label = trainingOnly ? `${found.label} (in training only)` : found.label;
    return { node, arrow: { ...found, label }, output, ...this.shapeOf(end), trainingOnly };
  }

  /** Whether an op depends on one of the sources only. */
  private isMadeOf({ id }: Node, source: ValueId, sources: readonly ValueId[]): boolean {
    const found = sideInput(this.graph, id, new Set(sources)).sources;
    return found.length === 1 && found[0] === source;
  }
}
