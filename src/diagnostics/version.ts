/** The version of this compiler. The build inserts it. */
export const version: string = __VERSION__;
