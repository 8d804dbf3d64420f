import { type Failure, failure } from '../../diagnostics/failure.js';
import type { StageDifference } from '../../runtime/inference/compare-engines.js';
import { sizeText } from './output.js';
import { type TableColumn, tableText } from './text-table.js';

const differenceColumns: readonly TableColumn[] = [
  { title: 'stage', align: 'left' },
  { title: 'shape', align: 'right' },
  { title: 'largest value', align: 'right' },
  { title: 'largest difference', align: 'right' },
  { title: 'relative', align: 'right' },
];

/** The engines agree if no stage differs by more than this part of its largest value. */
export const AGREEMENT = 1e-4;

/** A stage's largest difference, divided by its largest value. */
export function relativeDifference({ difference, magnitude }: StageDifference): number {
  return difference === 0 ? 0 : difference / magnitude;
}

/** How far apart two engines are, one row per stage. */
export function differenceTable(differences: readonly StageDifference[]): string {
  const rows = differences.map((one) => [
    one.stage,
    sizeText(one.shape.slice(1)),
    one.magnitude.toPrecision(3),
    one.difference.toExponential(1),
    relativeDifference(one).toExponential(1),
  ]);
  return tableText(differenceColumns, rows, 'text');
}

/** The stage at which two engines differ too much; undefined if they agree. */
export function disagreement(differences: readonly StageDifference[]): Failure | undefined {
  const [worst] = [...differences].sort((a, b) => relativeDifference(b) - relativeDifference(a));
  if (!worst || relativeDifference(worst) <= AGREEMENT) return undefined;
  const found = { case: 'values' as const, relative: relativeDifference(worst), limit: AGREEMENT };
  return failure('engines-disagree', { stage: worst.stage, found });
}
