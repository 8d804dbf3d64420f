import type { Expression, TrainingDeclaration } from '../../grammar/ast.js';
import type { Reporter } from '../source/diagnostic.js';
import { shortTextOf } from '../source/span.js';
import { suggestionFor } from '../source/suggest.js';
import { evaluate } from './evaluate.js';
import type { Kind } from './kinds.js';
import type { Located } from './modules.js';
import type { Params } from './params.js';
import { lossKind, recipeTable } from './recipe-attributes.js';
import { reportDuplicateAttribute } from './report-duplicate.js';
import type { Scope } from './scope.js';

/** A training recipe with its attributes read; which of them a trainer needs is its own affair. */
export interface RecipeSpec {
  readonly name: string;
  readonly values: ReadonlyMap<string, unknown>;
}

/** Checks and reads a recipe. A recipe knows no network: `rank` is taken from its own `patch`. */
export function resolveRecipe(
  located: Located<TrainingDeclaration>,
  params: Params,
  reporter: Reporter,
): RecipeSpec {
  const { declaration, module } = located;
  const scope = params.scopeOf(module);
  const values = new Map<string, unknown>();
  const patch = declaration.members.find((member) => member.name.name === 'patch')?.value;
  const rank = patch?.kind === 'dims' ? patch.sizes.length : 2;
  const seen = new Map<string, Expression['span']>();
  for (const attribute of declaration.members) {
    const { name, span } = attribute.name;
    const earlier = seen.get(name);
    if (earlier) {
      reportDuplicateAttribute(name, span, earlier, reporter);
      continue;
    }
    seen.set(name, span);
    if (!isRecipeAttribute(name)) {
      const extras = suggestionFor(name, span, Object.keys(recipeTable));
      reporter.report('unknown-attribute', span, { name, owner: 'a recipe' }, extras);
      continue;
    }
    if (attribute.levels) {
      reporter.report('not-per-level', span, { attribute: name, owner: 'recipe' });
      continue;
    }
    const value =
      name === 'loss'
        ? readLoss(attribute.value, scope, reporter, rank)
        : readPlain(recipeTable[name], attribute.value, scope, reporter, rank, name);
    if (value !== undefined) values.set(name, value);
  }
  return { name: declaration.name.name, values };
}

function isRecipeAttribute(name: string): name is keyof typeof recipeTable {
  return Object.hasOwn(recipeTable, name);
}

function readPlain(
  kind: Kind<unknown>,
  expression: Expression,
  scope: Scope,
  reporter: Reporter,
  rank: number,
  what: string,
): unknown {
  const value = evaluate(expression, scope, reporter);
  return value && kind.read(value, { reporter, rank, what });
}

/** A term of a loss: a weight and the loss it weighs. */
export interface LossTerm {
  readonly weight: number;
  readonly loss: unknown;
}

/** `0.5 * bce + 0.5 * dice(smooth: 1)`: a sum of losses, each with a number before it. */
function readLoss(
  expression: Expression,
  scope: Scope,
  reporter: Reporter,
  rank: number,
): readonly LossTerm[] | undefined {
  const isSum = expression.kind === 'chain' && expression.operators[0] === '+';
  const terms = isSum ? expression.operands : [expression];
  const read: LossTerm[] = [];
  for (const term of terms) {
    const factors = term.kind === 'chain' && term.operators.every((o) => o === '*') ? term.operands : [term];
    const last = factors[factors.length - 1];
    let weight = 1;
    for (const factor of factors.slice(0, -1)) {
      const value = evaluate(factor, scope, reporter);
      if (value?.type === 'number') weight *= value.value;
      else if (value) {
        reporter.report('wrong-kind', factor.span, {
          what: 'the weight of a loss',
          expected: 'a number',
          found: shortTextOf(factor.span),
        });
      }
    }
    const value = last && evaluate(last, scope, reporter);
    const loss = value && lossKind.read(value, { reporter, rank, what: 'loss' });
    if (loss) read.push({ weight, loss });
  }
  return read.length === terms.length ? read : undefined;
}
