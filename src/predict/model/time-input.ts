import { TIME_INPUT } from '../../../codegen/onnx/lower/lower-graph.js';
import { type Failure, failure } from '../../diagnostics/failure.js';
import type { OtherInputs, Session } from '../../runtime/engine.js';

/** The time step as the input of that name, if the model has one. */
export function timeInput({ inputs }: Session, step: string | undefined): OtherInputs | Failure {
  const info = inputs.find(({ name }) => name === TIME_INPUT);
  if (!info) {
    return step === undefined ? new Map() : failure('needless-time-step', {});
  }
  if (step === undefined) return failure('missing-time-step', {});
  const shape = info.shape.map(() => 1);
  return new Map([[TIME_INPUT, { shape, data: Float32Array.of(Number(step)) }]]);
}
