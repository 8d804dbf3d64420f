import { evaluateAffine } from '../ir/affine.js';
import { type Graph, type Node, stageOf, type ValueId } from '../ir/graph.js';
import { type DraftMap, DraftRows, type Side } from './draft-rows.js';
import { type MainPath, mainPathOf, type SideInput, sideInput } from './main-path.js';
import { roleOf, stepOf } from './op-label.js';
import type { FeatureMap, JoinKind, Picture, PictureSkip, Step } from './picture.js';
import { sizeText } from './picture.js';

/**
 * The figure of a network, derived from its stage paths (`encoder[l]`, `pool[l]`, `bottleneck`, `up[l]`,
 * `skip[l]`, `decoder[l]`, `head`) and op kinds. Never fails: a connection that the U has no place for
 * is counted in `undrawn`.
 * @param subtitle a line below the title; the input's shape where it is left out
 */
export function pictureOf(graph: Graph, subtitle?: string): Picture {
  const reader = new GraphReader(graph);
  const input = graph.nodes[0];
  const shape = [String(input?.channels ?? 0), sizeText(graph.inputSize)].join(' x ');
  return { title: graph.name, subtitle: subtitle ?? `input ${shape}`, rank: graph.rank, ...reader.read() };
}

/** What a join kind is called in a picture. */
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

/** Walks the main path once and sorts its nodes into the maps of the rows. */
class GraphReader {
  private readonly main: MainPath;
  private readonly rows: DraftRows;
  /** The nodes that read each value. */
  private readonly readers: ValueId[][];
  private readonly skips: PictureSkip[] = [];
  private readonly depth: number;
  /** Padding that waits for the op it belongs to. */
  private pending: Node[] = [];
  /** The node before the one that is being visited. */
  private previous: ValueId | undefined;
  private undrawn = 0;

  constructor(private readonly graph: Graph) {
    this.main = mainPathOf(graph);
    this.readers = graph.nodes.map(() => []);
    for (const { id, inputs } of graph.nodes) for (const input of inputs) this.readers[input]?.push(id);
    const level = ({ path }: Node) => Number(/^(?:encoder|pool)\[(\d+)\]/.exec(path)?.[1] ?? 0);
    this.depth = this.main.nodes.reduce((deepest, node) => Math.max(deepest, level(node)), 0);
    this.rows = new DraftRows(this.depth + 1);
  }

  read(): Pick<Picture, 'levels' | 'skips' | 'undrawn'> {
    for (const node of this.main.nodes) {
      this.visit(node);
      this.previous = node.id;
    }
    this.flushPending();
    this.nameOutputs();
    const finish = (list: readonly DraftMap[]) => list.map((draft) => this.finish(draft));
    return {
      levels: this.rows.levels.map(({ encoder, decoder }) => ({
        encoder: finish(encoder),
        decoder: finish(decoder),
      })),
      skips: this.skips,
      undrawn: this.undrawn,
    };
  }

  /** The row and the side that a stage is drawn in; undefined for stages that stay where they are. */
  private placeOf(stage: string): { readonly row: number; readonly side: Side } | undefined {
    if (stage === 'bottleneck') return { row: this.depth, side: 'encoder' };
    const [, name, digits] = /^(\w+)\[(\d+)\]$/.exec(stage) ?? [];
    // Levels beyond the encoder's are drawn in its last row.
    const level = Math.min(Math.max(Number(digits), 1), this.depth + 1);
    switch (name) {
      case 'encoder':
        return { row: level - 1, side: 'encoder' };
      case 'pool':
        return { row: Math.min(level, this.depth), side: 'encoder' };
      case 'up':
      case 'decoder':
        return level > this.depth ? undefined : { row: level - 1, side: 'decoder' };
      default:
        return undefined;
    }
  }

  private visit(node: Node): void {
    const stage = stageOf(node.path);
    const place = this.placeOf(stage) ?? this.rows.current;
    const { last } = this.rows;
    const sides = this.main.sides.get(node.id) ?? [];
    const kind = joinKindOf(node);
    if (kind && sides.length > 0) {
      this.flushPending();
      this.join(node, kind, sides, place);
      return;
    }
    this.undrawn += sides.length;
    if (roleOf(node) === 'lead') {
      this.pending.push(node);
      return;
    }
    const oneArrow = /^(?:pool|up)\[/.test(stage) && last?.stage === stage;
    if (last && (roleOf(node) === 'follow' || oneArrow)) {
      this.rows.extend([...this.pending, node], last.join ? 'join' : 'step');
    } else {
      this.rows.start(place, stage, node, [...this.pending, node]);
    }
    this.pending = [];
  }

  /** Padding with nothing after it in its stage belongs to the arrow before. */
  private flushPending(): void {
    if (this.pending.length > 0) this.rows.extend(this.pending, 'step');
    this.pending = [];
  }

  private join(
    node: Node,
    kind: JoinKind,
    sides: readonly SideInput[],
    place: { readonly row: number; readonly side: Side },
  ): void {
    const { last } = this.rows;
    const sameList = last?.row === place.row && last.side === place.side;
    const acrossU = sides.filter((side) => this.sourceAcross(side, place) !== undefined);
    const within = sides.filter((side) => !acrossU.includes(side));
    const [skip] = acrossU;
    this.undrawn += Math.max(0, acrossU.length - 1);

    const isFirst = sameList && last.index === 0;
    // Where nothing else reads the map before a join, its box and the join's are one.
    const ours = new Set([node.id, ...(skip?.nodes ?? []).map(({ id }) => id)]);
    const readers = this.readers[last?.value ?? -1] ?? [];
    const onlyReader = readers.every((id) => ours.has(id)) && (skip !== undefined || readers.length === 1);
    const readsLast = within.some((side) => side.sources.some((id) => this.rows.mapWith(id) === last));
    const onArrow = onlyReader && !readsLast && sameList && !last.join && last.copied === 0;
    const merges = onArrow && (skip ? isFirst && within.length === 0 : !isFirst && kind !== 'concat');
    if (merges) this.rows.extend([node], 'join');
    else this.rows.start(place, stageOf(node.path), node, []);
    const target = this.rows.last;
    if (!target) return;

    if (skip && kind === 'concat') target.copied = node.channels - this.channelsOf(this.previous);
    // A concat that takes its place in the up-convolution's box needs no node of its own.
    const plain = merges && kind === 'concat';
    if (!plain) target.join = kind;
    target.joinOps = plain ? [] : [node];
    if (skip) this.addSkip(skip, target);
    for (const side of within) this.addBypass(side, target);
  }

  private channelsOf(id: ValueId | undefined): number {
    return this.graph.nodes[id ?? -1]?.channels ?? 0;
  }

  /** The map on the encoder's side of the same row that a side input comes from, if it is a skip. */
  private sourceAcross(
    side: SideInput,
    place: { readonly row: number; readonly side: Side },
  ): DraftMap | undefined {
    if (place.side !== 'decoder') return undefined;
    return side.sources
      .map((id) => this.rows.mapWith(id))
      .find((draft) => draft?.row === place.row && draft.side === 'encoder');
  }

  private addSkip(side: SideInput, target: DraftMap): void {
    const source = this.sourceAcross(side, target);
    if (!source) return;
    const zeros = this.graph.inputSize.map(() => 0);
    const before = [...zeros];
    const after = [...zeros];
    for (const node of side.nodes) {
      if (node.kind !== 'crop' && node.kind !== 'pad') continue;
      const sign = node.kind === 'crop' ? 1 : -1;
      for (const axis of zeros.keys()) {
        before[axis] = (before[axis] ?? 0) + sign * (node.attributes.before[axis] ?? 0);
        after[axis] = (after[axis] ?? 0) + sign * (node.attributes.after[axis] ?? 0);
      }
    }
    const ops = side.nodes.filter((node) => node.kind !== 'crop' && node.kind !== 'pad');
    const ends = [...before, ...after];
    const words = [
      'copy',
      ...(ends.some((end) => end > 0) ? ['crop'] : []),
      ...(ends.some((end) => end < 0) ? ['pad'] : []),
    ];
    const copy = words.length > 2 ? 'copy, crop and pad' : words.join(' and ');
    // Signals from elsewhere than the encoder's row make the skip a gate; the U shows those of the level below.
    const signals = side.sources.flatMap((id) => {
      const draft = this.rows.mapWith(id);
      return draft && draft !== source ? [draft] : [];
    });
    const below = signals.filter(
      (draft) => target.index === 0 && (draft === target || this.isExitBelow(draft, target.row)),
    );
    this.undrawn += signals.length - below.length;
    const gate = below.length > 0 ? ops.findLast(({ kind }) => kind === 'mul' || kind === 'add') : undefined;
    const gateKind = gate?.kind === 'mul' || gate?.kind === 'add' ? gate.kind : undefined;
    if (below.length > 0 && !gateKind) this.undrawn += 1;
    const label = [copy, ...new Set(this.stepOf(ops)?.label.split(', ') ?? [])].join(', ');
    this.skips.push({
      level: target.row,
      from: source.index,
      to: target.index,
      before,
      after,
      step: { family: 'copy', label },
      ...(gateKind ? { gate: gateKind } : {}),
    });
  }

  /** Whether a map is the last of the level below, where the up arrow leaves. */
  private isExitBelow(draft: DraftMap, row: number): boolean {
    const below = this.rows.levels[row + 1];
    const list = below && below.decoder.length > 0 ? below.decoder : below?.encoder;
    return list?.at(-1) === draft;
  }

  private addBypass(side: SideInput, target: DraftMap): void {
    const [first] = side.sources;
    const source = first === undefined ? undefined : this.rows.mapWith(first);
    this.undrawn += Math.max(0, side.sources.length - 1);
    if (!source || source.row !== target.row || source.side !== target.side || source === target) {
      this.undrawn += 1;
      return;
    }
    const step = this.stepOf(side.nodes);
    target.bypasses.push({ from: source.index, ...(step ? { step } : {}) });
  }

  /** Names the maps that are outputs; an output off the main path is drawn at the end of its row. */
  private nameOutputs(): void {
    const onPath = new Set(this.main.nodes.map((node) => node.id));
    for (const { name, value } of this.graph.outputs) {
      const drawn = this.rows.mapWith(value);
      if (drawn) {
        if (drawn.value === value) drawn.output ??= name;
        continue;
      }
      const { sources, nodes } = sideInput(this.graph, value, onPath);
      const [only] = sources;
      const source = only === undefined || sources.length > 1 ? undefined : this.rows.mapWith(only);
      const isLast = source && this.rows.levels[source.row]?.[source.side].at(-1) === source;
      const ends = isLast && (source.side === 'decoder' || source.row === this.depth) && !source.output;
      const end = nodes.at(-1);
      if (ends && end) this.rows.start(source, stageOf(end.path), end, nodes).output = name;
      else this.undrawn += 1;
    }
  }

  private stepOf(ops: readonly Node[]): Step | undefined {
    return stepOf(ops, (node) => this.channelsOf(node.inputs[0]));
  }

  private finish(draft: DraftMap): FeatureMap {
    const node = this.graph.nodes[draft.value];
    const step = draft.ops[0]?.kind === 'input' ? undefined : this.stepOf(draft.ops);
    const join = draft.join && {
      kind: draft.join,
      label: this.stepOf(draft.joinOps)?.label ?? draft.join,
    };
    return {
      path: node?.path ?? '',
      channels: node?.channels ?? 0,
      spatial: (node?.spatial ?? []).map((size, axis) =>
        evaluateAffine(size, this.graph.inputSize[axis] ?? 0),
      ),
      ...(step ? { step } : {}),
      ...(join ? { join } : {}),
      copied: draft.copied,
      bypasses: draft.bypasses,
      ...(draft.output === undefined ? {} : { output: draft.output }),
    };
  }
}
