import { metadataKeys } from '../../compiler/metadata.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import type { Session } from '../../runtime/engine.js';
import { readOnnxProducer } from '../../runtime/onnxruntime/onnx-metadata.js';

/** Ops that give probabilities. */
const PROBABILITIES = ['Sigmoid', 'Softmax', 'HardSigmoid'];

/**
 * What the model's output is: what its metadata name, else what the caller says, else what its last op gives. With one
 * channel this decides where class 1 begins.
 */
export function modelHead(
  session: Session,
  model: string,
  given: string | undefined,
): { readonly head: string | undefined; readonly notes: readonly string[] } | Failure {
  const known = session.metadata[metadataKeys.head];
  if (known !== undefined && given !== undefined && given !== known) {
    return failure('needless-option', { options: ['--head'], reason: { case: 'model-head', head: known } });
  }
  const [output] = session.outputs;
  const isSingle = output?.shape[1] === 1;
  if (known !== undefined || given !== undefined || !output || !isSingle) {
    return { head: known ?? given, notes: [] };
  }
  if (!/\.onnx$/i.test(model)) {
    return {
      head: undefined,
      notes: ['the model does not name its head, so class 1 begins at 0.5; pass --head logits for logits'],
    };
  }
  const op = readOnnxProducer(model, output.name);
  if (op instanceof Failure) return op;
  const isProbability = PROBABILITIES.includes(op ?? '');
  const note = isProbability
    ? `the output is computed by ${op}, so class 1 begins at 0.5`
    : `the output is computed by ${op ?? 'no op'}, so it is read as logits, and class 1 begins at 0; pass --head sigmoid if it is a probability`;
  return { head: isProbability ? 'sigmoid' : 'logits', notes: [note] };
}
