import type { NodeEmitter } from '../emitter.js';
import { dataType } from '../proto.js';
import { BATCH, type Dimension, type OnnxTensor } from '../tensor.js';

/** The values that share one statistic: all of an image, or a channel of it. */
export interface ImagePart {
  readonly tensor: OnnxTensor;
  /** Over these axes of (N, C, ...spatial). */
  readonly axes: readonly number[];
  /** Of the names of nodes. */
  readonly prefix: string;
}

/** A percentile as a value of the image and a small number that is added to it, which keeps all digits of both. */
interface Percentile {
  readonly base: string;
  readonly part: string;
}

/** Larger than any stored value: a masked value becomes it, so that it is never the least one. */
const MASKED = 2 ** 127;

/** Statistics of a part of each image of a batch as ONNX nodes. Results have size 1 at the axes of the part. */
export class Statistics {
  /** The values that take part are 1, the others 0; undefined if all take part. */
  private readonly mask: string | undefined;
  private readonly smallShape: readonly Dimension[];
  readonly prefix: string;

  constructor(
    private readonly part: ImagePart,
    nonzero: boolean,
    private readonly to: NodeEmitter,
  ) {
    const { tensor, axes, prefix } = part;
    this.prefix = prefix;
    this.smallShape = tensor.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    if (nonzero) this.mask = this.whole('mask', 'Abs', [this.whole('sign', 'Sign', [tensor.name])]);
  }

  /** Adds a node whose value has the shape of the image. */
  whole(suffix: string, opType: string, inputs: readonly string[]): string {
    return this.to.inner(`${this.prefix}${suffix}`, opType, inputs, {}, this.part.tensor.shape).name;
  }

  /** Adds a node whose value has the shape of a statistic. */
  small(suffix: string, opType: string, inputs: readonly string[]): string {
    return this.to.inner(`${this.prefix}${suffix}`, opType, inputs, {}, this.smallShape).name;
  }

  /** The least or the largest value that takes part. */
  extreme(which: 'least' | 'most'): string {
    const { tensor } = this.part;
    const [operator, far] = which === 'least' ? ['ReduceMin', MASKED] : ['ReduceMax', -MASKED];
    if (this.mask === undefined) return this.reduced(which, operator, tensor.name);
    const one = this.to.floats(`${this.prefix}${which}_one`, [1], []);
    const others = this.whole(`${which}_others`, 'Sub', [one, this.mask]);
    const moved = this.whole(`${which}_moved`, 'Mul', [
      others,
      this.to.floats(`${this.prefix}${which}_far`, [far], []),
    ]);
    return this.reduced(which, operator, this.whole(`${which}_of`, 'Add', [tensor.name, moved]));
  }

  /** The image minus a statistic; 0 where a value takes no part. */
  above(statistic: string): string {
    return this.masked('above', this.whole('differences', 'Sub', [this.part.tensor.name, statistic]));
  }

  /**
   * The image minus its mean. The least value is subtracted before, so that equal values become 0 exactly; and the mean of
   * what remains twice, so that the rounding of the first mean does not stay.
   */
  centred(): string {
    const above = this.above(this.extreme('least'));
    const once = this.masked('once', this.whole('minus_mean', 'Sub', [above, this.mean('mean', above)]));
    const twice = this.whole('minus_rest', 'Sub', [once, this.mean('mean_rest', once)]);
    return this.masked('centred', twice);
  }

  /** The mean of values that are 0 where the image takes no part. */
  mean(suffix: string, values: string): string {
    if (this.mask === undefined) return this.reduced(suffix, 'ReduceMean', values);
    const counted = this.reduced(`${suffix}_count`, 'ReduceSum', this.mask);
    const count = this.small(`${suffix}_divisor`, 'Max', [
      counted,
      this.to.floats(`${this.prefix}${suffix}_one`, [1], []),
    ]);
    return this.small(suffix, 'Div', [this.reduced(`${suffix}_sum`, 'ReduceSum', values), count]);
  }

  /**
   * The percentile at a fraction of all values, as NumPy interpolates it: the position fraction * (n - 1) in the order of
   * the values. Only as many values are sorted as lie beyond it. n is computed at run time, because sizes may be free.
   */
  percentile(name: 'low' | 'high', fraction: number): Percentile {
    const { to } = this;
    const own = (suffix: string) => `${this.prefix}${name}_${suffix}`;
    const { tensor, axes } = this.part;
    const isWhole = axes[0] === 1;
    const [batch = BATCH, channels = 1] = tensor.shape;
    const rows: readonly Dimension[] = isWhole ? [batch] : [batch, channels];
    const flatShape = to.ints(own('flat_shape'), isWhole ? [0, -1] : [0, 0, -1]);
    const count = sizeText(tensor.shape.slice(isWhole ? 1 : 2));
    const flat = to.inner(own('flat'), 'Reshape', [tensor.name, flatShape], {}, [...rows, count]).name;
    const ints = { type: 'int64', shape: [1] } as const;
    const floats = { type: 'float64', shape: [1] } as const;
    const wide = (suffix: string, opType: string, inputs: readonly string[]) =>
      to.innerWide(own(suffix), opType, inputs, {}, ints);
    const sizes = to.innerSizes(own('sizes'), 'Shape', [flat], rows.length + 1);
    const n = wide('n', 'Gather', [sizes, to.ints(own('last'), [rows.length])]);
    const one = to.ints(own('one'), [1]);
    const last = wide('last_rank', 'Sub', [n, one]);
    const double = { to: { int: dataType.DOUBLE } };
    const lastDouble = to.innerWide(own('last_double'), 'Cast', [last], double, floats);
    const at = to.innerWide(
      own('at'),
      'Mul',
      [lastDouble, to.float64s(own('fraction'), [fraction])],
      {},
      floats,
    );
    const floor = to.innerWide(own('floor'), 'Floor', [at], {}, floats);
    const between = to.innerWide(own('between'), 'Sub', [at, floor], {}, floats);
    const weight = to.inner(own('weight'), 'Cast', [between], { to: { int: dataType.FLOAT } }, [1]).name;
    const rank = to.innerWide(own('rank'), 'Cast', [floor], { to: { int: dataType.INT64 } }, ints);
    const above = wide('next_rank', 'Min', [wide('rank_above', 'Add', [rank, one]), last]);
    // From the nearer end.
    const isHigh = fraction > 0.5;
    const indexOf = (suffix: string, place: string) => (isHigh ? wide(suffix, 'Sub', [last, place]) : place);
    const [first, second] = [indexOf('index', rank), indexOf('next_index', above)];
    const k = wide('k', 'Add', [isHigh ? first : second, one]);
    const sorted = to.innerWithIndices(
      own('sorted'),
      'TopK',
      [flat, k],
      { axis: { int: -1 }, largest: { int: isHigh ? 1 : 0 }, sorted: { int: 1 } },
      [...rows, own('k')],
    );
    const axis = { axis: { int: rows.length } };
    const [base, next] = [first, second].map(
      (index, i) =>
        to.inner(own(['value', 'next_value'][i] ?? ''), 'Gather', [sorted, index], axis, [...rows, 1]).name,
    );
    const shape = to.ints(own('shape'), [0, isWhole ? 1 : 0, ...tensor.shape.slice(2).map(() => 1)]);
    const [a = '', b = ''] = [base, next].map((value, i) =>
      this.small(`${name}_${['base', 'next'][i]}`, 'Reshape', [value ?? '', shape]),
    );
    const difference = this.small(`${name}_difference`, 'Sub', [b, a]);
    return { base: a, part: this.small(`${name}_part`, 'Mul', [difference, weight]) };
  }

  private masked(suffix: string, values: string): string {
    return this.mask === undefined ? values : this.whole(suffix, 'Mul', [values, this.mask]);
  }

  /**
   * Reduces over the axes of the part. Sums go axis by axis, from the last one: an engine adds the numbers of one reduction
   * one after the other, and millions of them would lose three digits.
   */
  private reduced(suffix: string, opType: string, values: string): string {
    const { tensor, axes } = this.part;
    const isSum = opType === 'ReduceMean' || opType === 'ReduceSum';
    const steps = isSum ? axes.toReversed().map((axis) => [axis]) : [axes];
    let shape = tensor.shape;
    return steps.reduce((from, over, index) => {
      shape = shape.map((size, axis) => (over.includes(axis) ? 1 : size));
      const name = index === steps.length - 1 ? suffix : `${suffix}_axis[${over[0]}]`;
      return this.reducedOver(name, opType, from, over, shape);
    }, values);
  }

  /** The axes are an input of the operator from opset 18 on, and of ReduceSum from 13 on. */
  private reducedOver(
    suffix: string,
    opType: string,
    values: string,
    axes: readonly number[],
    shape: readonly Dimension[],
  ): string {
    const isInput = opType === 'ReduceSum' || this.to.opset >= 18;
    const inputs = isInput ? [values, this.to.ints(`${this.prefix}${suffix}_axes`, axes)] : [values];
    const attributes = { keepdims: { int: 1 }, ...(isInput ? {} : { axes: { ints: axes } }) };
    return this.to.inner(`${this.prefix}${suffix}`, opType, inputs, attributes, shape).name;
  }
}

/** The number of values along several axes, or a name for it. */
function sizeText(shape: readonly Dimension[]): Dimension {
  const sizes = shape.filter((size) => typeof size === 'number');
  if (sizes.length === shape.length) return sizes.reduce((product, size) => product * size, 1);
  return shape.map((size) => (typeof size === 'number' ? size : `(${size})`)).join('*');
}
