import type { Loss } from '../../language/schema/recipe-attributes.js';

export type LossKind = Loss['kind'];

/** The settings of one kind of loss. */
export type LossOf<K extends LossKind> = Extract<Loss, { readonly kind: K }>;
