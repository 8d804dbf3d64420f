import type { ValueSchema, WordSchema } from './value-schema.js';

/** Where an attribute can be set: for the whole network, for every level, or only for levels that have a pooling. */
export type AttributeScope = 'network' | 'levels-and-bottleneck' | 'levels';

/** What holds where an attribute is not set. Without `fallback`, `required` and `like` it then has no value. */
export interface AttributeRules {
  /** The default, as a spec would write it. */
  readonly fallback?: string;
  /** Every network must set the attribute. */
  readonly required?: true;
  /** Another attribute of the same level: its value holds instead. */
  readonly like?: string;
  /** Another attribute, which this one replaces at the bottleneck. */
  readonly replaces?: string;
  /** A single number is the value at level 1 and doubles at every level. */
  readonly doubles?: true;
}

export interface AttributeDefinition<T = unknown> extends AttributeRules {
  readonly schema: ValueSchema<T> & Partial<WordSchema>;
  readonly scope: AttributeScope;
  /** What the attribute is, for the reference and for messages. */
  readonly summary: string;
}

/** Attributes by name. The functions that read the table of `unet` take any other such table too. */
export type AttributeTable = Readonly<Record<string, AttributeDefinition>>;

type Defined<T, S extends AttributeScope> = Omit<AttributeDefinition<T>, keyof AttributeRules | 'scope'> & {
  readonly scope: S;
};

/** Makes an entry of an attribute table. Its type keeps the scope and the rules: the settings' types follow from it. */
export function define<T, S extends AttributeScope>(
  scope: S,
  schema: AttributeDefinition<T>['schema'],
  summary: string,
): Defined<T, S>;
export function define<T, S extends AttributeScope, const R extends AttributeRules>(
  scope: S,
  schema: AttributeDefinition<T>['schema'],
  summary: string,
  rules: R,
): Defined<T, S> & R;
export function define<T>(
  scope: AttributeScope,
  schema: AttributeDefinition<T>['schema'],
  summary: string,
  rules: AttributeRules = {},
): AttributeDefinition<T> {
  return { scope, schema, summary, ...rules };
}
