/** The reports of this package: the path of each page from the root, and its text. */
export function packageReports(): readonly { readonly path: string; readonly text: string }[];
