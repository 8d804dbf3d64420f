import type { StageDifference } from '../../runtime/inference/compare-engines.js';
import type { ExitCode } from '../command.js';
import { fail, say, sizeText } from './output.js';
import { type TableColumn, tableText } from './text-table.js';

const differenceColumns: readonly TableColumn[] = [
  { title: 'stage', align: 'left' },
  { title: 'shape', align: 'right' },
  { title: 'largest value', align: 'right' },
  { title: 'largest difference', align: 'right' },
  { title: 'relative', align: 'right' },
];

/** The engines agree where no stage differs by more, relative to its largest value. */
const AGREEMENT = 1e-4;

/** A stage's largest difference by its largest value. */
export function relativeDifference({ difference, magnitude }: StageDifference): number {
  return difference === 0 ? 0 : difference / magnitude;
}

/** How far apart two engines are, a row a stage. */
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

/** Says whether the engines agree; the exit code. */
export function verdict(differences: readonly StageDifference[]): ExitCode {
  const [worst] = [...differences].sort((a, b) => relativeDifference(b) - relativeDifference(a));
  if (!worst || relativeDifference(worst) <= AGREEMENT) {
    say(`the engines agree: every stage is within ${AGREEMENT}`);
    return 0;
  }
  return fail(
    `the engines differ by more than ${AGREEMENT}, most at ${worst.stage}: ${relativeDifference(worst).toExponential(1)}`,
  );
}
