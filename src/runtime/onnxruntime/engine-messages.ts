import type { FailureParts } from '../../diagnostics/failure.js';
import type { LoadOptions, OtherInputs, TensorInfo } from '../engine.js';
import type { Tensor } from '../tensor.js';

/** What a session says about its model. */
export interface LoadedModel {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** What the thread of an engine does, in the order in which it is asked. */
export type EngineTask =
  | { readonly kind: 'load'; readonly model: string | Uint8Array; readonly options: LoadOptions }
  | { readonly kind: 'run'; readonly session: number; readonly input: Tensor; readonly others?: OtherInputs }
  | { readonly kind: 'close'; readonly session: number };

export type ToEngine = 'end' | { readonly id: number; readonly task: EngineTask };

export type EngineResult =
  | { readonly kind: 'failed'; readonly failure: FailureParts }
  /** A session has the number of the message that loaded it. */
  | { readonly kind: 'loaded'; readonly model: LoadedModel }
  | { readonly kind: 'ran'; readonly outputs: ReadonlyMap<string, Tensor>; readonly seconds: number }
  | { readonly kind: 'closed' };

export interface FromEngine {
  readonly id: number;
  readonly result: EngineResult;
}
