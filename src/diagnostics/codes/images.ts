/** Images, volumes and arrays that cannot be read or written. */
export const imageCodes = {} as const;
