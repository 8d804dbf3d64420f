import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, fileFailure, reasonOf } from '../../diagnostics/failure.js';
import { isObject } from '../../weights/json-text.js';
import { type BestEpoch, type EpochRow, readEpochRow } from '../report/run-folder-epochs.js';
import { FORMAT, runFiles } from './run-folder.js';

/** What the folder of a run holds. Paths begin with that of the folder. */
export interface RunReading {
  /** The network's name. */
  readonly network: string;
  /** The spec's text as it was trained. */
  readonly spec: string;
  readonly finished: boolean;
  /** Names, the background first. */
  readonly classes: readonly string[];
  /** The epochs that are done. */
  readonly epochs: readonly EpochRow[];
  readonly best: BestEpoch | undefined;
  /** The weights of the best epoch, and of the last step. */
  readonly bestWeights: string | undefined;
  readonly lastWeights: string | undefined;
  /** The ONNX model of the best weights: there when the run is finished. */
  readonly model: string | undefined;
}

/** Reads the folder of a run, whether it is finished or not. Fails where it is none, or damaged. */
export function readRun(folder: string): RunReading | Failure {
  if (!existsSync(join(folder, runFiles.run))) return new Failure(`${folder} holds no run`);
  const run = readJson(join(folder, runFiles.run));
  if (run instanceof Failure) return run;
  const { format, network, spec, finished } = run;
  if (typeof format === 'number' && format !== FORMAT) {
    return new Failure(`${folder} holds a run of format ${format}, but this version knows format ${FORMAT}`);
  }
  if (format !== FORMAT || typeof network !== 'string' || typeof spec !== 'string') {
    return new Failure(
      `${join(folder, runFiles.run)} is damaged: it lacks the format, the network or the spec`,
    );
  }
  const metricsPath = join(folder, runFiles.metricsJson);
  // Before the first checkpoint there are none.
  const metrics = existsSync(metricsPath)
    ? readMetrics(metricsPath)
    : { classes: [], epochs: [], best: undefined };
  if (metrics instanceof Failure) return metrics;
  const there = (name: string) => (existsSync(join(folder, name)) ? join(folder, name) : undefined);
  return {
    network,
    spec: join(folder, spec),
    finished: finished === true,
    ...metrics,
    bestWeights: there(runFiles.best),
    lastWeights: there(runFiles.last),
    model: there(runFiles.model),
  };
}

function readMetrics(path: string): Pick<RunReading, 'classes' | 'epochs' | 'best'> | Failure {
  const json = readJson(path);
  if (json instanceof Failure) return json;
  const { classes, epochs, best } = json;
  const names = Array.isArray(classes) ? classes.filter((name) => typeof name === 'string') : [];
  const rows = Array.isArray(epochs) ? epochs.map(readEpochRow).filter((row) => row !== undefined) : [];
  const { epoch, value }: Record<string, unknown> = isObject(best) ? { ...best } : {};
  const isWhole =
    Array.isArray(classes) &&
    names.length === classes.length &&
    Array.isArray(epochs) &&
    rows.length === epochs.length;
  if (!isWhole) return new Failure(`${path} is damaged: its rows are not as they are written`);
  return {
    classes: names,
    epochs: rows,
    best: typeof epoch === 'number' && typeof value === 'number' ? { epoch, value } : undefined,
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
    return isObject(parsed) ? { ...parsed } : new Failure(`${path} is damaged: it is no JSON object`);
  } catch (error) {
    return new Failure(`${path} is damaged: ${reasonOf(error)}`);
  }
}
