import { join } from 'node:path';
import type { Sample } from '../data/samples/sample.js';
import { Failure } from '../diagnostics/failure.js';
import type { EvaluatedCase, FolderEvaluation } from '../evaluate/evaluate-folders.js';
import { type OpenEvaluation, readCase } from '../evaluate/open-evaluation.js';
import { writeFileAtomically } from '../runtime/files/write-file.js';
import { fittingPage } from '../view/html/fitting-page.js';
import type { PageLink } from '../view/html/link-list.js';
import type { ViewerContent } from '../view/viewed-image.js';
import { caseCaption, caseFacts, caseSections } from './case-sections.js';
import { worstFirst } from './evaluated-order.js';
import { evaluationPage } from './evaluation-page.js';
import { caseContent } from './pages/case-content.js';
import { classMasks, objectMasks } from './pages/case-masks.js';
import { caseFigures } from './pages/case-pictures.js';
import { MOST_CASE_BYTES, PageBudget } from './pages/page-budget.js';
import { pageNames } from './pages/page-names.js';

/** So many of the worst cases are pictures in the report itself. */
export const WORST_CASES = 12;

export interface EvaluationReport {
  readonly title: string;
  /** Names and values that stand below the title. */
  readonly facts: readonly (readonly [string, string])[];
  /** Sentences at the end, before those on the numbers. */
  readonly notes: readonly string[];
  /** The image of each case, in the order of the cases; without one, the masks are shown alone. */
  readonly images: readonly (Sample | undefined)[];
  /** How many of the worst cases have a page; as many as have 500 MB together when left out. */
  readonly pages?: number | undefined;
  readonly onProgress?: (done: number, total: number) => void;
}

/** What a report consists of. */
export interface WrittenReport {
  readonly path: string;
  readonly pages: number;
  /** Of the pages of cases. */
  readonly bytes: number;
}

/**
 * Writes `report.html`, and a page for each case, the worst first, into `cases/`. One case at a time is in memory.
 *
 * @param found what was measured of the evaluation
 */
export async function writeEvaluationReport(
  folder: string,
  evaluation: OpenEvaluation,
  found: FolderEvaluation,
  report: EvaluationReport,
): Promise<WrittenReport | Failure> {
  const { cases } = found;
  const order = worstFirst(cases);
  const names = pageNames(cases.map(({ name }) => name));
  const budget = new PageBudget(cases.length, report.pages);
  const linkOf = (place: number, text: string): readonly PageLink[] => {
    const name = names[order[place] ?? -1];
    return name === undefined ? [] : [{ text, href: `${encodeURIComponent(name)}.html` }];
  };
  const hrefs = new Map<EvaluatedCase, string>();
  const pictures: string[] = [];
  let table: ViewerContent['table'] | undefined;
  for (const [place, index] of order.entries()) {
    const hasPage = budget.hasPage();
    const isPictured = place < WORST_CASES;
    if (!hasPage && !isPictured) break;
    const one = cases[index];
    if (!one) throw new Error('each index of the order is that of a case');
    const facts = caseFacts(one, place, found);
    const content = await contentOf(evaluation, index, report.images[index], facts);
    if (content instanceof Failure) return content;
    if (hasPage) {
      const links = [
        { text: 'All cases', href: '../report.html' },
        ...(place > 0 ? linkOf(place - 1, 'Worse case') : []),
        ...(budget.hasPage(1) ? linkOf(place + 1, 'Better case') : []),
      ];
      const fitting = fittingPage(content, MOST_CASE_BYTES, { links, sections: caseSections(one, found) });
      if (fitting instanceof Failure) return fitting;
      const bytes = new TextEncoder().encode(fitting.html);
      const name = `${names[index]}.html`;
      const failed = writeFileAtomically(join(folder, 'cases', name), [bytes]);
      if (failed) return failed;
      budget.add(bytes.length);
      hrefs.set(one, `cases/${encodeURIComponent(name)}`);
    }
    if (isPictured) {
      table ??= content.table;
      pictures.push(caseFigures(content, hrefs.get(one), caseCaption(one, found)));
    }
    report.onProgress?.(place + 1, cases.length);
  }
  const html = evaluationPage(found, {
    ...{ title: report.title, facts: report.facts, notes: report.notes },
    ...{ order, pictures, table, pages: budget.pages, bytes: budget.totalBytes },
    classes: evaluation.maps?.classes.map(({ name }) => name) ?? [],
    pageOf: (one) => hrefs.get(one),
  });
  if (html instanceof Failure) return html;
  const path = join(folder, 'report.html');
  const failed = writeFileAtomically(path, [new TextEncoder().encode(html)]);
  return failed ?? { path, pages: budget.pages, bytes: budget.totalBytes };
}

async function contentOf(
  evaluation: OpenEvaluation,
  index: number,
  image: Sample | undefined,
  facts: readonly (readonly [string, string])[],
): Promise<ViewerContent | Failure> {
  const [truth, prediction] = [evaluation.truths[index], evaluation.predictions[index]];
  if (!truth || !prediction) throw new Error('each case has a truth and a prediction');
  const labels = await readCase(evaluation, index);
  if (!('kind' in labels)) {
    // They were read before: a file that cannot be read now has changed.
    const [failed] = labels;
    if (failed) return failed;
    throw new Error('a case that cannot be read has a failure');
  }
  const names = evaluation.maps?.classes.map(({ name }) => name) ?? [];
  const masks =
    labels.kind === 'objects'
      ? objectMasks(labels.truth, labels.predicted)
      : classMasks(labels.truth, labels.predicted, names);
  const { spatial } = truth;
  return caseContent({
    title: truth.name,
    image: image && { paths: image.images, part: image.part.image, spatial },
    mask: { paths: [prediction.mask], part: prediction.part.mask, spatial },
    masks,
    facts,
  });
}
