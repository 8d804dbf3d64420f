import type { Span } from '../../diagnostics/span.js';
import type { Scope, Value } from '../../language/expressions/values.js';
import type { Module } from '../../language/modules/modules.js';
import type { Params } from '../../language/modules/params.js';
import type { LevelSpec, NetworkSpec } from '../../language/resolve/network-spec.js';
import { poolStride } from '../pool-stride.js';

/** The names that every block of a level can use besides its parameters. */
export interface BlockEnvironment {
  readonly values: ReadonlyMap<string, Value>;
  /** The params of a module. */
  paramsOf(module: Module): Scope;
}

/**
 * The environment of the blocks of a level: the network's settings there.
 *
 * @param inner the channels of the convs before the last one of a block
 */
export function environmentOf(
  spec: NetworkSpec,
  params: Params,
  level: LevelSpec,
  inner: number,
): BlockEnvironment {
  const values = new Map<string, Value>();
  const number = (name: string, value: number, span = spec.nameSpan) =>
    values.set(name, { type: 'number', value, span });
  const perAxis = (name: string, axes: readonly number[], span: Span) => {
    const sizes = axes.map((value) => ({ type: 'number', value, span }) as const);
    values.set(name, { type: 'dims', sizes, span });
  };
  number('inner', inner);
  number('level', level.level);
  number('depth', spec.depth.value);
  number('classes', spec.classes.value);
  number('repeat', level.repeat.value, level.repeat.span);
  const { kernel } = level;
  perAxis('kernel', kernel.value, kernel.span);
  const pooled = spec.levels[level.level - 1];
  const stride = pooled ? poolStride(pooled) : kernel.value.map(() => 1);
  perAxis('stride', stride, pooled?.stride.span ?? kernel.span);
  return { values, paramsOf: (module) => params.scopeOf(module) };
}
