import type { Reporter } from '../diagnostics/diagnostic.js';
import type { ValueId } from '../ir/graph.js';
import { StagePath } from '../ir/stage-path.js';
import type { NetworkSpec } from '../language/resolve/network-spec.js';
import type { Maybe } from './context.js';
import type { Heads, Supervised } from './heads.js';
import { skipMode } from './skip/skip-modes.js';

/** An output of the network. */
export interface NamedValue {
  readonly path: StagePath;
  readonly value: ValueId;
}

/**
 * The outputs: the network's own, from a node of level 1, then the outputs of the supervised heads. Undefined after an
 * error.
 *
 * @param nodes the nodes of each level by their columns; column 0 is the encoder's map
 */
export function networkOutputs(
  spec: NetworkSpec,
  heads: Heads,
  nodes: readonly ReadonlyMap<number, Maybe>[],
  reporter: Reporter,
): readonly NamedValue[] | undefined {
  const { levels, depth, deepSupervision } = spec;
  const setting = deepSupervision.value;
  const inner = setting.kind === 'levels' ? setting.n : 0;
  if (inner >= depth.value) {
    return reporter.report(
      'contradiction',
      deepSupervision.span,
      { problem: 'inner-levels', requested: inner, available: depth.value - 1 },
      { help: `\`levels(n: ${Math.max(1, depth.value - 1)})\` supervises all of them` },
    );
  }
  const supervised: Supervised[] = [];
  const add = (path: StagePath, level: number, column: number) => {
    const value = nodes[level - 1]?.get(column);
    if (value !== undefined) supervised.push({ path, value, level });
  };
  const [first] = levels;
  if (!first) return undefined;
  const mode = skipMode(first.skip.value);
  const chosen = mode.outputNode?.(first.skip.value) ?? depth.value;
  const everyNode = mode.supervised?.(first.skip.value) ?? false;
  const head = StagePath.of('head');
  const nodePath = (column: number) => (column === depth.value ? head : StagePath.of('head', 1, column));
  add(everyNode ? nodePath(chosen) : head, 1, chosen);
  if (everyNode) {
    for (let column = depth.value; column >= 1; column -= 1) {
      if (column !== chosen) add(nodePath(column), 1, column);
    }
  }
  for (let level = 2; level <= inner + 1; level += 1)
    add(StagePath.of('head', level), level, depth.value - level + 1);
  const [main, ...others] = supervised;
  if (!main) return undefined;
  const output = StagePath.of('output');
  if (setting.kind === 'levels' && setting.fuse.kind !== 'none') {
    return named([
      [output, heads.fused([{ ...main, path: StagePath.of('head', 1) }, ...others], setting.fuse.kind)],
    ]);
  }
  return named([
    [output, heads.output(main)],
    ...others.map((map): [StagePath, Maybe] => [map.path, heads.output(map)]),
  ]);
}

/** The values by name. Undefined if one of them is. */
function named(values: readonly (readonly [StagePath, Maybe])[]): readonly NamedValue[] | undefined {
  const made = values.flatMap(([path, value]) => (value === undefined ? [] : [{ path, value }]));
  return made.length === values.length ? made : undefined;
}
