import { Failure } from '../../diagnostics/failure.js';
import type { Tensor } from '../../runtime/tensor.js';
import { addEntropy, type Distribution } from '../maps/entropy.js';
import { toProbabilities } from '../model/as-logits.js';
import { partOfRows, type Rows } from '../rows/row-source.js';
import { addTo } from '../windows/window-model.js';

/** What the numbers of a model's rows are: logits of a softmax or of sigmoids, or probabilities already. */
export type OutputScale = 'softmax' | 'sigmoid' | 'probabilities';

/** The outputs of one member of an ensemble, row by row. */
export type MemberRows = AsyncGenerator<Rows | Failure>;

/** Rows of the outputs of all members together. */
export interface JoinedRows {
  readonly from: number;
  readonly to: number;
  /** (K, to - from, ...rest): the numbers of the only member, or the mean of the members' probabilities. */
  readonly values: Tensor;
  /** Above this, a channel of `values` is more probable than not. */
  readonly threshold: number;
  /** (K, to - from, ...rest). */
  readonly probabilities: () => Tensor;
  readonly distribution: Distribution;
  /** The mean of the entropies of the members, for each position, in nats; undefined if it was not asked for. */
  readonly within: Float64Array | undefined;
}

export interface JoinOptions {
  /** By the number of channels. */
  readonly scaleOf: (channels: number) => OutputScale;
  /** Whether the mean of the entropies of the members is wanted. */
  readonly withEntropies: boolean;
}

function distributionOf(scale: OutputScale, channels: number): Distribution {
  return scale === 'sigmoid' || channels === 1 ? 'each' : 'one-of';
}

function probabilitiesOf({ shape, data }: Tensor, scale: OutputScale): Tensor {
  if (scale === 'probabilities') return { shape, data };
  const own = Float32Array.from(data);
  toProbabilities(own, shape[0] ?? 1, scale);
  return { shape, data: own };
}

/**
 * Joins rows of the same range: of one member its numbers as they are, of several the mean of their probabilities. Fails as
 * the members do.
 */
export async function* joinedRows(
  members: readonly MemberRows[],
  { scaleOf, withEntropies }: JoinOptions,
): AsyncGenerator<JoinedRows | Failure> {
  const held: Rows[] = [];
  for (;;) {
    for (const [i, rows] of members.entries()) {
      if (held[i]) continue;
      const next = await rows.next();
      if (next.done) return;
      if (next.value instanceof Failure) {
        yield next.value;
        return;
      }
      held[i] = next.value;
    }
    const [first] = held;
    if (!first) return;
    const to = Math.min(...held.map((one) => one.to));
    const parts = held.map((one) => partOfRows(one, one.from, to).values);
    yield joined(first.from, to, parts, scaleOf(first.values.shape[0] ?? 1), withEntropies);
    for (const [i, one] of held.entries()) {
      if (one.to === to) delete held[i];
      else held[i] = partOfRows(one, to, one.to);
    }
  }
}

function joined(
  from: number,
  to: number,
  parts: readonly Tensor[],
  scale: OutputScale,
  withEntropies: boolean,
): JoinedRows {
  const [first, ...others] = parts;
  if (!first) throw new Error('there is at least one member');
  const channels = first.shape[0] ?? 1;
  const distribution = distributionOf(scale, channels);
  const all = { from, to, distribution };
  if (others.length === 0) {
    const threshold = scale === 'probabilities' ? 0.5 : 0;
    const probabilities = () => probabilitiesOf(first, scale);
    return { ...all, values: first, threshold, probabilities, within: undefined };
  }
  const sum = Float32Array.from(probabilitiesOf(first, scale).data);
  const within = withEntropies ? new Float64Array(sum.length / channels) : undefined;
  if (within) addEntropy(sum, channels, distribution, within);
  for (const other of others) {
    const { data } = probabilitiesOf(other, scale);
    if (within) addEntropy(data, channels, distribution, within);
    // All members have the same classes and rows.
    addTo(sum, data);
  }
  const values = { shape: first.shape, data: sum.map((one) => one / parts.length) };
  return {
    ...{ ...all, values, threshold: 0.5, probabilities: () => values },
    within: within?.map((one) => one / parts.length),
  };
}
