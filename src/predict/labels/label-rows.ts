import { Failure } from '../../diagnostics/failure.js';
import { mapRows, type ResultMap } from '../maps/result-map.js';
import type { LabelRule } from '../model/label-rule.js';
import { joinedRows, type MemberRows, type OutputScale } from './joined-rows.js';
import { labelsOf } from './labels-of.js';

/** The labels of rows, and the maps of the same rows. */
export interface LabelRows {
  readonly from: number;
  readonly to: number;
  readonly data: Uint8Array | Uint16Array;
  readonly maps: readonly (Uint8Array | Float32Array)[];
}

export interface LabelRowsOptions {
  /** What the members' numbers are, by the number of channels. */
  readonly scaleOf: (channels: number) => OutputScale;
  readonly rule: LabelRule;
  readonly maps: readonly ResultMap[];
}

/**
 * The label of each position, row by row, by the rule: of one member by its logits, of several by the mean of their
 * probabilities. One channel means class 1 where it is more probable than not.
 */
export async function* labelRows(
  members: readonly MemberRows[],
  { scaleOf, rule, maps }: LabelRowsOptions,
): AsyncGenerator<LabelRows | Failure> {
  const withEntropies = maps.some(({ content }) => content.kind === 'disagreement');
  for await (const rows of joinedRows(members, { scaleOf, withEntropies })) {
    if (rows instanceof Failure) {
      yield rows;
      return;
    }
    const mask = labelsOf(rows.values, rows.threshold, rule);
    if (mask instanceof Failure) {
      yield mask;
      return;
    }
    yield { from: rows.from, to: rows.to, data: mask.data, maps: mapRows(maps, rows) };
  }
}
