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
const PROBABILITIES = ['Sigmoid', 'HardSigmoid'];
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
  if (op === 'Softmax') return { head: 'softmax', threshold: 0.5, reason: { op, isCertain: true } };
  return PROBABILITIES.includes(op ?? '')
    ? { head: 'sigmoid', threshold: 0.5, reason: { op, isCertain: true } }
    : { head: 'logits', threshold: 0, reason: { op, isCertain: ANY_NUMBER.includes(op ?? '') } };
}

/**
 * A sentence on how the outputs, (K, ...spatial) each, are read. Fails if there is one channel and its numbers contradict
 * what the head was taken for: then nobody knows where class 1 begins.
 */
export function headNotes(head: ModelHead, outputs: readonly Tensor[]): readonly string[] | Failure {
  const range = new OutputRange();
  for (const output of outputs) range.add(output);
  return rangeNotes(head, range);
}

/** The least and the largest number of outputs that arrive one by one. */
export class OutputRange {
  least = Number.POSITIVE_INFINITY;
  most = Number.NEGATIVE_INFINITY;
  channels = 0;

  /** (K, ...spatial). */
  add({ shape, data }: Tensor): void {
    this.channels = shape[0] ?? 0;
    if (this.channels !== 1) return;
    for (const value of data) {
      if (value < this.least) this.least = value;
      if (value > this.most) this.most = value;
    }
  }

  /** Adds the range of earlier outputs of one channel. */
  addRange(least: number, most: number): void {
    this.channels = 1;
    this.least = Math.min(this.least, least);
    this.most = Math.max(this.most, most);
  }
}

/** As headNotes, of outputs in this range. */
export function rangeNotes(
  { threshold, reason }: ModelHead,
  { least, most, channels }: OutputRange,
): readonly string[] | Failure {
  if (reason === undefined || channels !== 1) return [];
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
