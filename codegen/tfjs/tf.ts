/**
 * The namespace of `@tensorflow/tfjs`. It is always handed in, never imported: the same code then serves the
 * package, tfjs-node's and a browser's copy of it, and nobody gets two copies that don't know each other.
 */
export type Tf = typeof import('@tensorflow/tfjs');
