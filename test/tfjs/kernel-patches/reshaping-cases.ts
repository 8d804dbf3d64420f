import { forEachIndex } from '../../reference/tensor.js';
import { permute } from './image-layout.js';
import { type OpCase, type Random, randomFrom, randomValues, type Values } from './op-case.js';

type Sizes = readonly number[];
type Range = readonly [before: number, after: number];

/** Each element of the result is an element of the inputs or a constant: the index says which. */
function gathered(shape: Sizes, element: (index: Sizes) => number): Values {
  const data: number[] = [];
  forEachIndex(shape, (index) => data.push(element(index)));
  return { shape, data: Float64Array.from(data) };
}

function elementAt({ shape, data }: Values, index: Sizes): number {
  const flat = index.reduce((sum, i, axis) => sum * (shape[axis] ?? 0) + i, 0);
  return data[flat] ?? Number.NaN;
}

export function padCase(
  mode: 'zero' | 'reflect' | 'symmetric',
  shape: Sizes,
  pads: readonly Range[],
  seed: number,
): OpCase {
  return {
    name: `${mode} pad ${shape.join(' x ')} by ${pads.map((range) => range.join('+')).join(', ')}`,
    inputs: [randomValues(randomFrom(seed), shape)],
    run: (tf, [x]) => {
      const ranges = pads.map(([before, after]): [number, number] => [before, after]);
      if (!x) throw new Error('no input');
      return mode === 'zero' ? tf.pad(x, ranges) : tf.mirrorPad(x, ranges, mode);
    },
    define: ([x]) => {
      if (!x) throw new Error('no input');
      const outShape = shape.map((size, axis) => size + (pads[axis]?.[0] ?? 0) + (pads[axis]?.[1] ?? 0));
      const shift = mode === 'symmetric' ? 1 : 0;
      return gathered(outShape, (index) => {
        const source = index.map((i, axis) => {
          const j = i - (pads[axis]?.[0] ?? 0);
          const last = (shape[axis] ?? 0) - 1;
          return mode === 'zero' ? j : j < 0 ? -j - shift : j > last ? 2 * last - j + shift : j;
        });
        const inside = source.every((i, axis) => i >= 0 && i < (shape[axis] ?? 0));
        return inside ? elementAt(x, source) : 0;
      });
    },
  };
}

export function randomPad(random: Random, rank: number, seed: number): OpCase {
  const pick = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  const shape = Array.from({ length: rank }, () => pick(1, rank > 4 ? 4 : 5));
  const mode = (['zero', 'reflect', 'symmetric'] as const)[pick(0, 2)] ?? 'zero';
  const pads = shape.map((size, axis): Range => {
    const most = mode === 'reflect' ? size - 1 : size;
    const spatial = axis > 0 && axis < rank - 1;
    return spatial ? [pick(0, Math.min(most, 3)), pick(0, Math.min(most, 3))] : [0, 0];
  });
  return padCase(mode, shape, pads, seed);
}

export function sliceCase(shape: Sizes, begin: Sizes, size: Sizes, seed: number): OpCase {
  return {
    name: `slice ${shape.join(' x ')} from ${begin.join()} size ${size.join()}`,
    inputs: [randomValues(randomFrom(seed), shape)],
    run: (tf, [x]) => {
      if (!x) throw new Error('no input');
      return tf.slice(x, [...begin], [...size]);
    },
    define: ([x]) => {
      if (!x) throw new Error('no input');
      return gathered(size, (index) =>
        elementAt(
          x,
          index.map((i, axis) => i + (begin[axis] ?? 0)),
        ),
      );
    },
  };
}

export function concatCase(shapes: readonly Sizes[], axis: number, seed: number): OpCase {
  const random = randomFrom(seed);
  return {
    name: `concat ${shapes.map((shape) => shape.join(' x ')).join(', ')} on axis ${axis}`,
    inputs: shapes.map((shape) => randomValues(random, shape)),
    run: (tf, inputs) => tf.concat([...inputs], axis),
    define: (inputs) => {
      const total = inputs.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0);
      return gathered(
        (shapes[0] ?? []).map((size, i) => (i === axis ? total : size)),
        (index) => {
          let position = index[axis] ?? 0;
          for (const input of inputs) {
            const size = input.shape[axis] ?? 0;
            if (position < size)
              return elementAt(
                input,
                index.map((i, k) => (k === axis ? position : i)),
              );
            position -= size;
          }
          return Number.NaN;
        },
      );
    },
  };
}

export function transposeCase(shape: Sizes, order: Sizes, seed: number): OpCase {
  return {
    name: `transpose ${shape.join(' x ')} by ${order.join()}`,
    inputs: [randomValues(randomFrom(seed), shape)],
    run: (tf, [x]) => {
      if (!x) throw new Error('no input');
      return tf.transpose(x, [...order]);
    },
    define: ([x]) => {
      if (!x) throw new Error('no input');
      return permute(x, order);
    },
  };
}

export function tileCase(shape: Sizes, times: Sizes, seed: number): OpCase {
  return {
    name: `tile ${shape.join(' x ')} by ${times.join()}`,
    inputs: [randomValues(randomFrom(seed), shape)],
    run: (tf, [x]) => {
      if (!x) throw new Error('no input');
      return tf.tile(x, [...times]);
    },
    define: ([x]) => {
      if (!x) throw new Error('no input');
      return gathered(
        shape.map((size, axis) => size * (times[axis] ?? 1)),
        (index) =>
          elementAt(
            x,
            index.map((i, axis) => i % (shape[axis] ?? 1)),
          ),
      );
    },
  };
}
