import type { LintRequest } from './lint-request.js';
import { SpanGroups } from './places.js';

/**
 * A level without a skip in a network whose other levels have one: its map is used below only, which may be meant and
 * may be forgotten. An edit of another network says what it means, so only a network of its own is asked.
 */
export function lintSkipUnused({ spec, isEdit, reporter }: LintRequest): void {
  const without = spec.levels.filter(({ skip }) => skip.value.kind === 'none');
  const others = spec.levels.filter(({ skip }) => skip.value.kind !== 'none');
  if (isEdit || others.length === 0) return;
  const groups = new SpanGroups<string>();
  for (const { level, skip } of without) groups.add(skip.span, `encoder[${level}]`);
  for (const { span, items } of groups) {
    reporter.report(
      'skip-unused',
      span,
      { stages: items },
      {
        notes: others.slice(0, 1).map((other) => ({
          message: `level ${other.level} has a skip`,
          span: other.skip.span,
        })),
      },
    );
  }
}
