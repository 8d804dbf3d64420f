import type { Argument } from '../../../grammar/ast.js';
import type { Reporter } from '../../diagnostics/diagnostic.js';
import { suggestionFor } from '../../diagnostics/suggest.js';

/**
 * Finds the parameter of each argument: a named argument by its name, the others in order. Reports every unknown,
 * repeated or surplus argument; after such a report the result is undefined.
 */
export function matchArguments(
  args: readonly Argument[],
  names: readonly string[],
  callee: string,
  reporter: Reporter,
): Map<string, Argument> | undefined {
  const matched = new Map<string, Argument>();
  let failed = false;
  let next = 0;
  for (const argument of args) {
    const name = argument.name?.name ?? names[next];
    if (!argument.name) next += 1;
    const span = argument.name?.span ?? argument.span;
    const earlier = name === undefined ? undefined : matched.get(name);
    if (name === undefined || !names.includes(name)) {
      failed = true;
      if (name === undefined) {
        reporter.report('too-many-arguments', span, { callee, limit: names.length });
      } else {
        reporter.report(
          'unknown-argument',
          span,
          { callee, name },
          suggestionFor(name, span, names, `\`${callee}\` takes no arguments`),
        );
      }
    } else if (earlier) {
      failed = true;
      const notes = [{ message: 'first given here', span: earlier.span }];
      reporter.report('duplicate-argument', span, { callee, name }, { notes });
    } else {
      matched.set(name, argument);
    }
  }
  return failed ? undefined : matched;
}
