import type { WeightSource } from '../../src/weights/weight-source.js';
import type { OutputFile } from '../backend.js';
import type { ModelInitializer } from './emitter.js';
import {
  dataBytes,
  dataSize,
  externalBytes,
  externalLayout,
  externalTensor,
  fieldHead,
  joinPieces,
  tensorHead,
} from './tensor-stream.js';

/** Field numbers of onnx.proto: ModelProto.graph, GraphProto.initializer. */
const MODEL_GRAPH = 7;
const GRAPH_INITIALIZER = 5;

/** The encoded fields of the model without its graph, and of the graph without the initializers with weights. */
export interface ModelParts {
  readonly model: Uint8Array;
  readonly graph: Uint8Array;
}

export interface SizedChunks {
  readonly size: number;
  readonly chunks: Iterable<Uint8Array>;
}

/** A field of the graph: the message of an initializer, without its last `dataLength` bytes. */
interface InitializerField {
  readonly head: Uint8Array;
  readonly tensor: Uint8Array;
  readonly dataLength: number;
}

function initializerField(tensor: Uint8Array, dataLength: number): InitializerField {
  return { head: fieldHead(GRAPH_INITIALIZER, tensor.length + dataLength), tensor, dataLength };
}

/** The model from its parts. Protobuf allows the fields of a message in any order, so the weights come last. */
function assemble(
  parts: ModelParts,
  fields: readonly InitializerField[],
  dataOf: (index: number) => Iterable<Uint8Array>,
): SizedChunks {
  const fieldSizes = fields.map(({ head, tensor, dataLength }) => head.length + tensor.length + dataLength);
  const graphSize = fieldSizes.reduce((sum, size) => sum + size, parts.graph.length);
  // A length beyond 32 bits never occurs: such a model has its data in another file.
  const graphHead = fieldHead(MODEL_GRAPH, graphSize);
  function* pieces(): Generator<Uint8Array, void, undefined> {
    yield parts.model;
    yield graphHead;
    yield parts.graph;
    for (const [index, field] of fields.entries()) {
      yield field.head;
      yield field.tensor;
      yield* dataOf(index);
    }
  }
  return {
    size: parts.model.length + graphHead.length + graphSize,
    chunks: { [Symbol.iterator]: () => joinPieces(pieces()) },
  };
}

/** The model with the weights inside. */
export function inlineModel(
  parts: ModelParts,
  initializers: readonly ModelInitializer[],
  weights: WeightSource,
): SizedChunks {
  const fields = initializers.map((initializer) =>
    initializerField(tensorHead(initializer), dataSize(initializer)),
  );
  return assemble(parts, fields, (index) => {
    const initializer = initializers[index];
    return initializer ? dataBytes(initializer, weights) : [];
  });
}

/** The model and its data file. */
export function filesWithData(
  parts: ModelParts,
  initializers: readonly ModelInitializer[],
  weights: WeightSource,
  fileName: string,
  dataName: string,
): readonly OutputFile[] {
  const { offsets, size } = externalLayout(initializers);
  const fields = initializers.map((initializer, index) =>
    initializerField(externalTensor(initializer, dataName, offsets[index] ?? 0), 0),
  );
  const data = { [Symbol.iterator]: () => joinPieces(externalBytes(initializers, weights)) };
  return [
    { path: fileName, ...assemble(parts, fields, () => []) },
    { path: dataName, size, chunks: data },
  ];
}
