import { join } from 'node:path';
import { Failure } from '../diagnostics/failure.js';
import type { FoundCases, PredictCase } from '../predict/cases/find-cases.js';
import type { PredictModel } from '../predict/model/predict-model.js';
import type { CasePrediction } from '../predict/predict-case.js';
import { writeFileAtomically } from '../runtime/files/write-file.js';
import { elementCount, shapeText } from '../runtime/tensor.js';
import { classColour } from '../view/colours.js';
import { fittingPage } from '../view/html/fitting-page.js';
import { linkHtml, type PageLink } from '../view/html/link-list.js';
import { classLegend, reportPage } from '../view/html/report-page.js';
import { type SortableCell, sortableTable } from '../view/html/table.js';
import { readView } from '../view/read/read-view.js';
import type { ClassTable, ViewerContent } from '../view/viewed-image.js';
import { caseFigures } from './pages/case-pictures.js';
import { MOST_CASE_BYTES, PageBudget } from './pages/page-budget.js';
import { pageNames } from './pages/page-names.js';

/** What a report says of a case. */
interface ReportedCase extends PredictCase {
  /** The file of its labels. */
  readonly labels: string;
  /** (images, ...spatial), or without images where there is one. */
  readonly shape: readonly number[];
  readonly windows: string;
  /** How many positions each class has. */
  readonly counts: readonly number[];
  /** How many objects were numbered, if they were: then the labels are their numbers. */
  readonly objects: number | undefined;
  /** How unsure the labels are, by the name of the map: its mean over the image and over the foreground. */
  readonly uncertainties: readonly {
    readonly name: string;
    readonly mean: number;
    readonly foreground: number | null;
  }[];
  readonly notes: readonly string[];
  readonly seconds: { readonly model: number; readonly total: number };
}

/** So many cases are pictures in the report itself. */
const MOST_PICTURES = 60;
/** A page reads its image at once. */
const MOST_POSITIONS = 2 ** 26;
/** More classes have no column of their own. */
const MOST_CLASSES = 12;

/** A report of predictions: the cases are added one by one, and each is written as a page of its own. */
export class PredictionReport {
  private readonly names: string[];
  private readonly budget: PageBudget;
  private readonly cases: { readonly one: ReportedCase; readonly href: string | undefined }[] = [];
  private readonly pictures: string[] = [];
  private table: ClassTable | undefined;
  private unpictured = 0;
  private readonly failed: string[] = [];

  /** @param found all cases that will be added, in their order */
  constructor(
    private readonly folder: string,
    private readonly models: readonly PredictModel[],
    { cases }: FoundCases,
  ) {
    this.names = [...pageNames(cases.map(({ name }) => name))];
    this.budget = new PageBudget(cases.length, undefined);
  }

  /** Adds the next case. Fails if its files cannot be read any more, or its page cannot be written. */
  async add(
    { name, paths }: PredictCase,
    labels: string,
    { shape, windows, counts, objects, maps, notes, clock }: CasePrediction,
  ): Promise<Failure | undefined> {
    const one: ReportedCase = {
      ...{ name, paths, labels, shape, windows, counts, notes, seconds: clock.seconds },
      objects: objects && objects.values.length - 1,
      uncertainties: maps.flatMap(({ map, measures }) =>
        'mean' in measures ? [{ name: map.name, mean: measures.mean, foreground: measures.foreground }] : [],
      ),
    };
    const isShown = elementCount(one.shape) <= MOST_POSITIONS;
    const hasPage = isShown && this.budget.hasPage();
    const isPictured = isShown && this.pictures.length < MOST_PICTURES;
    const content = hasPage || isPictured ? await contentOf(one, this.models[0]) : undefined;
    if (content instanceof Failure) return content;
    const href = content && hasPage ? this.writePage(content) : undefined;
    if (href instanceof Failure) return href;
    if (content && isPictured) {
      if (!content.table.objects && content.table.classes.length > (this.table?.classes.length ?? 0)) {
        this.table = content.table;
      }
      this.pictures.push(caseFigures(content, href, shapeText(one.shape)));
    } else this.unpictured += 1;
    this.cases.push({ one, href });
    return undefined;
  }

  /** Leaves out the next case, which could not be predicted, and says why. */
  addFailed(name: string, reason: string): void {
    this.names.splice(this.cases.length, 1);
    this.failed.push(`${name} was not predicted: ${reason}`);
  }

  private writePage(content: ViewerContent): string | Failure {
    const place = this.cases.length;
    const linkTo = (name: string | undefined, text: string): readonly PageLink[] =>
      name === undefined ? [] : [{ text, href: `${encodeURIComponent(name)}.html` }];
    const hasBefore = this.cases[place - 1]?.href !== undefined;
    const fitting = fittingPage(content, MOST_CASE_BYTES, {
      links: [
        { text: 'All cases', href: '../report.html' },
        ...(hasBefore ? linkTo(this.names[place - 1], 'Case before') : []),
      ],
    });
    if (fitting instanceof Failure) return fitting;
    const bytes = new TextEncoder().encode(fitting.html);
    const name = `${this.names[place] ?? ''}.html`;
    const failed = writeFileAtomically(join(this.folder, 'cases', name), [bytes]);
    if (failed) return failed;
    this.budget.add(bytes.length);
    return `cases/${encodeURIComponent(name)}`;
  }

  /** Writes `report.html`, once all cases are added. Returns its path. */
  finish(): string | Failure {
    const html = reportPage({
      title: 'Predictions',
      facts: [
        ['Cases', this.cases.length.toLocaleString('en-US')],
        ...(this.failed.length > 0
          ? [['Not predicted', this.failed.length.toLocaleString('en-US')] as const]
          : []),
        [this.models.length === 1 ? 'Model' : 'Models', this.models.map(({ path }) => path).join(', ')],
        ['Seconds', this.cases.reduce((sum, { one }) => sum + one.seconds.total, 0).toFixed(1)],
      ],
      sections: [
        { heading: 'Cases', html: this.casesTable() },
        {
          heading: this.unpictured === 0 ? 'Pictures' : `Pictures of ${this.pictures.length} cases`,
          html: `${this.table ? classLegend(this.table) : ''}<div class="gallery">${this.pictures.join('\n')}</div>`,
        },
      ],
      notes: this.notes(),
    });
    if (html instanceof Failure) return html;
    const path = join(this.folder, 'report.html');
    return writeFileAtomically(path, [new TextEncoder().encode(html)]) ?? path;
  }

  private casesTable(): string {
    const classes = Math.max(...this.cases.map(({ one }) => one.counts.length), 0);
    const shown = classes - 1 <= MOST_CLASSES ? Array.from({ length: classes - 1 }, (_, k) => k + 1) : [];
    const names = this.models[0]?.classNames;
    // Each case has the same maps.
    const uncertainties = this.cases[0]?.one.uncertainties ?? [];
    const hasObjects = this.cases.some(({ one }) => one.objects !== undefined);
    const rows = this.cases.map(({ one, href }): SortableCell[] => {
      const total = one.counts.reduce((sum, count) => sum + count, 0);
      return [
        href === undefined ? one.name : { html: linkHtml({ text: one.name, href }) },
        shapeText(one.shape),
        ...shown.map((k) => (100 * (one.counts[k] ?? 0)) / total),
        ...(hasObjects ? [one.objects] : []),
        ...one.uncertainties.flatMap(({ mean, foreground }) => [mean, foreground ?? undefined]),
        one.seconds.total,
        one.seconds.model,
        one.windows,
        one.notes.join('; '),
      ];
    });
    return sortableTable({
      ...{ id: 'cases', caption: 'The predicted cases' },
      columns: [
        { name: 'Case' },
        { name: 'Size' },
        ...shown.map((k) => ({ name: `${names?.[k] ?? `Class ${k}`} in %`, decimals: 2 })),
        ...(hasObjects ? [{ name: 'Objects', decimals: 0 }] : []),
        ...uncertainties.flatMap(({ name }) => [
          { name: `Mean ${name}`, decimals: 4 },
          { name: `Mean ${name} of the foreground`, decimals: 4 },
        ]),
        { name: 'Seconds', decimals: 2 },
        { name: 'of the model', decimals: 2 },
        { name: 'Windows' },
        { name: 'Notes' },
      ],
      rows,
    });
  }

  private notes(): readonly string[] {
    const pages = this.cases.filter(({ href }) => href !== undefined).length;
    const count = this.cases.length.toLocaleString('en-US');
    return [
      ...this.failed,
      ...(pages < this.cases.length
        ? [`${pages.toLocaleString('en-US')} of ${count} cases have a page.`]
        : []),
      'Shares are those of all positions of a case.',
      ...(this.cases.some(({ one }) => one.uncertainties.length > 0)
        ? ['Uncertainties are in nats. The foreground is all positions with a label other than 0.']
        : []),
    ];
  }
}

/** A case with its labels over it. */
async function contentOf(
  one: ReportedCase,
  model: PredictModel | undefined,
): Promise<ViewerContent | Failure> {
  const [path = '', ...channels] = one.paths;
  const content = await readView(path, [one.labels], {
    channels,
    ...(model?.rank === 3 ? { as: 'volume' } : {}),
    names: new Map(model?.classNames?.map((name, k) => [String(k), name])),
  });
  if (content instanceof Failure) return content;
  const { table, masks } = content;
  return {
    ...content,
    title: one.name,
    masks: masks.map((mask) => ({ ...mask, name: one.objects === undefined ? 'labels' : 'objects' })),
    table:
      one.objects === undefined
        ? {
            objects: false,
            // A class has one colour in all cases.
            classes: table.classes.map((own) => ({ ...own, colour: classColour(Number(own.value)) })),
          }
        : { ...table, objects: true },
    facts: [...content.facts, ['Windows', one.windows], ['Seconds', one.seconds.total.toFixed(2)]],
    notes: [...one.notes.map((note) => `${note.charAt(0).toUpperCase()}${note.slice(1)}.`), ...content.notes],
  };
}
