/** The layers that TensorFlow.js lacks, for models that unet-lang wrote: `registerLayers(tf)` makes them known. */
export type * from '../codegen/tfjs/layers/config.js';
export { registerLayers, type UnetLayers } from '../codegen/tfjs/layers/register.js';
export type { Tf } from '../codegen/tfjs/tf.js';
