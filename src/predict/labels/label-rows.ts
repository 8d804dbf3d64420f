import { Failure } from '../../diagnostics/failure.js';
import { maskOf } from '../../runtime/images/mask.js';
import { toProbabilities } from '../model/as-logits.js';
import { partOfRows, type Rows } from '../rows/row-source.js';
import { addTo } from '../windows/window-model.js';

/** The probabilities or logits of one model, row by row. */
export interface ModelRows {
  readonly rows: AsyncGenerator<Rows | Failure>;
  /** How its logits become probabilities; undefined if they stay numbers without a scale. */
  readonly activation: 'softmax' | 'sigmoid' | undefined;
}

/** Joins rows of the same range of several models: their probabilities, averaged. */
async function* averagedRows(models: readonly ModelRows[]): AsyncGenerator<Rows | Failure> {
  const held: Rows[] = [];
  for (;;) {
    for (const [i, { rows, activation = 'softmax' }] of models.entries()) {
      if (held[i]) continue;
      const next = await rows.next();
      if (next.done) return;
      if (next.value instanceof Failure) {
        yield next.value;
        return;
      }
      const { values } = next.value;
      toProbabilities(
        values.data,
        values.shape[0] ?? 1,
        (values.shape[0] ?? 1) === 1 ? 'sigmoid' : activation,
      );
      held[i] = next.value;
    }
    const to = Math.min(...held.map((one) => one.to));
    const [first] = held;
    if (!first) return;
    const { from } = first;
    const parts = held.map((one) => partOfRows(one, one.from, to).values);
    const sum = parts[0];
    if (!sum) return;
    for (const other of parts.slice(1)) {
      // All have the same classes and rows.
      addTo(sum.data, other.data);
    }
    yield { from, to, values: { shape: sum.shape, data: sum.data.map((one) => one / models.length) } };
    for (const [i, one] of held.entries()) {
      if (one.to === to) delete held[i];
      else held[i] = partOfRows(one, to, one.to);
    }
  }
}

/** The classes of rows. */
export interface LabelRows {
  readonly from: number;
  readonly to: number;
  readonly data: Uint8Array | Uint16Array;
}

/**
 * The most probable class of each position, row by row: of one model by its logits, of several by the mean of their
 * probabilities. One channel means class 1 where its logit is above 0.
 */
export async function* labelRows(
  models: readonly ModelRows[],
  { threshold }: { readonly threshold: number },
): AsyncGenerator<LabelRows | Failure> {
  const [only] = models;
  const isOne = models.length === 1 && only !== undefined;
  for await (const rows of isOne ? only.rows : averagedRows(models)) {
    if (rows instanceof Failure) {
      yield rows;
      return;
    }
    const { from, to, values } = rows;
    const mask = maskOf(values, isOne ? threshold : 0.5);
    if (mask instanceof Failure) {
      yield mask;
      return;
    }
    yield { from, to, data: mask.data };
  }
}
