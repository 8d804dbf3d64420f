import type { Span } from '../../diagnostics/span.js';
import type { Loss, RecipeAttribute, recipeTable } from '../schema/recipe-attributes.js';
import { repeated } from '../schema/number-schemas.js';
import type { SchemaValue } from '../schema/value-schema.js';

/** A training recipe with its attributes read; which of them a trainer needs is its own affair. */
export interface RecipeSpec {
  readonly name: string;
  readonly nameSpan: Span;
  /** Where each value is written. */
  readonly spans: ReadonlyMap<string, Span>;
  /** Where each term of the loss is written, without its weight. */
  readonly lossSpans: readonly Span[];
  /** What is written, each read by its kind; nothing where an attribute is left out or was reported. */
  readonly values: RecipeValues;
}

/** Of `patch`, and of a `grid`, a single number is written for every axis: see patchOf. */
export type RecipeValues = Partial<PlainValues> & { readonly loss?: readonly LossTerm[] };

/** The patch of a recipe for a network of `rank` axes, where it has one. */
export function patchOf({ patch }: RecipeValues, rank: number): readonly number[] | undefined {
  return patch && repeated(patch, rank);
}

/** A term of a loss: a weight, which is not negative, and the loss it weighs. */
export interface LossTerm {
  readonly weight: number;
  readonly loss: Loss;
}

export type PlainAttribute = Exclude<RecipeAttribute, 'loss'>;
export type PlainValues = { readonly [K in PlainAttribute]: SchemaValue<(typeof recipeTable)[K]> };
