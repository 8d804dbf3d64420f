/** The report of each entry point, from declarations in a folder. */
export function apiReports(
  folder: string,
  entries: readonly { readonly specifier: string; readonly file: string }[],
): readonly { readonly specifier: string; readonly text: string }[];
