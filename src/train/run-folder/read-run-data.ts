import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabelMap, LabelRange } from '../../data/labels/label-map.js';
import { type Failure, failure, fileFailure, reasonOf } from '../../diagnostics/failure.js';
import { isObject } from '../../weights/json-text.js';
import { runFiles } from './run-folder.js';

/** An image of a run's data set. */
export interface RunSample {
  readonly name: string;
  /** The hashes of its files: of its images, its masks and its map of instances. */
  readonly hashes: readonly string[];
  readonly validates: boolean;
}

/** What a run folder records of its data. */
export interface RunData {
  readonly samples: readonly RunSample[];
  readonly labels: LabelMap;
}

/** Reads the description of the data of a run. Fails if it is damaged. */
export function readRunData(folder: string): RunData | Failure {
  const path = join(folder, runFiles.data);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return fileFailure('read', path, error);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return failure('run-damaged', { path, damage: { case: 'not-json', reason: reasonOf(error) } });
  }
  if (!isObject(json)) return failure('run-damaged', { path, damage: { case: 'not-an-object' } });
  const from: Record<string, unknown> = { ...json };
  const samples = samplesOf(from);
  const labels = labelsOf(from);
  if (!samples || !labels) return failure('run-damaged', { path, damage: { case: 'data' } });
  return { samples, labels };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function samplesOf({ samples, validation }: Record<string, unknown>): readonly RunSample[] | undefined {
  if (!Array.isArray(samples) || !isTexts(validation)) return undefined;
  const validating = new Set(validation);
  const read = samples.flatMap((one: unknown): RunSample[] => {
    const own: Record<string, unknown> = isObject(one) ? { ...one } : {};
    const { name, sha256 } = own;
    if (typeof name !== 'string' || !isTexts(sha256)) return [];
    return [{ name, hashes: sha256, validates: validating.has(name) }];
  });
  return read.length === samples.length ? read : undefined;
}

function isEntry(value: unknown): value is readonly [string, number] {
  return (
    Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && Number.isInteger(value[1])
  );
}

function rangeOf(value: unknown): LabelRange | undefined {
  const own: Record<string, unknown> = isObject(value) ? { ...value } : {};
  const { from, to, label } = own;
  const isRange = typeof from === 'number' && typeof to === 'number' && typeof label === 'number';
  return isRange ? { from, to, label } : undefined;
}

function labelsOf({ classes, values, ranges = [], rest }: Record<string, unknown>): LabelMap | undefined {
  if (typeof classes !== 'number' || !Array.isArray(values) || !values.every(isEntry)) return undefined;
  if (!Array.isArray(ranges) || (rest !== undefined && typeof rest !== 'number')) return undefined;
  const read = ranges.flatMap((one: unknown) => rangeOf(one) ?? []);
  return read.length === ranges.length
    ? { classes, classOf: new Map(values), ranges: read, rest }
    : undefined;
}
