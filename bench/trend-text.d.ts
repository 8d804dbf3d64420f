/** The trend of each measure by commit, from the lines of a results file. */
export function trendText(lines: string): string;
