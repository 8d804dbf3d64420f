/** unet-lang's TypeScript backend: a module that builds the TensorFlow.js model. */
export { type TypescriptOptions, typescriptBackend } from '../codegen/typescript/typescript-backend.js';
