import { type ScaleContinuousNumeric, scaleLinear, scaleLog } from 'd3-scale';
import { line } from 'd3-shape';
import { escapeXml } from '../../draw/svg/svg.js';
import { fitText } from '../../draw/svg/text-metrics.js';
import {
  isCountMetric,
  METRIC_TITLES,
  type MetricName,
  NOTHING_REQUESTED,
  type RequestedMetrics,
} from '../metrics/requested-metrics.js';
import { COLOURS, curvePalettes, dashOf } from './curves-palette.js';
import type { BestEpoch, EpochRow, Measured } from './run-folder-epochs.js';

const WIDTH = 900;
const LEFT = 64;
const RIGHT = 660;
const LEGEND = 684;
const TOP = 56;
const PANEL = 200;
/** From the bottom of a panel to the top of the next. */
const BETWEEN = 62;
const ROW = 17;

/** One line of a panel. */
interface Series {
  readonly name: string;
  /** The name of its class in the style sheet. */
  readonly look: string;
  readonly dash: string;
  readonly values: readonly Measured[];
}

interface Panel {
  readonly title: string;
  readonly series: readonly Series[];
  readonly scale: Scale;
}

type Scale = ScaleContinuousNumeric<number, number>;

const round = (value: number) => String(Math.round(value * 10) / 10 + 0);

/** Maps epochs to the x axis, from the first to the last. */
function epochScale(rows: readonly EpochRow[]): Scale {
  const [first, last] = [rows[0]?.epoch ?? 1, rows.at(-1)?.epoch ?? 1];
  // A single epoch lies in the middle.
  const margin = first === last ? 0.5 : 0;
  return scaleLinear()
    .domain([first - margin, last + margin])
    .range([LEFT, RIGHT]);
}

function finiteValues(series: readonly Series[]): number[] {
  return series.flatMap(({ values }) => values.filter((value) => Number.isFinite(value))).map(Number);
}

/** A linear scale from 0; logarithmic if the largest loss is 50 times the least, and none is 0 or below. */
function lossScale(series: readonly Series[]): Scale {
  const known = finiteValues(series);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  if (known.length === 0) return scaleLinear().domain([0, 1]);
  if (least > 0 && most > 50 * least) return scaleLog().domain([least, most]).nice();
  const low = Math.min(0, least);
  return scaleLinear()
    .domain([low, most > low ? most : low + 1])
    .nice(5);
}

/** One curve per class, and with several foreground classes their mean, which is drawn on top. */
function classSeries(
  classes: readonly string[],
  rows: readonly EpochRow[],
  byClass: (row: EpochRow) => readonly Measured[],
  foreground: (row: EpochRow) => Measured,
): Series[] {
  const each = classes.map((name, k) => ({
    name,
    look: `s${k % COLOURS}`,
    dash: dashOf(k),
    values: rows.map((row) => byClass(row)[k] ?? null),
  }));
  if (classes.length < 3) return each;
  const values = rows.map(foreground);
  return [...each, { name: 'foreground mean', look: 'mean', dash: '', values }];
}

/** The curves of a metric that the recipe lists. Distances have no curve for the background. */
function requestedPanel(
  name: MetricName,
  unit: string,
  classes: readonly string[],
  rows: readonly EpochRow[],
): Panel {
  const overall = ({ requested }: EpochRow) => requested[name]?.overall ?? null;
  const unitScale = scaleLinear().domain([0, 1]);
  if (name === 'accuracy') {
    const series = [{ name: 'all classes', look: 'mean', dash: '', values: rows.map(overall) }];
    return { title: METRIC_TITLES[name], series, scale: unitScale };
  }
  const series = classSeries(classes, rows, ({ requested }) => requested[name]?.byClass ?? [], overall);
  if (isCountMetric(name)) return { title: METRIC_TITLES[name], series, scale: unitScale };
  const most = Math.max(0, ...finiteValues(series));
  const scale = scaleLinear()
    .domain([0, most > 0 ? most : 1])
    .nice(5);
  return { title: `${METRIC_TITLES[name]} (${unit})`, series: series.slice(1), scale };
}

/** A number on an axis: no more digits than needed, and powers of ten for very small and large numbers. */
function tickText(value: number): string {
  const text = String(Number(value.toPrecision(6)));
  return Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-3)
    ? value.toExponential().replace('e+', 'e')
    : text;
}

/** The ticks of a scale; of a logarithmic scale only the powers of ten, if there are enough. */
function ticksOf(scale: Scale): number[] {
  const ticks = scale.ticks(5);
  const powers = ticks.filter((tick) => Math.abs(Math.log10(tick) - Math.round(Math.log10(tick))) < 1e-9);
  return ticks.length > 7 && powers.length > 1 ? powers : ticks;
}

/**
 * The drawing of a series. Epochs without a value are skipped; a value that is NaN or infinite leaves a gap. Points without a
 * line, and all points of a short series, are dots.
 */
function seriesSvg({ look, dash, values }: Series, rows: readonly EpochRow[], x: Scale, y: Scale): string[] {
  const points = values.flatMap((value, i): [number, number][] =>
    value === null ? [] : [[x(rows[i]?.epoch ?? 0), Number.isFinite(value) ? y(value) : Number.NaN]],
  );
  const isPoint = (point: readonly [number, number] | undefined) =>
    point !== undefined && !Number.isNaN(point[1]);
  const path = line<[number, number]>().defined(isPoint).digits(1)(points);
  const dotted = values.length <= 30;
  const dots = points.filter(
    (point, i) => isPoint(point) && (dotted || !(isPoint(points[i - 1]) || isPoint(points[i + 1]))),
  );
  const dashed = dash === '' ? '' : ` stroke-dasharray="${dash}"`;
  return [
    ...(path ? [`<path class="line ${look}"${dashed} d="${path}"/>`] : []),
    ...dots.map(([cx, cy]) => `<circle class="${look}-dot" cx="${round(cx)}" cy="${round(cy)}" r="2.4"/>`),
  ];
}

function legendSvg(series: readonly Series[], top: number): string[] {
  return series.map(({ name, look, dash }, i) => {
    const y = top + 6 + i * ROW;
    const dashed = dash === '' ? '' : ` stroke-dasharray="${dash}"`;
    const sample = `<path class="line ${look}"${dashed} d="M${LEGEND} ${y}h28"/>`;
    return `${sample}<text class="note" x="${LEGEND + 36}" y="${y + 4}">${escapeXml(fitText(name, 'note', WIDTH - LEGEND - 48))}</text>`;
  });
}

function panelSvg(
  { title, series, scale }: Panel,
  rows: readonly EpochRow[],
  x: Scale,
  top: number,
  best: BestEpoch | undefined,
): string[] {
  const bottom = top + PANEL;
  const y = scale.copy().range([bottom, top]);
  const across = ticksOf(y).flatMap((tick) => {
    const at = round(y(tick));
    return [
      `<path class="grid" d="M${LEFT} ${at}H${RIGHT}"/>`,
      `<text class="tick" x="${LEFT - 8}" y="${round(y(tick) + 4)}" text-anchor="end">${tickText(tick)}</text>`,
    ];
  });
  const epochs = x.ticks(Math.min(10, rows.length)).filter(Number.isInteger);
  const down = epochs.map(
    (epoch) =>
      `<path class="axis" d="M${round(x(epoch))} ${bottom}v5"/><text class="tick" x="${round(x(epoch))}" y="${bottom + 18}" text-anchor="middle">${epoch}</text>`,
  );
  const marked = best && rows.some(({ epoch }) => epoch === best.epoch);
  return [
    `<text class="panel" x="${LEFT}" y="${top - 12}">${escapeXml(title)}</text>`,
    ...across,
    `<path class="axis" d="M${LEFT} ${bottom}H${RIGHT}"/>`,
    ...down,
    `<text class="tick" x="${RIGHT}" y="${bottom + 34}" text-anchor="end">epoch</text>`,
    ...(marked ? [`<path class="best" d="M${round(x(best.epoch))} ${top}V${bottom}"/>`] : []),
    ...series.flatMap((one) => seriesSvg(one, rows, x, y)),
    ...legendSvg(series, top),
  ];
}

function colours(palette: (typeof curvePalettes)['light' | 'dark']): string {
  const looks = [
    ...palette.lines.map((colour, i) => [`s${i}`, colour] as const),
    ['mean', palette.text] as const,
  ];
  return [
    `.unet-curves .page{fill:${palette.page}}`,
    `.unet-curves text{fill:${palette.text}}`,
    `.unet-curves .tick{fill:${palette.muted}}`,
    `.unet-curves .grid{stroke:${palette.grid}}`,
    `.unet-curves .axis,.unet-curves .best{stroke:${palette.muted}}`,
    ...looks.map(
      ([look, colour]) => `.unet-curves .${look}{stroke:${colour}}.unet-curves .${look}-dot{fill:${colour}}`,
    ),
  ].join('\n');
}

const STYLE = [
  '.unet-curves text{font-family:"Helvetica Neue",Helvetica,Arial,"Liberation Sans",sans-serif;font-size:12px}',
  '.unet-curves .title{font-size:18px;font-weight:700}',
  '.unet-curves .panel{font-size:14px;font-weight:700}',
  '.unet-curves .tick{font-size:11px}',
  '.unet-curves .grid,.unet-curves .axis{fill:none;stroke-width:1}',
  '.unet-curves .best{fill:none;stroke-width:1;stroke-dasharray:3 3}',
  '.unet-curves .line{fill:none;stroke-width:1.6;stroke-linejoin:round}',
  '.unet-curves .line.mean{stroke-width:2.6}',
  colours(curvePalettes.light),
  `@media (prefers-color-scheme:dark){\n${colours(curvePalettes.dark)}\n}`,
].join('\n');

/** Whether there are epochs, and none of them was validated. */
function isWithoutValidation(rows: readonly EpochRow[]): boolean {
  return rows.length > 0 && rows.every(({ validationLoss }) => validationLoss === null);
}

/**
 * The curves of a training as a self-contained SVG document: losses, Dice, IoU and the metrics that the recipe lists, over
 * the epochs; without validation, only the loss. Its colours follow the light or dark setting of the reader's system. Equal
 * inputs give equal bytes. `classes` are names, the background first.
 */
export function drawCurves(
  title: string,
  classes: readonly string[],
  rows: readonly EpochRow[],
  best: BestEpoch | undefined,
  { names, unit: lengthUnit }: RequestedMetrics = NOTHING_REQUESTED,
): string {
  const training = { name: 'training', look: 's0', dash: '', values: rows.map((row) => row.trainLoss) };
  const validation = {
    ...{ name: 'validation', look: 's1', dash: '' },
    values: rows.map((row) => row.validationLoss),
  };
  const isValidated = !isWithoutValidation(rows);
  const losses = isValidated ? [training, validation] : [training];
  const unit = scaleLinear().domain([0, 1]);
  const lossAxis = lossScale(losses);
  const isLog = 'base' in lossAxis;
  const scores: Panel[] = [
    {
      title: 'Dice',
      series: classSeries(
        classes,
        rows,
        ({ dice }) => dice,
        ({ foregroundDice }) => foregroundDice,
      ),
      scale: unit,
    },
    {
      title: 'IoU',
      series: classSeries(
        classes,
        rows,
        ({ iou }) => iou,
        ({ foregroundIou }) => foregroundIou,
      ),
      scale: unit,
    },
    ...names.map((name) => requestedPanel(name, lengthUnit, classes, rows)),
  ];
  const panels: Panel[] = [
    { title: isLog ? 'Loss (logarithmic)' : 'Loss', series: losses, scale: lossAxis },
    ...(isValidated ? scores : []),
  ];
  const titles = ['Loss', 'Dice', 'IoU', ...names.map((name) => METRIC_TITLES[name])];
  const shown = isValidated ? `${titles.slice(0, -1).join(', ')} and ${titles.at(-1)}` : 'Loss';
  const x = epochScale(rows);
  const parts: string[] = [];
  let top = TOP + 34;
  for (const panel of panels) {
    parts.push(...panelSvg(panel, rows, x, top, best));
    top += Math.max(PANEL, panel.series.length * ROW) + BETWEEN;
  }
  const height = top - 16;
  const subtitle = best
    ? `${rows.length} ${rows.length === 1 ? 'epoch' : 'epochs'}; the dashed line is the best, epoch ${best.epoch}`
    : `${rows.length} ${rows.length === 1 ? 'epoch' : 'epochs'}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="unet-curves" role="img" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}">`,
    `<title>${escapeXml(title)}</title>`,
    `<desc>${shown} of ${subtitle}</desc>`,
    `<style>\n${STYLE}\n</style>`,
    `<rect class="page" width="${WIDTH}" height="${height}"/>`,
    `<text class="title" x="${LEFT}" y="28">${escapeXml(fitText(title, 'title', WIDTH - LEFT - 20))}</text>`,
    `<text class="tick" x="${LEFT}" y="46">${subtitle}</text>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}
