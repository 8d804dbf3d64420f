import type { Span } from '../diagnostics/span.js';
import type { Node, Origin } from '../ir/graph.js';
import { isStandard } from '../language/modules/modules.js';
import type { LevelSpec, NetworkSpec } from '../language/resolve/network-spec.js';

/** Whether an op comes from a user's file, not from the standard library. */
export function isWritten({ span }: Origin): boolean {
  return !isStandard(span.file);
}

/** The innermost span of an op's origin that lies in a user's file. */
export function ownSpan({ span, uses }: Origin): Span {
  return [span, ...uses.map((use) => use.span)].find((one) => !isStandard(one.file)) ?? span;
}

/** The cause of a norm: the op itself if a user wrote it, or else the line that sets `norm`. */
export function normSpan(spec: NetworkSpec, node: Node): Span {
  const { norm } = levelOf(spec, node);
  return !isWritten(node.origin) && norm.origin !== 'default' ? norm.span : ownSpan(node.origin);
}

/** The settings of the level to which a node belongs: of level 2 for `encoder[2].conv[1]`. */
export function levelOf({ levels, bottleneck }: NetworkSpec, { path }: Node): LevelSpec {
  return path.stage === 'bottleneck' ? bottleneck : (levels[(path.level ?? 1) - 1] ?? bottleneck);
}

/** Groups items by the span where they are reported, so that each span is reported once. */
export class SpanGroups<T> {
  private readonly groups = new Map<string, { readonly span: Span; readonly items: T[] }>();

  add(span: Span, item: T): void {
    const key = `${span.file.path}\0${span.start}\0${span.end}`;
    const group = this.groups.get(key);
    if (group) group.items.push(item);
    else this.groups.set(key, { span, items: [item] });
  }

  [Symbol.iterator](): IterableIterator<{ readonly span: Span; readonly items: readonly T[] }> {
    return this.groups.values();
  }
}

/** The path of the first node, and how many more there are: `encoder[1].conv[1] and 2 more`. */
export function firstOf(nodes: readonly Node[]): string {
  const [first, ...more] = nodes;
  return `${first?.path.text ?? ''}${more.length === 0 ? '' : ` and ${more.length} more`}`;
}

/** The nodes with parameters, and how many they have: `encoder[1].conv[1] and 2 more: 24 parameters`. */
export function parameterCountText(nodes: readonly Node[], count: number): string {
  return `${firstOf(nodes)}: ${count.toLocaleString('en-US')} ${count === 1 ? 'parameter' : 'parameters'}`;
}
