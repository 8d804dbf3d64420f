import { countedText, listText } from '../diagnostics/wording.js';
import type { FolderEvaluation } from '../evaluate/evaluate-folders.js';
import { isDistance } from '../metrics/metric-names.js';
import type { ClassSummary } from '../metrics/summarize.js';
import { measuredMetrics } from './evaluated-order.js';

function countIn(count: number, total: number): string {
  return `${count.toLocaleString('en-US')} of ${countedText(total, 'case')}`;
}

/** What the empty masks of a class do to its numbers. */
function classNotes({ name, presence }: ClassSummary, hasDistances: boolean): readonly string[] {
  const { both, truth, prediction, neither } = presence;
  const total = both + truth + prediction + neither;
  if (neither === total) {
    return [`No mask and no prediction has ${name}: it has no value, and no mean includes it.`];
  }
  const notes: string[] = [];
  const distances = hasDistances ? ', and its distances as the diagonal of the image' : '';
  if (truth > 0 && both === 0 && prediction === 0) {
    notes.push(`No prediction has ${name}, which is in the truth of ${countIn(truth, total)}.`);
  }
  if (truth > 0) {
    notes.push(
      `In ${countIn(truth, total)}, ${name} is in the truth alone: its overlap counts as 0${distances}.`,
    );
  }
  if (prediction > 0) {
    notes.push(
      `In ${countIn(prediction, total)}, ${name} is in the prediction alone: its overlap counts as 0${distances}.`,
    );
  }
  if (neither > 0) {
    notes.push(`In ${countIn(neither, total)}, ${name} is in neither mask: its means leave them out.`);
  }
  return notes;
}

/** Sentences on how the numbers are to be read. */
export function evaluationNotes({ cases, summary, unit }: FolderEvaluation): readonly string[] {
  if (!summary) {
    return [
      'Objects match one to one, above the stated IoU. A case without a true and a predicted object has no value.',
    ];
  }
  const metrics = measuredMetrics(cases);
  const hasDistances = metrics.some(isDistance);
  const positions = cases.reduce(
    (sum, { metrics: own }) => sum + (own?.shape.reduce((product, size) => product * size, 1) ?? 0),
    0,
  );
  const unlabelled = positions - cases.reduce((sum, { metrics: own }) => sum + (own?.labelled ?? 0), 0);
  const absent = summary.classes.filter(
    ({ background, presence }) => !background && presence.neither < summary.cases,
  );
  return [
    ...(absent.length > 1
      ? [
          `The mean of the foreground is the mean over ${listText(
            absent.map(({ name }) => name),
            'and',
          )}.`,
        ]
      : []),
    'Pooled values come from the counts of all cases together; the others are measured case by case.',
    ...(hasDistances ? [`Distances are in ${unit}.`] : []),
    ...summary.classes
      .filter(({ background }) => !background)
      .flatMap((one) => classNotes(one, hasDistances)),
    ...(unlabelled > 0
      ? [
          `Nobody labelled ${unlabelled.toLocaleString('en-US')} of ${positions.toLocaleString('en-US')} positions: they count in no metric.`,
        ]
      : []),
  ];
}
