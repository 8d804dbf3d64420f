/** Models and weights that cannot be read, bound or run. */
export const modelCodes = {} as const;
