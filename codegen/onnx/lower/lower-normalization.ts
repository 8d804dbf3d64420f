import type { Node } from '../../../src/ir/graph.js';
import type { Normalization, OneNormalization } from '../../../src/normalize/normalization.js';
import { type Emitted, NodeEmitter } from '../emitter.js';
import type { OnnxTensor } from '../tensor.js';
import { type ImagePart, Statistics } from './normalization-statistics.js';

/** Much larger than any stored value, and finite: what is divided by it becomes 0. */
const HUGE = 2 ** 127;
/** The least normal float32: what is not 0 and divided by it stays finite only if it is tiny itself. */
const TINY = 2 ** -126;

/**
 * What normalizeImage does, as ONNX nodes between the input and the network: from stored values (N, C, ...spatial) to what
 * the network receives. The statistics are those of each image of the batch. All numbers are float32, and sums are taken
 * of differences, so that a large offset of the values costs no digits.
 *
 * ONNX has no percentile of some of the values, and `ct(auto)` has no numbers yet: both must be refused before.
 */
export function lowerNormalization(
  emitted: Emitted,
  node: Node,
  input: OnnxTensor,
  normalization: Normalization,
  opset: number,
): OnnxTensor {
  const target: OnnxTensor = { ...input, name: `${input.name}/normalized` };
  const to = new NodeEmitter(emitted, node, target, opset);
  if (normalization.kind !== 'channels') {
    const isWhole = !('per_channel' in normalization && normalization.per_channel);
    const part = { tensor: input, axes: axesFrom(input, isWhole ? 1 : 2), prefix: '' };
    return to.result('Identity', [lowerOne(part, normalization, to)]);
  }
  const channels = normalization.channels.map((one, index) => {
    const prefix = `channel[${index + 1}]/`;
    const shape = input.shape.map((size, axis) => (axis === 1 ? 1 : size));
    const bounds = [to.ints(`${prefix}first`, [index]), to.ints(`${prefix}next`, [index + 1])];
    const inputs = [input.name, ...bounds, to.ints(`${prefix}axis`, [1])];
    const tensor = to.inner(`${prefix}values`, 'Slice', inputs, {}, shape);
    return lowerOne({ tensor, axes: axesFrom(input, 1), prefix }, one, to);
  });
  return to.result('Concat', channels, { axis: { int: 1 } });
}

function axesFrom({ shape }: OnnxTensor, first: number): readonly number[] {
  return shape.map((_, axis) => axis).slice(first);
}

/** Returns the name of the normalised tensor. */
function lowerOne(part: ImagePart, one: OneNormalization, to: NodeEmitter): string {
  switch (one.kind) {
    case 'none':
      return part.tensor.name;
    case 'range': {
      const { low, high, clip } = one;
      const [from, until] = [Math.fround(low), Math.fround(high)];
      const bounded = clip ? clipped(part, from, until, to) : part.tensor.name;
      // Two bounds that are one float32 make every value 0.
      return divided(part, minus(part, bounded, from, to), until - from || HUGE, to);
    }
    case 'ct': {
      const bounded = clipped(part, Math.fround(one.low), Math.fround(one.high), to);
      return divided(part, minus(part, bounded, one.mean, to), one.std, to);
    }
    case 'minmax': {
      const statistics = new Statistics(part, one.nonzero, to);
      const [least, most] = [statistics.extreme('least'), statistics.extreme('most')];
      const range = statistics.small('range', 'Sub', [most, least]);
      return statistics.whole('result', 'Div', [statistics.above(least), atLeast(statistics, range, to)]);
    }
    case 'zscore': {
      const statistics = new Statistics(part, one.nonzero, to);
      const centred = statistics.centred();
      const square = statistics.whole('square', 'Mul', [centred, centred]);
      const deviation = statistics.small('deviation', 'Sqrt', [statistics.mean('variance', square)]);
      return statistics.whole('result', 'Div', [centred, atLeast(statistics, deviation, to)]);
    }
    case 'percentile': {
      const statistics = new Statistics(part, one.nonzero, to);
      const [low, high] = [
        statistics.percentile('low', one.low / 100),
        statistics.percentile('high', one.high / 100),
      ];
      const above = statistics.small('distance', 'Sub', [high.base, low.base]);
      const end = statistics.small('end', 'Add', [above, high.part]);
      const range = statistics.small('range', 'Sub', [end, low.part]);
      // Two equal percentiles would divide by 0.
      const sign = statistics.small('range_sign', 'Sign', [range]);
      const unit = to.floats(`${part.prefix}one`, [1], []);
      const missing = statistics.small('range_missing', 'Sub', [unit, sign]);
      const huge = to.floats(`${part.prefix}huge`, [HUGE], []);
      const added = statistics.small('range_added', 'Mul', [missing, huge]);
      const divisor = statistics.small('divisor', 'Add', [range, added]);
      const shifted = statistics.whole('shifted', 'Sub', [part.tensor.name, low.base]);
      const offset = statistics.whole('offset', 'Sub', [shifted, low.part]);
      const scaled = statistics.whole('scaled', 'Div', [offset, divisor]);
      if (!one.clip) return scaled;
      const zero = to.floats(`${part.prefix}zero`, [0], []);
      return statistics.whole('result', 'Clip', [scaled, zero, unit]);
    }
    case 'ct_auto':
      throw new Error('the numbers of ct(auto) have not been measured');
    default:
      return one satisfies never;
  }
}

function clipped({ tensor, prefix }: ImagePart, low: number, high: number, to: NodeEmitter): string {
  const bounds = [to.floats(`${prefix}low`, [low], []), to.floats(`${prefix}high`, [high], [])];
  return to.inner(`${prefix}clipped`, 'Clip', [tensor.name, ...bounds], {}, tensor.shape).name;
}

/** In two parts if the number is no float32: a value near a large number would lose most of its digits. */
function minus({ tensor, prefix }: ImagePart, from: string, value: number, to: NodeEmitter): string {
  const near = Math.fround(value);
  const rest = Math.fround(value - near);
  const subtract = (name: string, suffix: string, number: number) =>
    number === 0
      ? name
      : to.inner(
          `${prefix}${suffix}`,
          'Sub',
          [name, to.floats(`${prefix}${suffix}_number`, [number], [])],
          {},
          tensor.shape,
        ).name;
  return subtract(subtract(from, 'shifted', near), 'shifted_rest', rest);
}

function divided({ tensor, prefix }: ImagePart, from: string, by: number, to: NodeEmitter): string {
  const divisor = to.floats(`${prefix}divisor`, [by], []);
  return to.inner(`${prefix}result`, 'Div', [from, divisor], {}, tensor.shape).name;
}

/** A divisor that is not 0. What it divides is 0 if it was. */
function atLeast(statistics: Statistics, divisor: string, to: NodeEmitter): string {
  return statistics.small('divisor', 'Max', [divisor, to.floats(`${statistics.prefix}tiny`, [TINY], [])]);
}
