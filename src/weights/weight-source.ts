import { elementCount, type Parameter } from '../ir/parameter.js';

/**
 * Where the values of parameters come from: a seed, a weights file, a trained network. Values come in chunks,
 * so that no tensor needs to be in memory whole.
 */
export interface WeightSource {
  /**
   * The values of a parameter in row-major order of its shape, in chunks of any length. The buffer of a
   * chunk may be used again after the consumer asks for the next one. Every call starts from the front.
   */
  chunks(parameter: Parameter): Iterable<Float32Array>;
}

/** Copies a whole tensor out of a source: elementCount(parameter.shape) values, row-major. */
export function readTensor(source: WeightSource, parameter: Parameter): Float32Array {
  const values = new Float32Array(elementCount(parameter.shape));
  let length = 0;
  for (const chunk of source.chunks(parameter)) {
    if (length + chunk.length > values.length) throw new Error(tooMany(parameter));
    values.set(chunk, length);
    length += chunk.length;
  }
  if (length !== values.length) {
    throw new Error(`${parameter.name}: ${length} values of ${values.length} came from the weight source`);
  }
  return values;
}

/** A source over tensors that are in memory, by parameter name. */
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
  return `${parameter.name}: more than ${elementCount(parameter.shape)} values came from the weight source`;
}
