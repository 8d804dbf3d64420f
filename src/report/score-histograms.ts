import { countedText } from '../diagnostics/wording.js';
import type { FolderEvaluation } from '../evaluate/evaluate-folders.js';
import type { ClassMetric } from '../metrics/metric-names.js';
import { escapeHtml } from '../view/html/escape.js';
import type { ReportSection } from '../view/html/report-section.js';
import { measuredMetrics } from './evaluated-order.js';
import { orderingMetric, TABLE_TITLES } from './metric-titles.js';

/** Bars of a histogram, of equal width from 0 to 1. */
const BARS = 20;
const [WIDTH, HEIGHT] = [240, 72];
/** Fewer cases are read in the table, and of more classes nobody compares the pictures. */
const [FEWEST_CASES, MOST_CLASSES] = [8, 8];
/** Metrics whose values lie between 0 and 1. */
const PARTS: readonly ClassMetric[] = ['dice', 'iou', 'nsd', 'boundary_iou', 'recall', 'precision'];

/** How many of the values, each from 0 to 1, lie within each bar; 1 is in the last. */
export function barCounts(values: readonly number[]): readonly number[] {
  const counts = new Array<number>(BARS).fill(0);
  for (const value of values) {
    const bar = Math.min(BARS - 1, Math.floor(value * BARS));
    counts[bar] = (counts[bar] ?? 0) + 1;
  }
  return counts;
}

function histogram(name: string, metric: ClassMetric, values: readonly number[]): string {
  const counts = barCounts(values);
  const most = Math.max(1, ...counts);
  const step = WIDTH / BARS;
  const bars = counts.map((count, bar) => {
    // A single case of a thousand is still to be seen.
    const height = count === 0 ? 0 : Math.max(2, Math.round((HEIGHT * count) / most));
    const range = `${(bar / BARS).toFixed(2)} to ${((bar + 1) / BARS).toFixed(2)}`;
    return (
      `<rect x="${bar * step + 1}" y="${HEIGHT - height}" width="${step - 2}" height="${height}">` +
      `<title>${range}: ${count}</title></rect>`
    );
  });
  const marks = [0, 0.5, 1].map(
    (value, i) =>
      `<text x="${value * WIDTH}" y="${HEIGHT + 16}" text-anchor="${['start', 'middle', 'end'][i]}">${value}</text>`,
  );
  const label = `${TABLE_TITLES[metric]} of ${name}: how many of ${values.length} cases have which value`;
  return (
    `<figure><svg class="bars" viewBox="0 0 ${WIDTH} ${HEIGHT + 20}" width="${WIDTH}" height="${HEIGHT + 20}" role="img" ` +
    `aria-label="${escapeHtml(label)}">${bars.join('')}<path d="M0 ${HEIGHT + 0.5}H${WIDTH}"/>${marks.join('')}</svg>` +
    `<figcaption>${escapeHtml(name)}: ${countedText(values.length, 'case')}, ${most} in the highest bar</figcaption></figure>`
  );
}

/** How the cases lie between 0 and 1, class by class; nothing where a table tells it as well. */
export function histogramSection({ cases, summary }: FolderEvaluation): readonly ReportSection[] {
  const metric = orderingMetric(measuredMetrics(cases));
  const classes = (summary?.classes ?? []).flatMap(({ name, background }, index) =>
    background ? [] : [{ name, index }],
  );
  if (!PARTS.includes(metric) || cases.length < FEWEST_CASES || classes.length > MOST_CLASSES) return [];
  const figures = classes.flatMap(({ name, index }) => {
    const values = cases.flatMap(({ metrics }) => metrics?.classes[index]?.values[metric] ?? []);
    return values.length === 0 ? [] : [histogram(name, metric, values)];
  });
  if (figures.length === 0) return [];
  const html = `<div class="figures">${figures.join('')}</div>`;
  return [{ heading: `${TABLE_TITLES[metric]} of the cases`, html }];
}
