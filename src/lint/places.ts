import type { Span } from '../diagnostics/span.js';
import type { Node, Origin } from '../ir/graph.js';
import { isStandard } from '../language/modules/modules.js';
import type { LevelSpec, NetworkSpec } from '../language/resolve/network-spec.js';

/** Whether an op comes from a user's own text, not from the standard library. */
export function isWritten({ span }: Origin): boolean {
  return !isStandard(span.file);
}

/** The innermost span of an op in a user's file. */
export function ownPlace({ span, uses }: Origin): Span {
  return [span, ...uses.map((use) => use.span)].find((one) => !isStandard(one.file)) ?? span;
}

/** The span that sets a norm: its own if a user wrote the op, else the span of the level's `norm`. */
export function normPlace(spec: NetworkSpec, node: Node): Span {
  const { norm } = levelOf(spec, node);
  return !isWritten(node.origin) && norm.origin !== 'default' ? norm.span : ownPlace(node.origin);
}

/** The settings of the level that a node's stage belongs to: level 2 for `encoder[2].conv[1]`. */
export function levelOf({ levels, bottleneck }: NetworkSpec, { path }: Node): LevelSpec {
  return path.stage === 'bottleneck' ? bottleneck : (levels[(path.level ?? 1) - 1] ?? bottleneck);
}

/** Things by the place where they are reported, so that each place is reported once. */
export class Places<T> {
  private readonly byKey = new Map<string, { readonly span: Span; readonly things: T[] }>();

  add(span: Span, thing: T): void {
    const key = `${span.file.path}\0${span.start}\0${span.end}`;
    const known = this.byKey.get(key);
    if (known) known.things.push(thing);
    else this.byKey.set(key, { span, things: [thing] });
  }

  [Symbol.iterator](): IterableIterator<{ readonly span: Span; readonly things: readonly T[] }> {
    return this.byKey.values();
  }
}

/** `encoder[1].conv[1]`, and how many more there are. */
export function firstOf(nodes: readonly Node[]): string {
  const [first, ...more] = nodes;
  return `${first?.path.text ?? ''}${more.length === 0 ? '' : ` and ${more.length} more`}`;
}

/** Which ops have parameters, and how many: `encoder[1].conv[1] and 2 more: 24 parameters`. */
export function parameterCountText(nodes: readonly Node[], count: number): string {
  return `${firstOf(nodes)}: ${count.toLocaleString('en-US')} ${count === 1 ? 'parameter' : 'parameters'}`;
}
