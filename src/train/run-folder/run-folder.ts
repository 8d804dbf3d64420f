import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { Failure, fileFailure, reasonOf } from '../../diagnostics/failure.js';
import { version } from '../../diagnostics/version.js';
import { type FileContent, writeFilesAtomically } from '../../runtime/files/write-file.js';
import { writeTensors } from '../../weights/formats/safetensors-write.js';
import { isObject, textEntries } from '../../weights/json-text.js';
import { metricConventions, NOTHING_REQUESTED, type RequestedMetrics } from '../metrics/requested-metrics.js';
import { drawCurves } from '../report/curves.js';
import { type BestEpoch, type EpochRow, epochsCsv, epochsJson } from '../report/run-folder-epochs.js';
import { type RunReport, reportText } from '../report/run-folder-report.js';
import { type SamplePicture, samplePng } from '../report/run-folder-samples.js';
import type { CheckpointTensor } from './checkpoint.js';
import { dataDifference, recipeDifference, specDifference } from './run-difference.js';
import { hashesOf, type RunHashes, type RunSettings, relativePaths } from './run-folder-settings.js';
import { LOCK } from './run-lock.js';

/** The names of a run's files in its folder. */
export const runFiles = {
  run: 'run.json',
  spec: 'spec.unet',
  imports: 'spec',
  recipe: 'recipe.json',
  data: 'data.json',
  environment: 'environment.json',
  metricsCsv: 'metrics.csv',
  metricsJson: 'metrics.json',
  curves: 'curves.svg',
  samples: 'samples',
  best: 'best.safetensors',
  last: 'last.safetensors',
  model: 'model.onnx',
  report: 'report.md',
} as const;

export const FORMAT = 1;

/** What a folder is good for. */
export type RunState =
  /** Missing or empty: a run can begin there. */
  | { readonly kind: 'new' }
  /** A run of the same settings that is not finished; it may have no checkpoint yet. */
  | { readonly kind: 'resumable' }
  /** A run of the same settings that is finished. */
  | { readonly kind: 'finished' };

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** A file that a process did not live to rename. */
const isTemporary = (name: string) => /^\.unet-.*\.tmp$/.test(name);

/** Whether a folder holds nothing but what a process left that died before its first file had a name. */
function isUnused(folder: string): boolean {
  return readdirSync(folder, { withFileTypes: true }).every(
    (entry) =>
      isTemporary(entry.name) ||
      (entry.isDirectory() && entry.name === LOCK) ||
      (entry.isDirectory() && entry.name === runFiles.imports && isUnused(join(folder, entry.name))),
  );
}

/** Takes away what a process left that died while it wrote. What can't be taken away does no harm. */
function removeTemporary(folder: string): void {
  try {
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (isTemporary(basename(path))) rmSync(join(folder, path), { force: true, recursive: true });
    }
  } catch {
    // The folder is not there yet, or the write that follows says what is wrong with it.
  }
}

/** The files of a set, written all or none. */
function write(
  folder: string,
  files: readonly (readonly [string, string | Uint8Array | Iterable<Uint8Array>])[],
): Failure | undefined {
  const contents = files.map(([name, content]): FileContent => {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    return { path: join(folder, name), chunks: bytes instanceof Uint8Array ? [bytes] : bytes };
  });
  return writeFilesAtomically(contents);
}

/** Where the text that is to be compiled lies in a run's folder: spec.unet, or below spec/ if it imports files. */
function specPath(settings: RunSettings): string {
  return settings.spec.length === 1
    ? runFiles.spec
    : `${runFiles.imports}/${relativePaths(settings.spec)[0]}`;
}

function runJson(settings: RunSettings, finished: boolean): string {
  const { network } = settings;
  return json({ format: FORMAT, network, spec: specPath(settings), finished, hashes: hashesOf(settings) });
}

/** "another spec", "another recipe (epochs: 3 there, 5 now) and other data". */
function differences(folder: string, found: Readonly<Record<string, string>>, settings: RunSettings): string {
  const expected = hashesOf(settings);
  const what = {
    spec: ['another network or spec', specDifference],
    recipe: ['another recipe', recipeDifference],
    data: ['other data', dataDifference],
  } as const satisfies Readonly<Record<keyof RunHashes, unknown>>;
  const parts = (['spec', 'recipe', 'data'] as const)
    .filter((key) => found[key] !== expected[key])
    .map((key) => {
      const [words, difference] = what[key];
      const detail = difference(folder, runFiles, settings);
      return detail === undefined ? words : `${words} (${detail})`;
    });
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/**
 * What a folder is to a run: new, resumable or finished. Fails with one line where it is something else, or a run of
 * another spec, recipe or data.
 */
export function inspectRunFolder(folder: string, settings: RunSettings): RunState | Failure {
  let text: string;
  try {
    if (!existsSync(folder) || isUnused(folder)) return { kind: 'new' };
    if (!existsSync(join(folder, runFiles.run))) {
      return new Failure(`${folder} is not empty and holds no run: choose another folder`);
    }
    text = readFileSync(join(folder, runFiles.run), 'utf8');
  } catch (error) {
    return fileFailure('read', folder, error);
  }
  const damaged = (reason: string) =>
    new Failure(`${join(folder, runFiles.run)} is damaged (${reason}): choose another folder`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return damaged(reasonOf(error));
  }
  const { format, finished, hashes }: Record<string, unknown> = isObject(parsed) ? { ...parsed } : {};
  if (typeof format === 'number' && format !== FORMAT) {
    return new Failure(`${folder} holds a run of format ${format}, but this version knows format ${FORMAT}`);
  }
  if (format !== FORMAT || typeof finished !== 'boolean' || !isObject(hashes)) {
    return damaged('it lacks the format, the hashes or whether the run is finished');
  }
  const different = differences(folder, textEntries(hashes), settings);
  if (different !== '') return new Failure(`${folder} holds a run of ${different}: choose another folder`);
  return { kind: finished ? 'finished' : 'resumable' };
}

/** Where and with what a run was started, or gone on with. */
export interface RunEnvironment {
  readonly threads: number;
  /** Of the libraries that compute, by name: `{ 'onnxruntime-node': '1.30.0' }`. */
  readonly libraries: Readonly<Record<string, string>>;
}

/** The environments that a folder has noted so far; none where the file is missing or damaged: they are only notes. */
function earlierStarts(folder: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(readFileSync(join(folder, runFiles.environment), 'utf8'));
    const starts: unknown = isObject(parsed) && 'starts' in parsed ? parsed.starts : [];
    return Array.isArray(starts) ? starts : [];
  } catch {
    return [];
  }
}

function environmentJson(folder: string, { threads, libraries }: RunEnvironment): string {
  const start = {
    date: new Date().toISOString(),
    'unet-lang': version,
    node: process.versions.node,
    libraries,
    platform: process.platform,
    architecture: process.arch,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    threads,
    memory_gb: Math.round(totalmem() / 1e8) / 10,
  };
  return json({ starts: [...earlierStarts(folder), start] });
}

/**
 * Begins a run in a folder, or goes on with one: writes the spec with all that it imports, the recipe, the data's
 * description and run.json, and adds a start to environment.json, the one file that has dates. What a process left that
 * died while it wrote there is taken away.
 */
export function startRun(
  folder: string,
  settings: RunSettings,
  environment: RunEnvironment,
): Failure | undefined {
  const { spec, recipe, data } = settings;
  const paths = relativePaths(spec);
  const imported =
    spec.length === 1 ? [] : spec.map(({ text }, i) => [`${runFiles.imports}/${paths[i]}`, text] as const);
  removeTemporary(folder);
  return write(folder, [
    // The first of the set to get its name: with it the folder is a run, and going on writes the others again.
    [runFiles.run, runJson(settings, false)],
    [runFiles.spec, spec[0].text],
    ...imported,
    [runFiles.recipe, json(recipe)],
    [runFiles.data, json(data)],
    [runFiles.environment, environmentJson(folder, environment)],
  ]);
}

/** Writes metrics.csv, metrics.json and curves.svg of all epochs so far. */
export function writeEpochs(
  folder: string,
  title: string,
  classes: readonly string[],
  epochs: readonly EpochRow[],
  best: BestEpoch | undefined,
  requests: RequestedMetrics = NOTHING_REQUESTED,
): Failure | undefined {
  return write(folder, [
    [runFiles.metricsCsv, epochsCsv(epochs, classes, requests.names)],
    [runFiles.metricsJson, epochsJson(epochs, classes, best, metricConventions(requests))],
    [runFiles.curves, drawCurves(title, classes, epochs, best, requests)],
  ]);
}

/** Writes best.safetensors or last.safetensors: parameters by name, which any command takes with --weights. */
export function writeRunWeights(
  folder: string,
  which: 'best' | 'last',
  parameters: readonly CheckpointTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Failure | undefined {
  const tensors = parameters.map(({ name, shape, data }) => ({ name, shape, chunks: () => [data] }));
  return write(folder, [[runFiles[which], writeTensors(tensors, metadata).chunks]]);
}

/** The name of a sample as a file: no folders, and none of what file systems forbid. */
function fileName(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}._#-]+/gu, '_').replace(/^\.+/, '_');
}

/** Writes samples/NAME.png: see samplePng. */
export async function writeSample(
  folder: string,
  name: string,
  sample: SamplePicture,
): Promise<Failure | undefined> {
  const png = await samplePng(sample);
  return png instanceof Failure ? png : write(folder, [[`${runFiles.samples}/${fileName(name)}.png`, png]]);
}

/**
 * Ends a run: `writeModel` writes model.onnx to the path it is given, then come report.md and the word in run.json
 * that the run is finished, which is written only when all else is there.
 */
export async function finishRun(
  folder: string,
  settings: RunSettings,
  report: RunReport,
  writeModel: (path: string) => Promise<Failure | undefined> | Failure | undefined,
): Promise<Failure | undefined> {
  const failure = await writeModel(join(folder, runFiles.model));
  if (failure !== undefined) return failure;
  return write(folder, [
    [runFiles.report, reportText(report)],
    [runFiles.run, runJson(settings, true)],
  ]);
}
