import { isObject } from '../../weights/json-text.js';
import { isCountMetric, METRIC_NAMES, type MetricName } from '../metrics/requested-metrics.js';

/** A number that was measured: null where it was not, or has no value. A loss can be NaN or infinite. */
export type Measured = number | null;

/** What an epoch came to by a metric that the recipe asks for: see ClassValues. */
export interface RequestedRow {
  readonly byClass: readonly Measured[];
  readonly overall: Measured;
}

/** What an epoch came to. */
export interface EpochRow {
  /** From 1. */
  readonly epoch: number;
  /** Training steps since the beginning. */
  readonly step: number;
  readonly learningRate: number;
  readonly trainLoss: Measured;
  /** This and all scores are null without validation. */
  readonly validationLoss: Measured;
  /** Of the validation images, by class, the background first. */
  readonly dice: readonly Measured[];
  readonly iou: readonly Measured[];
  /** Over all classes. */
  readonly meanDice: Measured;
  readonly meanIou: Measured;
  /** Over all classes but the background. */
  readonly foregroundDice: Measured;
  readonly foregroundIou: Measured;
  /** Beyond Dice and IoU, by name: over the data set, distances the mean over the images. */
  readonly requested: Readonly<Partial<Record<MetricName, RequestedRow>>>;
  readonly seconds: number;
}

/** The best epoch so far by the metric that training goes by. */
export interface BestEpoch {
  readonly epoch: number;
  readonly value: number;
}

const numberKeys = ['epoch', 'step', 'learningRate', 'seconds'] as const;
const measuredKeys = [
  'trainLoss',
  'validationLoss',
  'meanDice',
  'meanIou',
  'foregroundDice',
  'foregroundIou',
] as const;
const listKeys = ['dice', 'iou'] as const;

/** JSON has no word for them. */
const wordsOf = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

/** For JSON.stringify: NaN and infinities as text. */
export function nonFiniteAsText(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function measured(value: unknown): Measured | undefined {
  if (value === null || typeof value === 'number') return value;
  return typeof value === 'string' ? wordsOf.get(value) : undefined;
}

function measuredList(value: unknown): Measured[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const read = value.map(measured).filter((one) => one !== undefined);
  return read.length === value.length ? read : undefined;
}

/** The entries that there are, in the order of METRIC_NAMES. */
function orderedRequests(requested: EpochRow['requested']): EpochRow['requested'] {
  const entries = METRIC_NAMES.flatMap((name) => {
    const row = requested[name];
    return row ? [[name, { byClass: row.byClass, overall: row.overall }] as const] : [];
  });
  return Object.fromEntries(entries);
}

/** The row with its keys in one order, whoever made it: equal rows are equal JSON. */
export function orderedRow(row: EpochRow): EpochRow {
  const { epoch, step, learningRate, trainLoss, validationLoss, dice, iou } = row;
  const { meanDice, meanIou, foregroundDice, foregroundIou, seconds } = row;
  return {
    ...{ epoch, step, learningRate, trainLoss, validationLoss, dice, iou },
    ...{ meanDice, meanIou, foregroundDice, foregroundIou },
    ...{ requested: orderedRequests(row.requested), seconds },
  };
}

function readRequests(json: unknown): EpochRow['requested'] | undefined {
  if (!isObject(json)) return undefined;
  const requested: Partial<Record<MetricName, RequestedRow>> = {};
  for (const [name, value] of Object.entries(json)) {
    const known = METRIC_NAMES.find((one) => one === name);
    const from: Record<string, unknown> = isObject(value) ? { ...value } : {};
    const [byClass, overall] = [measuredList(from.byClass), measured(from.overall)];
    if (!known || !byClass || overall === undefined) return undefined;
    requested[known] = { byClass, overall };
  }
  return requested;
}

/** A row from parsed JSON; undefined where it is none. */
export function readEpochRow(json: unknown): EpochRow | undefined {
  if (!isObject(json)) return undefined;
  const from: Record<string, unknown> = { ...json };
  const [epoch, step, learningRate, seconds] = numberKeys.map((key) => measured(from[key]) ?? undefined);
  const [trainLoss, validationLoss, meanDice, meanIou, foregroundDice, foregroundIou] = measuredKeys.map(
    (key) => measured(from[key]),
  );
  const [dice, iou] = listKeys.map((key) => measuredList(from[key]));
  const requested = readRequests(from.requested);
  if (epoch === undefined || step === undefined || learningRate === undefined || seconds === undefined) {
    return undefined;
  }
  if (trainLoss === undefined || validationLoss === undefined || !dice || !iou) return undefined;
  if (meanDice === undefined || meanIou === undefined) return undefined;
  if (foregroundDice === undefined || foregroundIou === undefined || !requested) return undefined;
  return orderedRow({
    ...{ epoch, step, learningRate, trainLoss, validationLoss, dice, iou },
    ...{ meanDice, meanIou, foregroundDice, foregroundIou, requested, seconds },
  });
}

/** A field of RFC 4180: quoted where it holds a comma, a quote or a line end. */
function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A column: its head, and its value in a row. */
type Column = readonly [string, (row: EpochRow) => Measured];

/** Of a metric that was asked for: by class, distances without the background, and the mean without it. */
function requestedColumns(name: MetricName, classes: readonly string[]): Column[] {
  if (name === 'accuracy') return [[name, ({ requested }) => requested[name]?.overall ?? null]];
  const each = classes.map(
    (label, k): Column => [`${name}_${label}`, ({ requested }) => requested[name]?.byClass[k] ?? null],
  );
  return [
    ...each.slice(isCountMetric(name) ? 0 : 1),
    [`foreground_${name}`, ({ requested }) => requested[name]?.overall ?? null],
  ];
}

/**
 * A line an epoch, and a head line (RFC 4180, with LF): empty where nothing was measured, otherwise the shortest
 * decimals that give the same number back. `names` are those of the metrics beyond Dice and IoU.
 */
export function epochsCsv(
  rows: readonly EpochRow[],
  classes: readonly string[],
  names: readonly MetricName[] = [],
): string {
  const columns: readonly Column[] = [
    ['epoch', (row) => row.epoch],
    ['step', (row) => row.step],
    ['learning_rate', (row) => row.learningRate],
    ['train_loss', (row) => row.trainLoss],
    ['validation_loss', (row) => row.validationLoss],
    ...classes.map((name, k): Column => [`dice_${name}`, (row) => row.dice[k] ?? null]),
    ...classes.map((name, k): Column => [`iou_${name}`, (row) => row.iou[k] ?? null]),
    ['mean_dice', (row) => row.meanDice],
    ['mean_iou', (row) => row.meanIou],
    ['foreground_dice', (row) => row.foregroundDice],
    ['foreground_iou', (row) => row.foregroundIou],
    ...names.flatMap((name) => requestedColumns(name, classes)),
    ['seconds', (row) => row.seconds],
  ];
  const lines = rows.map((row) => columns.map(([, measure]) => measure(row)));
  const texts = [
    columns.map(([head]) => head),
    ...lines.map((line) => line.map((value) => (value === null ? '' : String(value)))),
  ];
  return texts.map((line) => `${line.map(csvField).join(',')}\n`).join('');
}

/** The same rows as JSON, with what is needed to read them; NaN and infinities are text. */
export function epochsJson(
  rows: readonly EpochRow[],
  classes: readonly string[],
  best: BestEpoch | undefined,
  conventions: readonly string[],
): string {
  const whole = { classes, conventions, best: best ?? null, epochs: rows.map(orderedRow) };
  return `${JSON.stringify(whole, nonFiniteAsText, 2)}\n`;
}
