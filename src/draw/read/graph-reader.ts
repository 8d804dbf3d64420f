import type { Graph, Node, ValueId } from '../../ir/graph.js';
import type { StagePath } from '../../ir/stage-path.js';
import type { Feed, JoinKind, PictureSkip, UPicture } from '../picture.js';
import type { Arrow, Embedding } from '../picture-parts.js';
import { type DraftMap, DraftRows, finishedMap, type RowSide, rowSideOf } from './draft-rows.js';
import { hasConstantSize, type MainPath, mainPathOf, type SideInput } from './main-path.js';
import { MapOps } from './map-ops.js';
import { arrowOf, labelOf, roleOf } from './op-label.js';
import { blockRun, stageArrow } from './read-collapsed-run.js';
import { readEmbeddings, sideWords } from './read-embeddings.js';
import { readFeed, readOutputs } from './read-heads.js';
import { skipOf } from './read-skip.js';
import { type RunGroup, RunGroups } from './run-groups.js';

/** The kind of a join; undefined for other ops. */
function joinKindOf(node: Node): JoinKind | undefined {
  switch (node.kind) {
    case 'add':
    case 'mul':
    case 'concat':
      return node.kind;
    default:
      return undefined;
  }
}

/** Whether a stage is drawn as the arrow between two rows. */
function isBetweenRows({ stage }: StagePath): boolean {
  return stage === 'pool' || stage === 'up';
}

/** What is drawn as one box: runs of equal blocks, or every block, or every stage that is more than a chain of ops. */
export type Collapsing = 'runs' | 'blocks' | 'stages';

/** Walks the main path once and sorts its nodes into the maps of the rows. */
export class GraphReader {
  private readonly main: MainPath;
  private readonly rows: DraftRows;
  private readonly ops: MapOps;
  private readonly runs: RunGroups;
  /** Nodes that a box or an arrow already shows. */
  private readonly collapsed = new Set<ValueId>();
  /** The labels of ops that take values of constant size from the side. */
  private readonly words = new Map<ValueId, string>();
  readonly embeddings: ReadonlyMap<ValueId, Embedding>;
  private readonly skips: PictureSkip[] = [];
  private readonly feeds: Feed[] = [];
  private readonly depth: number;
  /** Padding ops whose arrow is not known yet. */
  private pending: Node[] = [];
  /** The node visited before the current one. */
  private previous: ValueId | undefined;
  private undrawn = 0;

  constructor(
    private readonly graph: Graph,
    private readonly collapsing: Collapsing,
  ) {
    this.embeddings = readEmbeddings(graph);
    this.main = mainPathOf(graph);
    this.ops = new MapOps(graph);
    this.runs = new RunGroups(graph, this.ops);
    const levelOf = ({ path: { stage, level = 0 } }: Node) =>
      stage === 'encoder' || stage === 'pool' ? level : 0;
    this.depth = this.main.nodes.reduce((deepest, node) => Math.max(deepest, levelOf(node)), 0);
    this.rows = new DraftRows(this.depth + 1);
  }

  read(): Pick<UPicture, 'levels' | 'skips' | 'feeds' | 'embeddings' | 'undrawn'> {
    for (const node of this.main.nodes) {
      if (!this.collapsed.has(node.id)) this.visit(node);
      this.previous = node.id;
    }
    this.flushPending();
    this.undrawn += readOutputs(this.graph, this.main, this.rows);
    const finish = (list: readonly DraftMap[]) =>
      list.map((draft) => finishedMap(draft, this.graph, this.main.needed, this.arrowOf));
    return {
      levels: this.rows.levels.map(({ encoder, decoder }) => ({
        encoder: finish(encoder),
        decoder: finish(decoder),
      })),
      skips: this.skips,
      feeds: this.feeds,
      embeddings: [...this.embeddings.values()],
      undrawn: this.undrawn,
    };
  }

  private visit(node: Node): void {
    const position = rowSideOf(node.path.root, this.depth) ?? this.rows.current;
    const { last } = this.rows;
    if (this.run(node, position)) return;
    const sides = this.sidesOf(node);
    const kind = joinKindOf(node);
    if (kind && sides.length > 0) {
      this.flushPending();
      this.join(node, kind, sides, position);
      return;
    }
    // Query, key and value of an attention come from one map: one arrow shows all of them.
    const isOne = node.kind === 'attention' && new Set(sides.flatMap(({ sources }) => sources)).size <= 1;
    if (!isOne) this.undrawn += sides.length;
    if (roleOf(node) === 'lead') {
      this.pending.push(node);
      return;
    }
    const oneArrow = isBetweenRows(node.path) && node.path.root.equals(last?.stage);
    // A join with values of constant size only, such as a weight for each channel, is an op of the arrow.
    const follows = roleOf(node) === 'follow' || (kind && this.words.has(node.id));
    if (last && (follows || oneArrow)) {
      this.rows.extend([...this.pending, node], last.join ? 'join' : 'arrow');
    } else {
      this.rows.start(position, node.path.root, node, [...this.pending, node]);
    }
    this.pending = [];
  }

  /** The maps that join a node from the side. Values of constant size go into the node's label. */
  private sidesOf(node: Node): readonly SideInput[] {
    const all = this.main.sides.get(node.id) ?? [];
    const constant = hasConstantSize(node)
      ? []
      : all.filter(({ value }) => hasConstantSize(this.graph.nodes[value]));
    if (constant.length > 0) {
      const texts = constant.map(({ value, nodes }) =>
        nodes.length > 0 ? sideWords(nodes, this.embeddings, (one) => this.labelOf(one)) : this.nameOf(value),
      );
      this.words.set(node.id, `${this.labelOf(node)} (${texts.join('; ')})`);
    }
    return all.filter((side) => !constant.includes(side));
  }

  /** Makes one box of a run of equal blocks, and one arrow of a stage whose inputs come from another row. */
  private run(node: Node, position: RowSide): boolean {
    const { previous } = this;
    const { last } = this.rows;
    if (previous === undefined || !last) return false;
    const run = this.runs.runAt(node, previous) ?? this.single(node, previous);
    const group = run ?? this.stageInOneArrow(node, position);
    const exit = this.graph.nodes[group?.exit ?? -1];
    if (!group || !exit) return false;
    this.flushPending();
    const draft = this.rows.start(position, node.path.root, exit, []);
    this.rows.include(draft, group.nodes);
    for (const id of group.nodes) this.collapsed.add(id);
    if (run) draft.run = blockRun(run, this);
    else draft.arrow = stageArrow(group, this);
    return true;
  }

  /** A block that is used once, if its maps have no room. */
  private single(node: Node, previous: ValueId): RunGroup | undefined {
    if (this.collapsing === 'runs' || isBetweenRows(node.path)) return undefined;
    const isEntered = !node.path.root.equals(this.graph.nodes[previous]?.path.root);
    const whole = this.collapsing === 'stages' && isEntered ? this.runs.stageAt(node, previous) : undefined;
    const isJoined = [...(whole?.nodes ?? [])].some((id) => (this.main.sides.get(id) ?? []).length > 0);
    return (isJoined ? whole : undefined) ?? this.runs.blockAt(node, previous);
  }

  /** A whole stage that joins values it took from another row, such as a residual unit with a stride. */
  private stageInOneArrow(node: Node, { row, side }: RowSide) {
    const { previous } = this;
    const { last } = this.rows;
    if (previous === undefined || node.path.root.equals(last?.stage)) return undefined;
    if (last?.row === row && last.side === side) return undefined;
    const group = this.runs.stageAt(node, previous);
    const sides = [...(group?.nodes ?? [])].flatMap((id) => this.main.sides.get(id) ?? []);
    const between = isBetweenRows(node.path);
    return sides.some(({ sources }) => between || sources.includes(previous)) ? group : undefined;
  }

  /** Padding at the end of its stage belongs to the arrow before it. */
  private flushPending(): void {
    if (this.pending.length > 0) this.rows.extend(this.pending, 'arrow');
    this.pending = [];
  }

  private join(node: Node, kind: JoinKind, sides: readonly SideInput[], position: RowSide): void {
    const { last } = this.rows;
    const sameList = last?.row === position.row && last.side === position.side;
    const acrossU = sides.filter((side) => this.sourceAcross(side, position) !== undefined);
    const within = sides.filter((side) => !acrossU.includes(side));
    const [skip] = acrossU;
    this.undrawn += Math.max(0, acrossU.length - 1);

    const isFirst = sameList && last.index === 0;
    // If nothing else reads the map before a join, one box shows both.
    const ours = new Set([node.id, ...(skip?.nodes ?? []).map(({ id }) => id)]);
    const readers = this.ops.readersOf(last?.value ?? -1);
    const onlyReader = readers.every((id) => ours.has(id)) && (skip !== undefined || readers.length === 1);
    const readsLast = within.some((side) => side.sources.some((id) => this.rows.mapWith(id) === last));
    const onArrow = onlyReader && !readsLast && sameList && !last.join && last.copied === 0 && !last.run;
    const merges = onArrow && (skip ? isFirst && within.length === 0 : !isFirst && kind !== 'concat');
    if (merges) this.rows.extend([node], 'join');
    else this.rows.start(position, node.path.root, node, []);
    const target = this.rows.last;
    if (!target) return;

    if (skip && kind === 'concat') target.copied = node.channels - this.channelsOf(this.previous);
    // A concat in the box of the up-convolution needs no symbol of its own.
    const plain = merges && kind === 'concat';
    if (!plain) target.join = kind;
    target.joinOps = plain ? [] : [node];
    if (skip) this.addSkip(skip, target);
    for (const side of within) this.addBypass(side, target);
  }

  readonly channelsOf = (id: ValueId | undefined): number => this.ops.channelsOf(id);

  /** The map on the encoder's side of the same row that a side input comes from, if it is a skip. */
  private sourceAcross(side: SideInput, position: RowSide): DraftMap | undefined {
    if (position.side !== 'decoder') return undefined;
    return side.sources
      .map((id) => this.rows.mapWith(id))
      .find((draft) => draft?.row === position.row && draft.side === 'encoder');
  }

  private addSkip(side: SideInput, target: DraftMap): void {
    const source = this.sourceAcross(side, target);
    if (!source) return;
    // Signals from outside the encoder's row make the skip a gate; the U shows those of the level below.
    const signals = side.sources.flatMap((id) => {
      const draft = this.rows.mapWith(id);
      return draft && draft !== source ? [draft] : [];
    });
    const below = signals.filter(
      (draft) => target.index === 0 && (draft === target || this.isExitBelow(draft, target.row)),
    );
    this.undrawn += signals.length - below.length;
    const [first] = below;
    const signal = first && (first === target ? 'up' : 'below');
    const { rank } = this.graph;
    const skip = skipOf({ side, source, target, rank, signal, channelsOf: this.channelsOf });
    if (signal && !skip.gate) this.undrawn += 1;
    this.skips.push(skip);
  }

  /** Whether a map is the last of the level below, where the up arrow leaves. */
  private isExitBelow(draft: DraftMap, row: number): boolean {
    return this.rows.decoderPath(row + 1).at(-1) === draft;
  }

  private addBypass(side: SideInput, target: DraftMap): void {
    const [first] = side.sources;
    const source = first === undefined ? undefined : this.rows.mapWith(first);
    this.undrawn += Math.max(0, side.sources.length - 1);
    if (!source || source === target) {
      this.undrawn += 1;
    } else if (source.row !== target.row || source.side !== target.side) {
      this.addFeed(side, source, target);
    } else {
      const arrow = this.arrowOf(side.nodes);
      target.bypasses.push({ from: source.index, ...(arrow ? { arrow } : {}) });
    }
  }

  /** A head of a deeper level that is fused into the output. */
  private addFeed(side: SideInput, source: DraftMap, target: DraftMap): void {
    const feed = readFeed(side, {
      source,
      target,
      graph: this.graph,
      rows: this.rows,
      arrowOf: this.arrowOf,
    });
    if (feed) this.feeds.push(feed);
    else this.undrawn += 1;
  }

  private nameOf(value: ValueId): string {
    return this.embeddings.get(value)?.name ?? this.graph.nodes[value]?.path.root.text ?? '';
  }

  private labelOf(node: Node): string {
    return this.words.get(node.id) ?? labelOf(node, this.channelsOf(node.inputs[0]));
  }

  private readonly arrowOf = (ops: readonly Node[]): Arrow | undefined =>
    arrowOf(ops, (node) => this.labelOf(node));
}
