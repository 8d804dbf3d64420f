import { isObject } from '../../weights/json-text.js';
import { isCountMetric, METRIC_NAMES, type MetricName } from '../metrics/requested-metrics.js';

/** A measured number; null if it was not measured, or has no value. A loss can be NaN or infinite. */
export type Measured = number | null;

/** The values of a metric that the recipe lists, in one epoch: see ClassValues. */
export interface RequestedRow {
  readonly byClass: readonly Measured[];
  readonly overall: Measured;
}

/** The results of an epoch. */
export interface EpochRow {
  /** From 1. */
  readonly epoch: number;
  /** Training steps since the start. */
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
  /** Metrics besides Dice and IoU, by name: over the data set, or for distances the mean over the images. */
  readonly requested: Readonly<Partial<Record<MetricName, RequestedRow>>>;
  readonly seconds: number;
}

/** The best epoch so far: see bestBy. */
export interface BestEpoch {
  readonly epoch: number;
  readonly value: number;
  /** What the value is, while no epoch has a Dice above 0; a Dice when left out. */
  readonly by?: 'validation loss';
}

/** The best epoch from parsed JSON; undefined if it is damaged. */
export function readBestEpoch(json: unknown): BestEpoch | undefined {
  const { epoch, value, by }: Record<string, unknown> = isObject(json) ? { ...json } : {};
  if (typeof epoch !== 'number' || typeof value !== 'number') return undefined;
  return { epoch, value, ...(by === 'validation loss' ? { by } : {}) };
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

/** Numbers that JSON cannot write. */
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

/** The entries, in the order of METRIC_NAMES. */
function orderedRequests(requested: EpochRow['requested']): EpochRow['requested'] {
  const entries = METRIC_NAMES.flatMap((name) => {
    const row = requested[name];
    return row ? [[name, { byClass: row.byClass, overall: row.overall }] as const] : [];
  });
  return Object.fromEntries(entries);
}

/** The row with its keys in a fixed order, so that equal rows have equal JSON. */
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

/** A row from parsed JSON; undefined if it is damaged. */
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

/** A field of RFC 4180: quoted if it contains a comma, a quote or a line end. */
function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A column: its name, and its value in a row. */
type Column = readonly [string, (row: EpochRow) => Measured];

/** The columns of a metric that the recipe lists: one per class (distances without the background), and the mean without the background. */
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
 * A header, and one line per epoch (RFC 4180, with LF). A field is empty if nothing was measured; otherwise it has the
 * shortest decimals that give the same number. `names` are the metrics besides Dice and IoU.
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
    columns.map(([name]) => name),
    ...lines.map((line) => line.map((value) => (value === null ? '' : String(value)))),
  ];
  return texts.map((line) => `${line.map(csvField).join(',')}\n`).join('');
}

/** The same rows as JSON, with the conventions of the metrics; NaN and infinities are text. */
export function epochsJson(
  rows: readonly EpochRow[],
  classes: readonly string[],
  best: BestEpoch | undefined,
  conventions: readonly string[],
): string {
  const whole = { classes, conventions, best: best ?? null, epochs: rows.map(orderedRow) };
  return `${JSON.stringify(whole, nonFiniteAsText, 2)}\n`;
}
