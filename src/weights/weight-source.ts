import { elementCount, type Parameter } from '../ir/parameter.js';

/**
 * The source of the values of parameters: a seed, a weights file, a trained network. Values come in chunks, so that no
 * whole tensor needs to be in memory.
 */
export interface WeightSource {
  /**
   * The values of a parameter in row-major order, in chunks of any length. The source may reuse the buffer of a chunk
   * for the next one. Every call starts from the beginning.
   */
  chunks(parameter: Parameter): Iterable<Float32Array>;
}

/** A whole tensor from a source: elementCount(parameter.shape) values, row-major. */
export function readTensor(source: WeightSource, parameter: Parameter): Float32Array {
  const values = new Float32Array(elementCount(parameter.shape));
  let length = 0;
  for (const chunk of source.chunks(parameter)) {
    if (length + chunk.length > values.length) throw new Error(tooMany(parameter));
    values.set(chunk, length);
    length += chunk.length;
  }
  if (length !== values.length) {
    throw new Error(`${parameter.name}: the weight source gave ${length} values of ${values.length}`);
  }
  return values;
}

/** A source of tensors in memory, by parameter name. */
export function weightsFromTensors(tensors: ReadonlyMap<string, Float32Array>): WeightSource {
  return {
    chunks(parameter) {
      const values = tensors.get(parameter.name);
      if (!values) throw new Error(`no tensor named ${parameter.name}`);
      return [values];
    },
  };
}

function tooMany(parameter: Parameter): string {
  return `${parameter.name}: the weight source gave more than ${elementCount(parameter.shape)} values`;
}
