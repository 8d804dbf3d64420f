/** The class number of positions that nobody labelled: they count in no metric, and their weight in a loss is 0. */
export const IGNORED = 0xffff;
