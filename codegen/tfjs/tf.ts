/**
 * The namespace of `@tensorflow/tfjs`. It is always an argument, never imported: the same code then works with the
 * package, with tfjs-node's copy and with a browser's copy, and no program loads two copies by accident.
 */
export type Tf = typeof import('@tensorflow/tfjs');
