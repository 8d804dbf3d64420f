import type { Chain, Expression, TrainingDeclaration } from '../../../grammar/ast.js';
import type { Reporter } from '../../diagnostics/diagnostic.js';
import { cover, type Span, shortTextOf } from '../../diagnostics/span.js';
import { suggestionFor } from '../../diagnostics/suggest.js';
import { evaluate } from '../expressions/evaluate.js';
import type { Scope } from '../expressions/values.js';
import { numberText } from '../expressions/values.js';
import type { Located } from '../modules/modules.js';
import type { Params } from '../modules/params.js';
import { reportDuplicateAttribute } from '../modules/report-duplicate.js';
import { lossSchema, type RecipeAttribute, recipeTable } from '../schema/recipe-attributes.js';
import type { ReadContext, ValueSchema } from '../schema/value-schema.js';
import { checkRecipeNumbers } from './recipe-consistency.js';
import type { LossTerm, PlainAttribute, PlainValues, RecipeSpec, RecipeValues } from './recipe-spec.js';

const plainSchemas: { readonly [K in PlainAttribute]: ValueSchema<PlainValues[K]> } = recipeTable;

/** Checks and reads a recipe. A recipe knows no network, so its rank is that of its own `patch`, if it has one. */
export function resolveRecipe(
  located: Located<TrainingDeclaration>,
  params: Params,
  reporter: Reporter,
): RecipeSpec {
  const { declaration, module } = located;
  const scope = params.scopeOf(module);
  const values: { -readonly [K in keyof RecipeValues]: RecipeValues[K] } = {};
  const patch = declaration.members.find((member) => member.name.name === 'patch')?.value;
  const rank = patch?.kind === 'dims' ? patch.sizes.length : 2;
  const anyRank = patch?.kind !== 'dims';
  const seen = new Map<string, Expression['span']>();
  const lossSpans: Span[] = [];
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
    if (name === 'loss') {
      const loss = readLoss(attribute.value, scope, { reporter, rank, what: 'loss' }, lossSpans);
      if (loss) values.loss = loss;
    } else {
      readPlain(name, attribute.value, scope, { reporter, rank, anyRank, what: name }, values);
    }
  }
  const spans = new Map(declaration.members.map(({ name, value }) => [name.name, value.span]));
  checkRecipeNumbers(values, spans, reporter);
  return { name: declaration.name.name, nameSpan: declaration.name.span, spans, lossSpans, values };
}

function isRecipeAttribute(name: string): name is RecipeAttribute {
  return Object.hasOwn(recipeTable, name);
}

function readPlain<K extends PlainAttribute>(
  name: K,
  expression: Expression,
  scope: Scope,
  context: ReadContext,
  values: { -readonly [P in K]?: PlainValues[P] },
): void {
  const value = evaluate(expression, scope, context.reporter);
  const read = value && plainSchemas[name].read(value, context);
  if (read !== undefined) values[name] = read;
}

/**
 * Reads a sum of losses with their weights: `0.5 * bce + 0.5 * dice(smooth: 1)`.
 *
 * @param spans receives the span of each loss
 */
function readLoss(
  expression: Expression,
  scope: Scope,
  context: ReadContext,
  spans: Span[],
): readonly LossTerm[] | undefined {
  const inner = withoutBrackets(expression);
  const isSum = inner.kind === 'chain' && (inner.operators[0] === '+' || inner.operators[0] === '-');
  if (isSum && inner.operators.includes('-')) {
    return context.reporter.report(
      'wrong-kind',
      inner.span,
      { what: '`loss`', expected: 'a sum of losses', found: `the difference ${shortTextOf(inner.span)}` },
      { help: 'add losses with `+`: training makes each of them small' },
    );
  }
  const terms = isSum ? inner.operands : [inner];
  const read = terms.map((term) => readTerm(term, scope, context, spans));
  const whole = read.filter((term) => term !== undefined);
  return whole.length === terms.length ? whole.flat() : undefined;
}

/** Reads a loss, or a number times a loss or a sum of losses in brackets: `0.5 * bce`. */
function readTerm(
  term: Expression,
  scope: Scope,
  context: ReadContext,
  spans: Span[],
): readonly LossTerm[] | undefined {
  const weighed = term.kind === 'chain' && term.operators.at(-1) === '*' ? term : undefined;
  const last = weighed?.operands.at(-1);
  if (weighed && last) {
    const factor = readWeight(factorOf(weighed), scope, context.reporter);
    const inner = readLoss(last, scope, context, spans);
    if (factor === undefined) return undefined;
    const product = inner?.map(({ weight, loss }) => ({ weight: factor * weight, loss }));
    const largest = Math.max(...(product ?? []).map(({ weight }) => weight), 0);
    // Each factor is in its range, but the weights of nested sums multiply.
    return largest <= LARGEST_WEIGHT ? product : reportWeight(largest, term.span, context.reporter);
  }
  if (term.kind === 'group') return readLoss(term, scope, context, spans);
  const value = evaluate(term, scope, context.reporter);
  const loss = value && lossSchema.read(value, context);
  spans.push(term.span);
  return loss && [{ weight: 1, loss }];
}

/** The product of all operands of a product but the last. */
function factorOf({ operands, operators }: Chain): Expression | undefined {
  const [first] = operands;
  const last = operands.at(-2);
  if (!first || !last || operands.length === 2) return first;
  const span = cover(first.span, last.span);
  return { kind: 'chain', operands: operands.slice(0, -1), operators: operators.slice(0, -1), span };
}

const LARGEST_WEIGHT = 1e6;
const WEIGHT = 'the weight of a loss';

function readWeight(factor: Expression | undefined, scope: Scope, reporter: Reporter): number | undefined {
  const value = factor && evaluate(factor, scope, reporter);
  if (!value) return undefined;
  if (value.type !== 'number' || value.unit) {
    const found = shortTextOf(value.span);
    return reporter.report('wrong-kind', value.span, { what: WEIGHT, expected: 'a number', found });
  }
  if (value.value >= 0 && value.value <= LARGEST_WEIGHT) return value.value;
  return reportWeight(value.value, value.span, reporter);
}

function reportWeight(weight: number, span: Span, reporter: Reporter): undefined {
  return reporter.report('out-of-range', span, {
    what: WEIGHT,
    value: numberText(weight),
    minimum: '0',
    maximum: numberText(LARGEST_WEIGHT),
  });
}

function withoutBrackets(expression: Expression): Expression {
  return expression.kind === 'group' ? withoutBrackets(expression.inner) : expression;
}
