import { isObject } from '../../codegen/weights/json-text.js';

/** A number that was measured: null where it was not, or has no value. A loss can be NaN or infinite. */
export type Measured = number | null;

/** What an epoch came to. */
export interface EpochRow {
  /** From 1. */
  readonly epoch: number;
  /** Training steps since the beginning. */
  readonly step: number;
  readonly learningRate: number;
  readonly trainLoss: Measured;
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

/** The row with its keys in one order, whoever made it: equal rows are equal JSON. */
export function orderedRow(row: EpochRow): EpochRow {
  const { epoch, step, learningRate, trainLoss, validationLoss, dice, iou } = row;
  const { meanDice, meanIou, foregroundDice, foregroundIou, seconds } = row;
  return {
    ...{ epoch, step, learningRate, trainLoss, validationLoss, dice, iou },
    ...{ meanDice, meanIou, foregroundDice, foregroundIou, seconds },
  };
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
  if (epoch === undefined || step === undefined || learningRate === undefined || seconds === undefined) {
    return undefined;
  }
  if (trainLoss === undefined || validationLoss === undefined || !dice || !iou) return undefined;
  if (meanDice === undefined || meanIou === undefined) return undefined;
  if (foregroundDice === undefined || foregroundIou === undefined) return undefined;
  return orderedRow({
    ...{ epoch, step, learningRate, trainLoss, validationLoss, dice, iou },
    ...{ meanDice, meanIou, foregroundDice, foregroundIou, seconds },
  });
}

/** A field of RFC 4180: quoted where it holds a comma, a quote or a line end. */
function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A line an epoch, and a head line (RFC 4180, with LF): empty where nothing was measured, otherwise the shortest
 * decimals that give the same number back.
 */
export function epochsCsv(rows: readonly EpochRow[], classes: readonly string[]): string {
  const head = [
    ...['epoch', 'step', 'learning_rate', 'train_loss', 'validation_loss'],
    ...classes.map((name) => `dice_${name}`),
    ...classes.map((name) => `iou_${name}`),
    ...['mean_dice', 'mean_iou', 'foreground_dice', 'foreground_iou', 'seconds'],
  ];
  const lines = rows.map((row) => [
    ...[row.epoch, row.step, row.learningRate, row.trainLoss, row.validationLoss],
    ...classes.map((_, k) => row.dice[k] ?? null),
    ...classes.map((_, k) => row.iou[k] ?? null),
    ...[row.meanDice, row.meanIou, row.foregroundDice, row.foregroundIou, row.seconds],
  ]);
  const texts = [head, ...lines.map((line) => line.map((value) => (value === null ? '' : String(value))))];
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
