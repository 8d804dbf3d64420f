import { elementCount, type Initializer, type Parameter } from '../ir/parameter.js';
import { RandomStream } from './random-stream.js';
import type { WeightSource } from './weight-source.js';

const CHUNK = 65536;

/**
 * The start values of a network's parameters for a seed (a whole number). Every parameter has its own random stream,
 * named by the parameter, so adding or renaming a tensor changes no other tensor.
 *
 * - he_normal: normal with standard deviation sqrt(2 / fanIn) (He et al. 2015, arXiv:1502.01852; the same
 *   formula in Ronneberger et al. 2015, section 3, where N is fanIn).
 * - he_uniform: uniform on +-sqrt(6 / fanIn), which has that standard deviation.
 * - glorot_uniform: uniform on +-sqrt(6 / (fanIn + fanOut)) (Glorot & Bengio 2010).
 * - normal: normal with the standard deviation of the initializer.
 */
export function seededWeights(seed: number): WeightSource {
  return { chunks: (parameter) => initialValues(parameter, seed, CHUNK) };
}

/** The start values of one parameter, in chunks of `chunkLength`. The length of the chunks changes no value. */
export function* initialValues(
  parameter: Parameter,
  seed: number,
  chunkLength: number,
): Generator<Float32Array, void, undefined> {
  const count = elementCount(parameter.shape);
  const buffer = new Float32Array(Math.min(count, chunkLength));
  const fill = fillerOf(parameter.initializer, () => new RandomStream(seed, parameter.name));
  for (let done = 0; done < count; done += buffer.length) {
    const chunk = count - done < buffer.length ? buffer.subarray(0, count - done) : buffer;
    fill(chunk);
    yield chunk;
  }
}

function fillerOf(initializer: Initializer, stream: () => RandomStream): (out: Float32Array) => void {
  switch (initializer.kind) {
    case 'constant':
      return (out) => out.fill(initializer.value);
    case 'he_normal': {
      const random = stream();
      const standardDeviation = Math.sqrt(2 / initializer.fanIn);
      return (out) => random.fillNormal(out, standardDeviation);
    }
    case 'normal': {
      const random = stream();
      return (out) => random.fillNormal(out, initializer.standardDeviation);
    }
    case 'he_uniform': {
      const random = stream();
      const limit = Math.sqrt(6 / initializer.fanIn);
      return (out) => random.fillUniform(out, limit);
    }
    case 'glorot_uniform': {
      const random = stream();
      const limit = Math.sqrt(6 / (initializer.fanIn + initializer.fanOut));
      return (out) => random.fillUniform(out, limit);
    }
  }
}
