import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { Failure } from '../../diagnostics/failure.js';
import { version } from '../../diagnostics/version.js';
import { type FileContent, writeFilesAtomically } from '../../runtime/files/write-file.js';
import { writeTensors } from '../../weights/formats/safetensors-write.js';
import { isObject } from '../../weights/json-text.js';
import { metricConventions, NOTHING_REQUESTED, type RequestedMetrics } from '../metrics/requested-metrics.js';
import { drawCurves } from '../report/curves.js';
import { type BestEpoch, type EpochRow, epochsCsv, epochsJson } from '../report/run-folder-epochs.js';
import { type RunReport, reportText } from '../report/run-folder-report.js';
import { type SamplePicture, samplePng } from '../report/run-folder-samples.js';
import type { CheckpointTensor } from './checkpoint.js';
import { hashesOf, type RunSettings, relativePaths } from './run-folder-settings.js';
import { type LengthFrom, lengthsJson } from './run-length.js';
import { LOCK } from './run-lock.js';

/** The names of the files in a run folder. */
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

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** A file that a process could not rename before it ended. */
const isTemporary = (name: string) => /^\.unet-.*\.tmp$/.test(name);

/** Whether a folder is empty, apart from the temporary files of a process that ended before it renamed its first file. */
function isUnused(folder: string): boolean {
  return readdirSync(folder, { withFileTypes: true }).every(
    (entry) =>
      isTemporary(entry.name) ||
      (entry.isDirectory() && entry.name === LOCK) ||
      (entry.isDirectory() && entry.name === runFiles.imports && isUnused(join(folder, entry.name))),
  );
}

/** Removes the temporary files of a process that ended while it wrote. A file that cannot be removed does no harm. */
function removeTemporary(folder: string): void {
  try {
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (isTemporary(basename(path))) rmSync(join(folder, path), { force: true, recursive: true });
    }
  } catch {
    // The folder does not exist yet, or the write that follows reports what is wrong with it.
  }
}

/** Writes files, all or none. */
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

/** The path of the compiled text inside a run folder: spec.unet, or below spec/ if it imports files. */
function specPath(settings: RunSettings): string {
  return settings.spec.length === 1
    ? runFiles.spec
    : `${runFiles.imports}/${relativePaths(settings.spec)[0]}`;
}

function runJson(settings: RunSettings, finished: boolean, lengths: readonly LengthFrom[]): string {
  const { network, measured } = settings;
  return json({
    ...{ format: FORMAT, network, spec: specPath(settings), finished, hashes: hashesOf(settings) },
    ...(measured ? { normalize: { written: measured.written, found: measured.found } } : {}),
    ...(lengths.length > 0 ? { lengths: lengthsJson(lengths) } : {}),
  });
}

/** Whether a run can begin in a folder. */
export function isFree(folder: string): boolean {
  return !existsSync(folder) || isUnused(folder);
}

/** Where a run is started or continued. */
export interface RunEnvironment {
  readonly threads: number;
  /** The versions of the libraries that compute: `{ 'onnxruntime-node': '1.30.0' }`. */
  readonly libraries: Readonly<Record<string, string>>;
}

/** The starts that a folder has recorded so far; none if the file is missing or damaged, since they are only records. */
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
 * Begins or continues a run in a folder: writes the spec with all its imports, the recipe, the description of the data and
 * run.json, and adds a start to environment.json, the only file that has dates. Removes the temporary files of processes
 * that ended while they wrote.
 *
 * @param lengths the lengths that the run has had, the present one last; none if the first one holds
 */
export function startRun(
  folder: string,
  settings: RunSettings,
  environment: RunEnvironment,
  lengths: readonly LengthFrom[] = [],
): Failure | undefined {
  const { recipe, data } = settings;
  const spec = settings.measured?.spec ?? settings.spec;
  const paths = relativePaths(spec);
  const imported =
    spec.length === 1 ? [] : spec.map(({ text }, i) => [`${runFiles.imports}/${paths[i]}`, text] as const);
  removeTemporary(folder);
  return write(folder, [
    // The first file to be renamed: it makes the folder a run, and continuing the run writes the other files again.
    [runFiles.run, runJson(settings, false, lengths)],
    [runFiles.spec, spec[0].text],
    ...imported,
    [runFiles.recipe, json(recipe)],
    [runFiles.data, json(data)],
    [runFiles.environment, environmentJson(folder, environment)],
  ]);
}

/** Writes metrics.csv, metrics.json and curves.svg for all epochs so far. */
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

/** Writes best.safetensors or last.safetensors: parameters by name, which every command accepts with --weights. */
export function writeRunWeights(
  folder: string,
  which: 'best' | 'last',
  parameters: readonly CheckpointTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Failure | undefined {
  const tensors = parameters.map(({ name, shape, data }) => ({ name, shape, chunks: () => [data] }));
  return write(folder, [[runFiles[which], writeTensors(tensors, metadata).chunks]]);
}

/** The name of a sample as the name of a file: without folders, and without characters that file systems forbid. */
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
 * Ends a run: `writeModel` writes model.onnx to the path that it receives; then report.md is written, and run.json, which
 * says that the run is finished only when all other files exist.
 *
 * @param lengths as for startRun
 */
export async function finishRun(
  folder: string,
  settings: RunSettings,
  report: RunReport,
  writeModel: (path: string) => Promise<Failure | undefined> | Failure | undefined,
  lengths: readonly LengthFrom[] = [],
): Promise<Failure | undefined> {
  const failed = await writeModel(join(folder, runFiles.model));
  if (failed !== undefined) return failed;
  return write(folder, [
    [runFiles.report, reportText(report)],
    [runFiles.run, runJson(settings, true, lengths)],
  ]);
}
