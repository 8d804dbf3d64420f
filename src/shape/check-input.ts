import type { Edit, Fix, Note, Reporter } from '../diagnostics/diagnostic.js';
import type { Span } from '../diagnostics/span.js';
import { axisName, type Graph, type Node, type Stage } from '../ir/graph.js';
import { axisMapOf, pinnedSizeOf } from '../ir/node-record.js';
import { type NetworkSpec, originText, type PooledLevelSpec } from '../language/resolve/network-spec.js';
import { type AxisSizes, demandOf, nearestSizes } from './admissible.js';
import { type InferredSizes, inferSizes, type SizeMismatch } from './infer.js';
import { thinAxisHelp } from './thin-axis.js';

/** An input size to check, with the spans of its numbers. */
export interface InputSpans {
  readonly spatial: readonly number[];
  readonly span: Span;
  /** The span of each number, if it can be edited. */
  readonly spans: readonly Span[];
}

/**
 * Checks that an input size fits. For each axis, it reports the first op that the size does not fit, with the sizes of
 * the stages before the op, the line that set the op, and the nearest sizes that fit.
 */
export function checkInput(
  graph: Graph,
  axes: readonly AxisSizes[],
  spec: NetworkSpec,
  input: InputSpans,
  reporter: Reporter,
): InferredSizes | undefined {
  const inferred = inferSizes(graph, input.spatial);
  if (inferred.mismatches.length === 0) return inferred;
  const isThin = inferred.mismatches.some(
    ({ axis }) => thinAxisHelp(spec, input.spatial, axis) !== undefined,
  );
  // A larger size would change what the axis means.
  const fix = isThin ? [] : fixOf(axes, input);
  for (const group of groupMismatches(inferred.mismatches, input)) {
    const [mismatch] = group;
    if (!mismatch) continue;
    const axis = group.map((one) => axisName(one.axis, graph.rank)).join(' and ');
    const size = input.spatial[mismatch.axis] ?? 0;
    if (mismatch.reason === 'table') {
      reportTable(axes, spec, input, inferred, mismatch, reporter);
      continue;
    }
    const sizes = axes[mismatch.axis];
    const near = sizes && nearestSizes(sizes, size);
    const nearest = near && [near.below, near.above].filter((one) => one !== undefined).join(', ');
    const thin = thinAxisHelp(spec, input.spatial, mismatch.axis);
    const extras = {
      notes: [
        ...stageNotes(graph, inferred, mismatch, spec),
        ...depthNotes(spec),
        ...roundingNotes(mismatch, spec),
      ],
      help: thin ?? (nearest === undefined ? undefined : `nearest that fit: ${nearest}`),
      fixes: fix,
    };
    if (mismatch.reason === 'too-small') {
      const { minimum } = demandOf(mismatch.node, mismatch.axis);
      reporter.report(
        'input-too-small',
        input.span,
        { axis, input: size, op: opOf(mismatch), size: mismatch.size, minimum },
        extras,
      );
    } else {
      const { stride, residue } = demandOf(mismatch.node, mismatch.axis);
      reporter.report(
        'input-does-not-fit',
        input.span,
        { axis, input: size, op: opOf(mismatch), size: mismatch.size, stride, residue: residue % stride },
        extras,
      );
    }
  }
  return undefined;
}

/** Reports an input of another size than a table of positions has. */
function reportTable(
  axes: readonly AxisSizes[],
  spec: NetworkSpec,
  input: InputSpans,
  inferred: InferredSizes,
  { node }: SizeMismatch,
  reporter: Reporter,
): void {
  const times = (sizes: readonly number[]) => sizes.join(' x ');
  const table = pinnedSizeOf(node) ?? [];
  const fitting = axes.map((axis, i) => nearestSizes(axis, input.spatial[i] ?? 0));
  const nearest = fitting.map(({ below, above }) => below ?? above ?? 0);
  const declared = `input = ${times([spec.input.value.channels, ...input.spatial])}`;
  reporter.report(
    'positions-fixed',
    input.span,
    {
      input: times(input.spatial),
      where: node.path.root.text,
      table: times(table),
      needed: times(inferred.sizes[node.id] ?? []),
    },
    {
      notes: [
        { message: 'the positions are added here', span: node.origin.span },
        ...useNotesOf(node),
        { message: 'the table has the size for the declared input', span: spec.input.span },
      ],
      help: `${times(nearest)} fits; a network with the other table, and so with other weights, must declare \`${declared}\``,
      fixes: fixOf(axes, input),
    },
  );
}

function useNotesOf(node: Node): Note[] {
  return node.origin.uses.map(({ block, span }) => ({ message: `in block \`${block}\`, used here`, span }));
}

/** Groups mismatches that differ only in their axis: each group is one diagnostic. */
function groupMismatches(mismatches: readonly SizeMismatch[], input: InputSpans): readonly SizeMismatch[][] {
  const groups = new Map<string, SizeMismatch[]>();
  for (const mismatch of mismatches) {
    // A table is one mismatch for all axes.
    const own = mismatch.reason === 'table' ? [] : [mismatch.size, input.spatial[mismatch.axis]];
    const key = [mismatch.node.id, mismatch.reason, ...own].join();
    const group = groups.get(key) ?? [];
    group.push(mismatch);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** The op as a message names it: a level's own pooling is its stage, `pool[2]`. */
function opOf({ node }: SizeMismatch): string {
  return (node.path.stage === 'pool' ? node.path.root : node.path).text;
}

/** The stride of an op along an axis. */
export function strideOf(node: Node, axis: number): number {
  const map = axisMapOf(node, axis);
  return 'stride' in map ? map.stride : 1;
}

/** A network that inherits its input and sets its own depth accepts other sizes than its base. */
function depthNotes({ input, depth }: NetworkSpec): Note[] {
  if (input.origin !== 'inherited' || depth.origin !== 'written') return [];
  return [{ message: originText(depth, 'depth'), span: depth.span }];
}

/** Notes that explain the size: the sizes of the stages before the op, and the op's own line. */
function stageNotes(
  graph: Graph,
  inferred: InferredSizes,
  mismatch: SizeMismatch,
  spec: NetworkSpec,
): Note[] {
  const { node, axis } = mismatch;
  const values = graph.stages.map((stage) => stage.value);
  const before = graph.stages.filter(
    // A skip that is not cropped is the encoder's own value: name it once.
    (stage, i) =>
      values.indexOf(stage.value) === i && stage.value < node.id && dependsOn(graph, node.id, stage),
  );
  const sizes = before.map((stage) => `${stage.path} ${inferred.sizes[stage.value]?.[axis]}`).join(' -> ');
  const notes: Note[] = [
    { message: `${axisName(axis, graph.rank)} of each stage: ${sizes}`, span: node.origin.span },
  ];
  const setting = levelOfPool(node, spec)?.pool;
  if (setting) notes.push({ message: originText(setting, 'pool'), span: setting.span });
  return [...notes, ...useNotesOf(node)];
}

/** The settings of the level whose own pooling a node belongs to. */
function levelOfPool({ path }: Node, { levels }: NetworkSpec): PooledLevelSpec | undefined {
  return path.stage === 'pool' ? levels[(path.level ?? 0) - 1] : undefined;
}

/** Whether a node depends on a stage. */
function dependsOn(graph: Graph, target: number, stage: Stage): boolean {
  const pending = [...(graph.nodes[target]?.inputs ?? [])];
  const seen = new Set<number>();
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (id === stage.value) return true;
    if (seen.has(id) || id < stage.value) continue;
    seen.add(id);
    pending.push(...(graph.nodes[id]?.inputs ?? []));
  }
  return false;
}

/** What would happen if a pooling rounded down: the map from below would be smaller than the skip. */
function roundingNotes(mismatch: SizeMismatch, spec: NetworkSpec): Note[] {
  const settings = levelOfPool(mismatch.node, spec);
  const map = axisMapOf(mismatch.node, mismatch.axis);
  if (!settings || mismatch.reason !== 'stride' || map.kind !== 'window' || map.extent !== map.stride)
    return [];
  const { size } = mismatch;
  const whole = Math.floor(size / map.stride);
  return [
    {
      message: `rounded down to ${whole}, it would become ${map.stride} * ${whole} = ${map.stride * whole} after \`up\`, but encoder[${settings.level}] has ${size}`,
      span: settings.up.span,
    },
  ];
}

/** Fixes that set every axis to the nearest size below, and above. */
function fixOf(axes: readonly AxisSizes[], input: InputSpans): Fix[] {
  const fixes: Fix[] = [];
  for (const side of ['above', 'below'] as const) {
    const targets = axes.map((axis, i) => nearestSizes(axis, input.spatial[i] ?? 0)[side]);
    const edits: Edit[] = [];
    for (const [i, target] of targets.entries()) {
      const span = input.spans[i];
      if (target !== undefined && span && target !== input.spatial[i])
        edits.push({ span, newText: String(target) });
    }
    if (edits.length === 0 || targets.includes(undefined)) continue;
    fixes.push({ title: `Use ${targets.join(' x ')}`, edits });
  }
  return fixes;
}
