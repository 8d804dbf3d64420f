import type { Tf } from '../../../../codegen/tfjs/tf.js';
import type { TfjsEngineKind } from './engine-kinds.js';

/** A running engine, which TensorFlow.js uses. */
export interface Started {
  readonly kind: TfjsEngineKind;
  readonly tf: Tf;
  /** For people: "wasm with 2 threads". */
  readonly name: string;
  /** The version of the package that computes. */
  readonly version: string;
  /** Warnings for the user: sentences without a full stop. */
  readonly warnings: readonly string[];
  /** Whether a GPU computes; omitted if unknown. */
  readonly usesGpu?: boolean;
  /** Ends threads, and undoes changes to the process. */
  close(): Promise<void>;
}

export interface StarterOptions {
  /** Folders whose node_modules, and those of their parents, are searched for packages. */
  readonly from: readonly string[];
  readonly threads?: number;
}
