/** The rooms in the order in which data flows, in rows. */
export const rooms: readonly (readonly string[])[];
/** The folders of sources that run in a browser. */
export const core: readonly string[];
/** All source files of the product, by their path from the root. */
export const files: readonly string[];
export function importsOf(file: string): readonly string[];
export function textOf(file: string): string;
/** Each rule, with a function that lists what breaks it. */
export const rules: readonly { readonly rule: string; readonly broken: () => readonly string[] }[];
