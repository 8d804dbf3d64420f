import type { LintRequest } from './lint-request.js';
import { SpanGroups } from './spans.js';

/**
 * Reports a level without a skip if other levels have one: the skip may have been forgotten. A network that extends
 * another one, or a variant, changes skips on purpose, so it is not checked.
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
