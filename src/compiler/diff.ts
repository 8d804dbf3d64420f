import type { MapShape } from '../analysis/shape-table.js';
import { specFields } from '../language/resolve/spec-fields.js';
import type { CompiledNetwork } from './compile.js';

/** What `unet diff --json` prints: a stable form. A value is null if one side does not have it. */
export interface NetworkDiff {
  readonly a: string;
  readonly b: string;
  readonly fields: readonly Pair<string>[];
  readonly stages: readonly {
    readonly stage: string;
    readonly a: MapShape | null;
    readonly b: MapShape | null;
  }[];
  readonly params: Sides<number>;
  readonly macs: Sides<number>;
  readonly memory: Sides<{ readonly inference: number; readonly training: number }>;
}
interface Sides<T> {
  readonly a: T;
  readonly b: T;
}
interface Pair<T> {
  readonly path: string;
  readonly a: T | null;
  readonly b: T | null;
}

/** Compares two networks: the settings and the stages that differ, and what each network costs. */
export function diffNetworks(a: CompiledNetwork, b: CompiledNetwork): NetworkDiff {
  const stages = pairs(stageShapes(a), stageShapes(b)).map(({ path, ...rest }) => ({ stage: path, ...rest }));
  return {
    a: a.name,
    b: b.name,
    fields: collapseLevels(pairs(specFields(a.spec), specFields(b.spec)), a, b),
    stages,
    params: { a: a.facts.parameters, b: b.facts.parameters },
    macs: { a: a.facts.macs, b: b.facts.macs },
    memory: { a: a.facts.memory, b: b.facts.memory },
  };
}

function stageShapes({ facts }: CompiledNetwork): Map<string, MapShape> {
  return new Map(
    facts.graph.stages.map(({ path, value }) => [
      path.text,
      { channels: facts.graph.nodes[value]?.channels ?? 0, spatial: facts.spatial(value) },
    ]),
  );
}

/** The entries that differ between two maps, in the order of the first, then those that only the second has. */
function pairs<T>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>): readonly Pair<T>[] {
  const paths = [...a.keys(), ...[...b.keys()].filter((path) => !a.has(path))];
  return paths
    .map((path) => ({ path, a: a.get(path) ?? null, b: b.get(path) ?? null }))
    .filter((pair) => JSON.stringify(pair.a) !== JSON.stringify(pair.b));
}

/** Collapses a setting that differs in the same way at every level to one field: `skip` for `skip[1]` to `skip[4]`. */
function collapseLevels(
  fields: readonly Pair<string>[],
  a: CompiledNetwork,
  b: CompiledNetwork,
): readonly Pair<string>[] {
  const all = new Set([...specFields(a.spec).keys(), ...specFields(b.spec).keys()]);
  const baseOf = (path: string) => path.replace(/\[.*$/, '');
  const done = new Set<string>();
  return fields.flatMap((field) => {
    const base = baseOf(field.path);
    const differing = fields.filter(({ path }) => baseOf(path) === base);
    const levels = [...all].filter((path) => baseOf(path) === base).length;
    if (differing.length < levels || differing.some((one) => one.a !== field.a || one.b !== field.b))
      return [field];
    if (done.has(base)) return [];
    done.add(base);
    return [{ ...field, path: base }];
  });
}
