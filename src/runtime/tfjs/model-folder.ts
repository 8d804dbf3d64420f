import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { io } from '@tensorflow/tfjs';
import type { ModelJsonProblem } from '../../diagnostics/codes/models.js';
import { Failure, failure, fileFailure } from '../../diagnostics/failure.js';
import { elementCount } from '../../ir/parameter.js';
import { openInFolder } from '../../weights/beside.js';
import { fieldOf, isObject, isSizes } from '../../weights/json-text.js';
import { isFolder } from '../files/folders.js';

/** Bytes per element (tfjs-core, io/types: DTYPE_VALUE_SIZE_MAP). */
const ELEMENT_BYTES: ReadonlyMap<unknown, number> = new Map([
  ['float32', 4],
  ['float16', 2],
  ['uint16', 2],
  ['uint8', 1],
  ['int32', 4],
  ['bool', 1],
  ['complex64', 8],
]);

/** The path of a model's model.json, from that path or from the path of its folder. */
export function modelJsonPath(path: string): string {
  return isFolder(path) ? join(path, 'model.json') : path;
}

/**
 * Reads the model.json of a LayersModel and the weight files that it names, in the form that TensorFlow.js takes. Fails if a
 * file is missing or damaged, is not a layers model, or does not have the bytes of its weights.
 */
export function readModelFolder(path: string): io.ModelArtifacts | Failure {
  const file = modelJsonPath(path);
  const text = readBytes(file);
  if (text instanceof Failure) return text;
  const damaged = (problem: ModelJsonProblem) => failure('not-tfjs', { path: file, problem });
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch {
    return damaged('not-json');
  }
  if (fieldOf(json, 'format') === 'graph-model') {
    return damaged('graph-model');
  }
  const topology = fieldOf(json, 'modelTopology');
  if (!isObject(json) || !isObject(topology)) return damaged('no-topology');
  const groups = fieldOf(json, 'weightsManifest');
  if (!Array.isArray(groups)) return damaged('no-manifest');
  const weightSpecs: unknown[] = [];
  const weightData: ArrayBuffer[] = [];
  for (const group of groups) {
    const read = readGroup(group, file, damaged);
    if (read instanceof Failure) return read;
    weightSpecs.push(...read.specs);
    weightData.push(...read.files);
  }
  const { weightsManifest: _, ...rest } = json as Record<string, unknown>; // an object, checked above
  // TensorFlow.js checks the rest itself: the layers, and the training configuration.
  return { ...rest, weightSpecs, weightData } as io.ModelArtifacts;
}

interface Group {
  readonly specs: readonly unknown[];
  readonly files: readonly ArrayBuffer[];
}

function readGroup(
  group: unknown,
  modelFile: string,
  damaged: (problem: ModelJsonProblem) => Failure,
): Group | Failure {
  const paths = fieldOf(group, 'paths');
  const specs = fieldOf(group, 'weights');
  if (!Array.isArray(paths) || !Array.isArray(specs)) {
    return damaged('group');
  }
  let wanted = 0;
  for (const spec of specs) {
    const stored = fieldOf(fieldOf(spec, 'quantization'), 'dtype') ?? fieldOf(spec, 'dtype');
    const [shape, bytes] = [fieldOf(spec, 'shape'), ELEMENT_BYTES.get(stored)];
    if (typeof fieldOf(spec, 'name') !== 'string' || !isSizes(shape) || bytes === undefined) {
      return damaged('weight');
    }
    wanted += elementCount(shape) * bytes;
  }
  const files: ArrayBuffer[] = [];
  const names: string[] = [];
  let found = 0;
  for (const path of paths) {
    const name = join(dirname(modelFile), String(path));
    const file = openInFolder(String(path), () => {
      const bytes = readBytes(name);
      return bytes instanceof Failure ? bytes.message : { size: bytes.length, read: () => bytes };
    });
    if (typeof file === 'string')
      return failure('tfjs-weights-unreadable', { path: modelFile, reason: file });
    const bytes = file.read(0, file.size);
    files.push(new Uint8Array(bytes).buffer);
    names.push(name);
    found += bytes.length;
  }
  if (found === wanted) return { specs, files };
  return failure('weights-size-mismatch', { model: modelFile, files: names, bytes: found, expected: wanted });
}

function readBytes(path: string): Uint8Array | Failure {
  try {
    return readFileSync(path);
  } catch (error) {
    return fileFailure('read', path, error);
  }
}
