import type { Tf } from '../../../../codegen/tfjs/tf.js';
import type { TfjsEngineKind } from './engine-kinds.js';

/** An engine that runs; TensorFlow.js is set to it. */
export interface Started {
  readonly kind: TfjsEngineKind;
  readonly tf: Tf;
  /** For people: "wasm with 2 threads". */
  readonly name: string;
  /** Of the package that computes. */
  readonly version: string;
  /** What a user should know, in whole sentences without a full stop. */
  readonly warnings: readonly string[];
  /** Whether a GPU computes; left out where that can't be told. */
  readonly usesGpu?: boolean;
  /** Ends threads and takes back what was added to the process. */
  close(): Promise<void>;
}

export interface StarterOptions {
  /** Folders in and above whose node_modules packages are looked for. */
  readonly from: readonly string[];
  readonly threads?: number;
}
