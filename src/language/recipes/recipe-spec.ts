import type { Span } from '../../diagnostics/span.js';
import { repeated } from '../schema/number-schemas.js';
import type { Loss, RecipeAttribute, recipeTable } from '../schema/recipe-attributes.js';
import type { SchemaValue } from '../schema/value-schema.js';

/** A training recipe with its attributes read. The trainer decides which of them it needs. */
export interface RecipeSpec {
  readonly name: string;
  readonly nameSpan: Span;
  /** The span of each value, by attribute. */
  readonly spans: ReadonlyMap<string, Span>;
  /** The span of each term of the loss, without its weight. */
  readonly lossSpans: readonly Span[];
  /** The values by attribute. Attributes that are not set, or have an error, are missing. */
  readonly values: RecipeValues;
}

/** A `patch` or `grid` of a single number, which stands for every axis, is not yet repeated: see patchOf. */
export type RecipeValues = Partial<PlainValues> & { readonly loss?: readonly LossTerm[] };

/** The patch of a recipe for a network with `rank` axes; undefined if the recipe sets none. */
export function patchOf({ patch }: RecipeValues, rank: number): readonly number[] | undefined {
  return patch && repeated(patch, rank);
}

/** A term of a loss: a loss and its weight, which is not negative. */
export interface LossTerm {
  readonly weight: number;
  readonly loss: Loss;
}

export type PlainAttribute = Exclude<RecipeAttribute, 'loss'>;
export type PlainValues = { readonly [K in PlainAttribute]: SchemaValue<(typeof recipeTable)[K]> };
