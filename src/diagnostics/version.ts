/** The version of this compiler, put in when it is built. */
export const version: string = __VERSION__;
