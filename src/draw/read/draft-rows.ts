import { evaluateAffine } from '../../ir/affine.js';
import type { Graph, Node, ValueId } from '../../ir/graph.js';
import type { StagePath } from '../../ir/stage-path.js';
import type { Bypass, CollapsedRun, FeatureMap, JoinKind } from '../picture.js';
import type { Arrow } from '../picture-parts.js';

type PathSide = 'encoder' | 'decoder';

/** A row of the U, from 0, and its side. */
export interface RowSide {
  readonly row: number;
  readonly side: PathSide;
}

/** The row and the side that a stage is drawn in; undefined for a stage that is drawn where the last one was. */
export function rowSideOf({ stage, level, column }: StagePath, depth: number): RowSide | undefined {
  if (stage === 'bottleneck') return { row: depth, side: 'encoder' };
  if (level === undefined || column !== undefined) return undefined;
  // Levels beyond the encoder's are drawn in its last row.
  const known = Math.min(Math.max(level, 1), depth + 1);
  switch (stage) {
    case 'encoder':
      return { row: known - 1, side: 'encoder' };
    case 'pool':
      return { row: Math.min(known, depth), side: 'encoder' };
    case 'up':
    case 'decoder':
      return known > depth ? undefined : { row: known - 1, side: 'decoder' };
    default:
      return undefined;
  }
}

/** A feature map whose ops are still being collected. */
export interface DraftMap {
  readonly row: number;
  readonly side: PathSide;
  /** The index in the list of its row and side. */
  readonly index: number;
  readonly stage: StagePath;
  /** The value that the map holds so far. */
  value: ValueId;
  readonly ops: Node[];
  join?: JoinKind;
  joinOps: Node[];
  copied: number;
  readonly bypasses: Bypass[];
  run?: CollapsedRun;
  /** The arrow, if it is not the chain of `ops`. */
  arrow?: Arrow;
  output?: string;
  /** Whether the decoder path leaves the row before it: a head. */
  isAside: boolean;
}

/** The maps of a picture by row, and the map that contains each value. */
export class DraftRows {
  readonly levels: readonly { readonly encoder: DraftMap[]; readonly decoder: DraftMap[] }[];
  private readonly mapOf = new Map<ValueId, DraftMap>();
  /** The map that was started last. */
  last: DraftMap | undefined;

  constructor(count: number) {
    this.levels = Array.from({ length: count }, () => ({ encoder: [], decoder: [] }));
  }

  get current(): RowSide {
    return this.last ?? { row: 0, side: 'encoder' };
  }

  /** The maps of a row on the decoder path, heads included. */
  decoderPath(row: number): readonly DraftMap[] {
    const level = this.levels[row];
    return (level && level.decoder.length > 0 ? level.decoder : level?.encoder) ?? [];
  }

  mapWith(value: ValueId): DraftMap | undefined {
    return this.mapOf.get(value);
  }

  /** A new box for the value of `node`, made by `ops`. */
  start({ row, side }: RowSide, stage: StagePath, node: Node, ops: readonly Node[]): DraftMap {
    const list = this.levels[row]?.[side];
    if (!list) throw new Error(`no row ${row} in the picture`);
    const draft: DraftMap = {
      row,
      side,
      index: list.length,
      stage,
      value: node.id,
      ops: [...ops],
      joinOps: [],
      copied: 0,
      bypasses: [],
      isAside: false,
    };
    list.push(draft);
    this.last = draft;
    for (const op of [...ops, node]) this.mapOf.set(op.id, draft);
    return draft;
  }

  /** Assigns values to a box that are not ops of its arrow. */
  include(draft: DraftMap, values: Iterable<ValueId>): void {
    for (const id of values) this.mapOf.set(id, draft);
  }

  /** Adds ops to the last box: to its arrow, or to the join at the arrow's end. */
  extend(ops: readonly Node[], part: 'arrow' | 'join'): void {
    const { last } = this;
    if (!last) return;
    for (const op of ops) {
      if (part === 'arrow') last.ops.push(op);
      else last.joinOps.push(op);
      last.value = op.id;
      this.mapOf.set(op.id, last);
    }
  }
}

/**
 * A map with its arrow in words.
 *
 * @param needed the values that the network's output needs; only training needs the others
 */
export function finishedMap(
  draft: DraftMap,
  graph: Graph,
  needed: ReadonlySet<ValueId>,
  arrowOf: (ops: readonly Node[]) => Arrow | undefined,
): FeatureMap {
  const node = graph.nodes[draft.value];
  const trainingOnly = !needed.has(draft.value);
  const { run } = draft;
  const own = draft.ops[0]?.kind === 'input' ? undefined : arrowOf(draft.ops);
  const arrows = [draft.arrow, own].filter((arrow) => arrow !== undefined);
  const label = arrows.map((arrow) => arrow.label).join(', ');
  const [first] = arrows;
  const arrow = first && {
    family: first.family,
    label: trainingOnly ? `${label} (in training only)` : label,
  };
  const join = draft.join && {
    kind: draft.join,
    label: arrowOf(draft.joinOps)?.label ?? draft.join,
  };
  return {
    path: node?.path.text ?? '',
    channels: node?.channels ?? 0,
    spatial: (node?.spatial ?? []).map((size, axis) => evaluateAffine(size, graph.inputSize[axis] ?? 0)),
    ...(arrow && !run ? { arrow } : {}),
    // Ops after the blocks are described with them, because the arrow to the box comes before the blocks.
    ...(run ? { run: own ? { ...run, label: `${run.label}; then ${own.label}` } : run } : {}),
    ...(join ? { join } : {}),
    copied: draft.copied,
    bypasses: draft.bypasses,
    ...(draft.output === undefined ? {} : { output: draft.output }),
    isAside: draft.isAside,
    trainingOnly,
  };
}
