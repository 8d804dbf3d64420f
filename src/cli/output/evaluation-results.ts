import { join } from 'node:path';
import { Failure } from '../../diagnostics/failure.js';
import { type FolderEvaluation, type MeasureOptions, measureCases } from '../../evaluate/evaluate-folders.js';
import type { OpenEvaluation } from '../../evaluate/open-evaluation.js';
import { type EvaluationReport, writeEvaluationReport } from '../../report/evaluation-report.js';
import { writeFilesAtomically } from '../../runtime/files/write-file.js';
import type { Outcome } from '../command.js';
import { evaluationCsv, evaluationLines } from './evaluation-text.js';
import { countText, print, printJson } from './output.js';
import { ProgressBar } from './progress.js';

/** Where the results of an evaluation go. */
export interface EvaluationOutput {
  /** The folder of the report and the files; none when left out. */
  readonly folder: string | undefined;
  readonly json: boolean;
}

/** Measures all cases, writes what is asked for, and prints it. */
export async function measureAndReport(
  opened: OpenEvaluation,
  { folder, json }: EvaluationOutput,
  options: MeasureOptions,
  report: EvaluationReport,
): Promise<Outcome> {
  const progress = new ProgressBar('measuring', 'images');
  const found = await measureCases(opened, {
    ...options,
    onProgress: (done, all) => progress.update(done, all),
  });
  progress.end();
  if (found instanceof Failure) return found;
  const written = folder === undefined ? [] : await writeResults(folder, opened, found, report);
  if (written instanceof Failure) return written;
  if (json) printJson(found);
  else print([...evaluationLines(found), ...written].join('\n'));
  return 0;
}

/** Writes the metrics and the report; what was written, a line each. */
async function writeResults(
  folder: string,
  opened: OpenEvaluation,
  found: FolderEvaluation,
  report: EvaluationReport,
): Promise<readonly string[] | Failure> {
  const [json, csv] = [join(folder, 'metrics.json'), join(folder, 'metrics.csv')];
  const failed = writeFilesAtomically([
    { path: json, chunks: [Buffer.from(`${JSON.stringify(found, undefined, 2)}\n`)] },
    { path: csv, chunks: [Buffer.from(evaluationCsv(found))] },
  ]);
  if (failed) return failed;
  const progress = new ProgressBar('writing pages', 'cases');
  const written = await writeEvaluationReport(folder, opened, found, {
    ...report,
    onProgress: (done, all) => progress.update(done, all),
  });
  progress.end();
  if (written instanceof Failure) return written;
  const { path, pages, bytes } = written;
  const counted = pages === 1 ? 'the page of one case' : `the pages of ${countText(pages)} cases`;
  const size = `${(Math.ceil(bytes / 1e5) / 10).toFixed(1)} MB`;
  return [json, csv, pages === 0 ? path : `${path} and ${counted}, ${size}`].map((one) => `wrote ${one}`);
}
