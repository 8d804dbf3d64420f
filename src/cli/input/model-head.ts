import { metadataKeys } from '../../compiler/metadata.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import type { Session } from '../../runtime/engine.js';
import { readOnnxProducer } from '../../runtime/onnxruntime/onnx-metadata.js';
import type { Tensor } from '../../runtime/tensor.js';

export const heads = ['sigmoid', 'softmax', 'logits'] as const;

/** What the numbers of a model's output are. */
export interface ModelHead {
  readonly head: string | undefined;
  /** With one channel, class 1 begins above this number. */
  readonly threshold: number;
  /** Why, where neither the model nor the caller says it. */
  readonly reason: HeadReason | undefined;
}

interface HeadReason {
  /** The op that computes the output; undefined where the format of the model does not tell. */
  readonly op: string | undefined;
  readonly isCertain: boolean;
}

/** Ops that give probabilities, and ops that give any number. */
const PROBABILITIES = ['Sigmoid', 'Softmax', 'HardSigmoid'];
const ANY_NUMBER = ['Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'BatchNormalization'];

/** What the model's metadata name, else what the caller says (`given`), else what its last op gives. */
export function modelHeadOf(session: Session, model: string, given: string | undefined): ModelHead | Failure {
  const known = session.metadata[metadataKeys.head];
  if (known !== undefined && given !== undefined && given !== known) {
    return failure('needless-option', { options: ['--head'], reason: { case: 'model-head', head: known } });
  }
  const stated = known ?? given;
  if (stated !== undefined) {
    return { head: stated, threshold: stated === 'logits' ? 0 : 0.5, reason: undefined };
  }
  const [output] = session.outputs;
  if (output === undefined || !/\.onnx$/i.test(model)) {
    return { head: undefined, threshold: 0.5, reason: { op: undefined, isCertain: false } };
  }
  const op = readOnnxProducer(model, output.name);
  if (op instanceof Failure) return op;
  return PROBABILITIES.includes(op ?? '')
    ? { head: 'sigmoid', threshold: 0.5, reason: { op, isCertain: true } }
    : { head: 'logits', threshold: 0, reason: { op, isCertain: ANY_NUMBER.includes(op ?? '') } };
}

/**
 * A sentence on how the outputs, (K, ...spatial) each, are read. Fails if there is one channel and its numbers contradict
 * what the head was taken for: then nobody knows where class 1 begins.
 */
export function headNotes(
  { threshold, reason }: ModelHead,
  outputs: readonly Tensor[],
): readonly string[] | Failure {
  if (reason === undefined || outputs[0]?.shape[0] !== 1) return [];
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { data } of outputs) {
    for (const value of data) {
      if (value < least) least = value;
      if (value > most) most = value;
    }
  }
  const contradicts = threshold === 0 ? least >= 0 : least < 0 || most > 1;
  if (!reason.isCertain && contradicts) return failure('head-unclear', { op: reason.op, least, most });
  const from =
    reason.op === undefined ? 'the model does not name its head' : `${reason.op} computes the output`;
  return [
    threshold === 0
      ? `${from}, so it is read as logits: class 1 begins above 0`
      : `${from}, so it is read as probabilities: class 1 begins above 0.5`,
  ];
}
