import type { Failure } from '../diagnostics/failure.js';
import type { FolderEvaluation } from '../evaluate/evaluate-folders.js';
import { classLegend, differenceLegend, reportPage } from '../view/html/report-page.js';
import type { ReportSection } from '../view/html/report-section.js';
import type { ClassTable } from '../view/viewed-image.js';
import { casesTable } from './case-table.js';
import { confusionTable, MOST_CONFUSED, meansTable, type PageOf, statisticsTable } from './class-tables.js';
import { measuredMetrics } from './evaluated-order.js';
import { evaluationNotes } from './evaluation-notes.js';
import { matchesTable, objectCasesTable, objectStatistics, qualityTable } from './object-tables.js';
import { histogramSection } from './score-histograms.js';

export interface EvaluationPage {
  readonly title: string;
  readonly facts: readonly (readonly [string, string])[];
  readonly notes: readonly string[];
  /** The names of the classes, the background first; none if objects are measured. */
  readonly classes: readonly string[];
  /** The indices of the cases, the worst first. */
  readonly order: readonly number[];
  /** HTML of the pictures of the worst cases. */
  readonly pictures: readonly string[];
  /** The classes that the pictures show. */
  readonly table: ClassTable | undefined;
  readonly pageOf: PageOf;
  /** How many cases have a page, and how large these are together. */
  readonly pages: number;
  readonly bytes: number;
}

function number(value: number | null | undefined): string {
  return value === null || value === undefined ? 'no value' : value.toFixed(4);
}

/** The numbers that most readers look for. */
function mainFacts({ summary, objects, parts }: FolderEvaluation): readonly (readonly [string, string])[] {
  if (objects) {
    return [
      ['Panoptic quality', number(objects.pooled.panoptic.pq)],
      ['Mean F1', number(objects.pooled.meanF1)],
    ];
  }
  // A mean over cases that were trained on and others would mislead.
  if (parts?.training || summary?.foreground.perCase.dice === undefined) return [];
  return [
    ['Mean Dice', number(summary.foreground.perCase.dice)],
    ['Pooled Dice', number(summary.foreground.pooled.dice)],
  ];
}

const PARTS = {
  training: 'Cases that the network was trained on',
  validation: 'Cases that chose the best epoch',
  new: 'Cases that the training did not have',
} as const;

function classSections(found: FolderEvaluation, { pageOf }: EvaluationPage): readonly ReportSection[] {
  const { summary, cases, parts } = found;
  if (!summary) return [];
  const metrics = measuredMetrics(cases);
  const details = `<details><summary>Median, worst and pooled values</summary>${statisticsTable(found, pageOf)}</details>`;
  const names = ['validation', 'new', 'training'] as const;
  return [
    {
      heading: `Classes: the means over ${summary.cases === 1 ? 'one case' : `${summary.cases.toLocaleString('en-US')} cases`}`,
      html: meansTable(summary, metrics, 'classes') + details,
    },
    ...names.flatMap((name) => {
      const own = parts?.[name];
      return own
        ? [{ heading: `${PARTS[name]} (${own.cases})`, html: meansTable(own, metrics, `classes-${name}`) }]
        : [];
    }),
  ];
}

function objectSections({ objects }: FolderEvaluation): readonly ReportSection[] {
  if (!objects) return [];
  return [
    { heading: 'Objects of all cases', html: qualityTable(objects.pooled) },
    { heading: 'Objects, case by case', html: objectStatistics(objects) },
    { heading: 'Matches of all cases', html: matchesTable(objects.pooled) },
  ];
}

function pageNote({ pages, bytes, order }: EvaluationPage): readonly string[] {
  if (pages >= order.length) return [];
  const count = order.length.toLocaleString('en-US');
  if (pages === 0) return ['No case has a page of its own.'];
  return [
    `The ${pages.toLocaleString('en-US')} worst of ${count} cases have a page, ${Math.ceil(bytes / 1e6)} MB together; --pages N writes more or fewer.`,
  ];
}

/** The report of an evaluation, as one HTML file. Fails if the installation lacks the script of its tables. */
export function evaluationPage(found: FolderEvaluation, page: EvaluationPage): string | Failure {
  const { title, facts, notes, order, pictures, table, pageOf, classes } = page;
  const cases = order.flatMap((index) => found.cases[index] ?? []);
  const confusion = found.summary?.confusion;
  const legend = table ? classLegend(table) + differenceLegend('truth', 'prediction', table.objects) : '';
  const isAll = pictures.length === cases.length;
  return reportPage({
    title,
    facts: [...facts, ...mainFacts(found)],
    sections: [
      ...classSections(found, page),
      ...histogramSection(found),
      ...objectSections(found),
      {
        heading: 'Cases, the worst first',
        html: found.objects ? objectCasesTable(cases, pageOf) : casesTable(cases, pageOf),
      },
      {
        heading: isAll ? 'Pictures, the worst first' : `The ${pictures.length} worst cases`,
        html: legend + pictures.join('\n'),
      },
      ...(confusion && classes.length <= MOST_CONFUSED
        ? [{ heading: 'Confusion matrix of all positions', html: confusionTable(confusion, classes) }]
        : []),
    ],
    notes: [
      ...notes,
      ...pageNote(page),
      ...evaluationNotes(found),
      ...(classes.length > MOST_CONFUSED
        ? [`The confusion matrix of ${classes.length} classes is in metrics.json.`]
        : []),
    ],
  });
}
