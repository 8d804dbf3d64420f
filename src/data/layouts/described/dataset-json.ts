import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DescriptionProblem } from '../../../diagnostics/codes/data-sets/layouts.js';
import { Failure, failure, fileFailure, reasonOf } from '../../../diagnostics/failure.js';
import { listText } from '../../../diagnostics/wording.js';
import type { LabelSource } from '../../labels/label-map.js';
import type { DataDescription } from '../file-pair.js';

/** What a dataset.json of nnU-Net or of the Medical Segmentation Decathlon says. */
export interface DatasetJson {
  readonly path: string;
  readonly description: DataDescription;
  readonly labelSource: LabelSource;
  /** The ending of the files that are part of the set, such as ".nii.gz". */
  readonly ending: string | undefined;
  /** How many cases there are to train with. */
  readonly cases: number | undefined;
  /** The files of each case, where the file lists them. */
  readonly listed: ListedCases | undefined;
  readonly notes: readonly string[];
}

export interface ListedCases {
  /** `dataset` is the whole set, wherever its files are; `training` lists the files of the two folders. */
  readonly field: 'dataset' | 'training';
  readonly cases: readonly {
    readonly name?: string;
    readonly images: readonly string[];
    readonly mask: string;
  }[];
}

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** 7 of 7 and of "7". */
function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 ? number : undefined;
}

/** The names by their numbers, which one form has as keys and the other as values. */
function labelEntries(labels: JsonObject): readonly (readonly [string, unknown])[] {
  const keys = Object.keys(labels);
  const isByNumber = keys.length > 0 && keys.every((key) => /^\d+$/.test(key));
  return isByNumber
    ? Object.entries(labels).map(([key, name]) => [String(name), Number(key)])
    : Object.entries(labels);
}

interface Labels {
  readonly listed: LabelSource['labels'];
  readonly description: Pick<DataDescription, 'labels' | 'ignore' | 'classNames'>;
  readonly notes: readonly string[];
}

/** The classes of the labels: the numbers in their order. */
function readLabels(labels: JsonObject): Labels | DescriptionProblem {
  const names = new Map<number, string>();
  const inRegions = new Set<number>();
  let ignore: number | undefined;
  let regions = 0;
  for (const [name, value] of labelEntries(labels)) {
    const values = (Array.isArray(value) ? value : [value]).map(wholeNumber);
    const numbers = values.filter((one) => one !== undefined);
    if (numbers.length === 0 || numbers.length < values.length) return { case: 'label-value', name };
    const [number = 0] = numbers;
    if (numbers.length > 1) {
      regions++;
      for (const one of numbers) inRegions.add(one);
    } else if (name.toLowerCase() === 'ignore') ignore = number;
    else if (names.has(number)) {
      return { case: 'label-twice', names: [names.get(number) ?? '', name], value: number };
    } else names.set(number, name);
  }
  const values = [...new Set([...names.keys(), ...inRegions])].sort((a, b) => a - b);
  if (ignore !== undefined && values.includes(ignore)) {
    return { case: 'label-twice', names: [names.get(ignore) ?? 'a region', 'ignore'], value: ignore };
  }
  if (values.length < 2) return { case: 'few-labels', count: values.length };
  const notes: string[] = [];
  if (regions > 0) {
    const what = regions === 1 ? 'a region' : `${regions} regions`;
    notes.push(
      `dataset.json defines ${what} of several values; the single values ${listText(values.map(String), 'and')} are the classes, and regions are not trained`,
    );
  }
  const moved = values.filter((value, label) => value !== label);
  if (moved.length > 0) {
    const texts = moved.map((value) => `${value} is class ${values.indexOf(value)}`);
    notes.push(`the labels in dataset.json have a gap: the value ${listText(texts, 'and')}`);
  }
  const isNamed = values.every((value) => names.has(value));
  return {
    listed: values.map((value) => ({ value, name: names.get(value) })),
    description: {
      labels: Object.fromEntries(values.map((value, label) => [String(value), label])),
      ...(ignore === undefined ? {} : { ignore: String(ignore) }),
      ...(isNamed && regions === 0 ? { classNames: values.map((value) => names.get(value) ?? '') } : {}),
    },
    notes,
  };
}

/** The names of the channels, which the file numbers from 0. */
function readChannels(channels: unknown): readonly string[] | DescriptionProblem {
  if (Array.isArray(channels)) return channels.map(String);
  if (!isObject(channels)) return { case: 'field', field: 'channel_names' };
  const numbers = Object.keys(channels).map(wholeNumber);
  const found = numbers.filter((one) => one !== undefined).sort((a, b) => a - b);
  if (found.length < numbers.length) return { case: 'field', field: 'channel_names' };
  if (found.some((number, i) => number !== i)) return { case: 'channel-gap', numbers: found };
  return found.map((number) => String(channels[String(number)]));
}

function readListed({ training, dataset }: JsonObject): ListedCases | DescriptionProblem | undefined {
  const field = isObject(dataset) ? 'dataset' : 'training';
  const entries = isObject(dataset)
    ? Object.entries(dataset)
    : Array.isArray(training)
      ? training.map((entry: unknown) => [undefined, entry] as const)
      : undefined;
  if (entries === undefined) return undefined;
  const cases = [];
  for (const [name, entry] of entries) {
    if (!isObject(entry)) return { case: 'field', field };
    const images = entry.images ?? entry.image;
    const paths = (Array.isArray(images) ? images : [images]).filter((path) => typeof path === 'string');
    if (paths.length === 0 || typeof entry.label !== 'string') return { case: 'field', field };
    cases.push({ ...(name === undefined ? {} : { name }), images: paths, mask: entry.label });
  }
  return { field, cases };
}

/** Reads dataset.json in a folder; undefined where there is none, or one of another kind. */
export function readDatasetJson(folder: string): DatasetJson | undefined | Failure {
  const path = join(folder, 'dataset.json');
  const content = readJson(path);
  if (content === undefined || content instanceof Failure) return content;
  const invalid = (problem: DescriptionProblem) => failure('dataset-json-invalid', { path, problem });
  if (!isObject(content)) return invalid({ case: 'no-object' });
  const { labels, numTraining, file_ending: ending } = content;
  const channels = content.channel_names ?? content.modality ?? content.modalities;
  if (labels === undefined && channels === undefined) return undefined;
  if (!isObject(labels)) return invalid({ case: 'field', field: 'labels' });
  const read = readLabels(labels);
  if ('case' in read) return invalid(read);
  const names = channels === undefined ? [] : readChannels(channels);
  if ('case' in names) return invalid(names);
  const listed = readListed(content);
  if (listed !== undefined && 'case' in listed) return invalid(listed);
  if (ending !== undefined && (typeof ending !== 'string' || !ending.startsWith('.'))) {
    return invalid({ case: 'field', field: 'file_ending' });
  }
  const cases = wholeNumber(numTraining);
  if (numTraining !== undefined && cases === undefined)
    return invalid({ case: 'field', field: 'numTraining' });
  return {
    path,
    labelSource: { path, labels: read.listed },
    description: { ...read.description, ...(names.length === 0 ? {} : { channelNames: names }) },
    ending,
    cases,
    listed,
    notes: read.notes,
  };
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    // Most sets have no such file.
    return error instanceof Error && 'code' in error && error.code === 'ENOENT'
      ? undefined
      : fileFailure('read', path, error);
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return failure('dataset-json-invalid', { path, problem: { case: 'json', reason: reasonOf(error) } });
  }
}
