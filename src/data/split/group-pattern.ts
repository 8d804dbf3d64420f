import { type Failure, failure, reasonOf } from '../../diagnostics/failure.js';
import { fileOf, type Grouping, type NamedSample } from './split.js';

const PLACE = '{group}';
/** How many names a message lists. */
const LISTED = 3;

/**
 * The groups of samples by a pattern, which is matched against the name of a sample's file without its ending. A pattern
 * with `{group}` is matched against the whole name: `{group}` stands for the shortest text that fits, and `*` for any
 * text. Any other pattern is a regular expression with one capture group, which may match anywhere. Fails if the pattern
 * is invalid, and with the names of all samples that it does not match.
 */
export function groupsByPattern<T extends NamedSample>(
  samples: readonly T[],
  pattern: string,
): Grouping<T> | Failure {
  const expression = pattern.includes(PLACE) ? ofPlaces(pattern) : ofExpression(pattern);
  if (!(expression instanceof RegExp)) return expression;
  const groupOf = (sample: T) => expression.exec(fileOf(sample))?.[1] ?? '';
  const unmatched = samples.filter((sample) => groupOf(sample) === '');
  if (unmatched.length > 0) {
    const names = unmatched.slice(0, LISTED).map(({ name }) => name);
    return failure('group-unmatched', {
      ...{ pattern, images: { names, count: unmatched.length }, total: samples.length },
    });
  }
  return groupOf;
}

function ofPlaces(pattern: string): RegExp | Failure {
  const parts = pattern.split(PLACE);
  if (parts.length > 2) return failure('group-pattern', { pattern, problem: { case: 'places' } });
  const plain = (text: string) =>
    text
      .split('*')
      .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
      .join('.*');
  return new RegExp(`^${parts.map(plain).join('(.+?)')}$`, 's');
}

function ofExpression(pattern: string): RegExp | Failure {
  try {
    const expression = new RegExp(pattern);
    // With an empty alternative, the expression matches any text, and gives all its groups.
    const groups = (new RegExp(`${pattern}|`).exec('')?.length ?? 1) - 1;
    if (groups === 1) return expression;
    return failure('group-pattern', { pattern, problem: { case: 'captures', count: groups } });
  } catch (error) {
    return failure('group-pattern', {
      pattern,
      problem: {
        case: 'expression',
        reason: reasonOf(error).replace(/^Invalid regular expression: .*\/\w*: /, ''),
      },
    });
  }
}
