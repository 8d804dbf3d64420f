import type { AttributeTable } from '../src/language/schema/attribute-definition.js';

/** The table of attributes in docs/language.md. */
export function attributes(tables: { readonly attributeTable: AttributeTable }): string;
/** The table of the options of attributes in docs/language.md. */
export function attributeOptions(tables: { readonly attributeTable: AttributeTable }): string;
