import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunDamage } from '../../diagnostics/codes/training/runs.js';
import { Failure, failure, fileFailure, reasonOf } from '../../diagnostics/failure.js';
import { isObject } from '../../weights/json-text.js';
import { type BestEpoch, type EpochRow, readBestEpoch, readEpochRow } from '../report/run-folder-epochs.js';
import { FORMAT, runFiles } from './run-folder.js';

/** The content of a run folder. Paths begin with the path of the folder. */
export interface RunReading {
  /** The network's name. */
  readonly network: string;
  /** The path of the spec that was trained. */
  readonly spec: string;
  /** The value of `normalize` that training measured in place of `ct(auto)`. */
  readonly normalize: string | undefined;
  readonly finished: boolean;
  /** Their names, the background first. */
  readonly classes: readonly string[];
  /** The finished epochs. */
  readonly epochs: readonly EpochRow[];
  readonly best: BestEpoch | undefined;
  /** The paths of the weights of the best epoch, and of the last step. */
  readonly bestWeights: string | undefined;
  readonly lastWeights: string | undefined;
  /** The path of the ONNX model with the best weights, if the run is finished. */
  readonly model: string | undefined;
}

/** Reads the folder of a finished or unfinished run. Fails if it contains no run, or is damaged. */
export function readRun(folder: string): RunReading | Failure {
  const runPath = join(folder, runFiles.run);
  if (!existsSync(runPath)) return failure('run-missing', { folder });
  const run = readJson(runPath);
  if (run instanceof Failure) return run;
  const { format, network, spec, finished } = run;
  if (typeof format === 'number' && format !== FORMAT) {
    return failure('run-format', { folder, format, known: FORMAT });
  }
  if (format !== FORMAT || typeof network !== 'string' || typeof spec !== 'string') {
    return damaged(runPath, { case: 'no-description' });
  }
  const metricsPath = join(folder, runFiles.metricsJson);
  // Before the first checkpoint, there is no such file.
  const metrics = existsSync(metricsPath)
    ? readMetrics(metricsPath)
    : { classes: [], epochs: [], best: undefined };
  if (metrics instanceof Failure) return metrics;
  const pathOf = (name: string) => (existsSync(join(folder, name)) ? join(folder, name) : undefined);
  return {
    network,
    spec: join(folder, spec),
    normalize:
      isObject(run.normalize) && 'found' in run.normalize && typeof run.normalize.found === 'string'
        ? run.normalize.found
        : undefined,
    finished: finished === true,
    ...metrics,
    bestWeights: pathOf(runFiles.best),
    lastWeights: pathOf(runFiles.last),
    // A run that continues keeps the model of its earlier end until it ends again.
    model: finished === true ? pathOf(runFiles.model) : undefined,
  };
}

function readMetrics(path: string): Pick<RunReading, 'classes' | 'epochs' | 'best'> | Failure {
  const json = readJson(path);
  if (json instanceof Failure) return json;
  const { classes, epochs, best } = json;
  const names = Array.isArray(classes) ? classes.filter((name) => typeof name === 'string') : [];
  const rows = Array.isArray(epochs) ? epochs.map(readEpochRow).filter((row) => row !== undefined) : [];
  const isWhole =
    Array.isArray(classes) &&
    names.length === classes.length &&
    Array.isArray(epochs) &&
    rows.length === epochs.length;
  if (!isWhole) return damaged(path, { case: 'rows' });
  return {
    classes: names,
    epochs: rows,
    best: readBestEpoch(best),
  };
}

function readJson(path: string): Record<string, unknown> | Failure {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return fileFailure('read', path, error);
  }
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? { ...parsed } : damaged(path, { case: 'not-an-object' });
  } catch (error) {
    return damaged(path, { case: 'not-json', reason: reasonOf(error) });
  }
}

function damaged(path: string, damage: RunDamage): Failure {
  return failure('run-damaged', { path, damage });
}
