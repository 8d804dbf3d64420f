import { irVersionOf } from '../../../codegen/onnx/opset.js';
import { type NodeProto, onnx } from '../../../codegen/onnx/proto.js';
import { type OnnxTensor, valueInfo } from '../../../codegen/onnx/tensor.js';
import { type StepBuilder, TRAINING_OPSET } from './step-builder.js';
import type { StepValue } from './step-value.js';

/** An output of a step, by its name. */
export interface StepOutput {
  readonly name: string;
  readonly value: StepValue;
}

/** The inputs that the outputs depend on, in their order: a model has no others. */
export function inputsOf<T extends StepValue>(
  builder: StepBuilder,
  inputs: readonly T[],
  outputs: readonly StepOutput[],
): readonly T[] {
  const read = new Set([
    ...neededNodes(builder.emitted.nodes, outputs).flatMap(({ input }) => input ?? []),
    ...outputs.map(({ value }) => value.name),
  ]);
  return inputs.filter(({ name }) => read.has(name));
}

/** The ONNX model of the ops of a builder, with these outputs and with the inputs that they depend on. */
export function stepModel(
  name: string,
  builder: StepBuilder,
  inputs: readonly StepValue[],
  outputs: readonly StepOutput[],
): Uint8Array {
  const { nodes, constants } = builder.emitted;
  const info = (value: StepValue) => valueInfo({ ...value, type: 'float32' } satisfies OnnxTensor);
  const kept = neededNodes(nodes, outputs);
  const named = outputs.map(({ name: output, value }) =>
    onnx.NodeProto.create({ name: output, opType: 'Identity', input: [value.name], output: [output] }),
  );
  return onnx.ModelProto.encode({
    irVersion: irVersionOf(TRAINING_OPSET) ?? 8,
    opsetImport: [{ domain: '', version: TRAINING_OPSET }],
    producerName: 'unet-lang',
    graph: {
      name,
      node: [...kept, ...named],
      initializer: [...constants],
      input: inputsOf(builder, inputs, outputs).map(info),
      output: outputs.map(({ name: output, value }) => info({ name: output, shape: value.shape })),
    },
  }).finish();
}

/** The nodes that the outputs depend on: an engine would run the others too. */
export function neededNodes(
  nodes: readonly NodeProto[],
  outputs: readonly StepOutput[],
): readonly NodeProto[] {
  const wanted = new Set(outputs.map(({ value }) => value.name));
  return nodes
    .toReversed()
    .filter((node) => {
      if (!node.output?.some((name) => wanted.has(name))) return false;
      for (const input of node.input ?? []) wanted.add(input);
      return true;
    })
    .toReversed();
}
