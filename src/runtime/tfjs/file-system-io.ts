import { basename, dirname, extname, join } from 'node:path';
import type { io } from '@tensorflow/tfjs';
import { Failure } from '../../diagnostics/failure.js';
import { isFolder } from '../files/folders.js';
import { writeFilesAtomically } from '../files/write-file.js';
import { readModelFolder } from './model-folder.js';

/**
 * Saves and loads a LayersModel in files, for `model.save(...)` and `tf.loadLayersModel(...)` on every engine:
 * TensorFlow.js has `file://` only with tfjs-node. `path` is a folder, or a .json file in it.
 *
 * Both reject with a sentence that names the file. Saving writes the weights and model.json as one set; if it fails, the
 * old files remain.
 */
export function fileSystemHandler(path: string): io.IOHandler {
  return { save: (artifacts) => save(path, artifacts), load: () => load(path) };
}

async function load(path: string): Promise<io.ModelArtifacts> {
  const artifacts = readModelFolder(path);
  if (artifacts instanceof Failure) throw new Error(artifacts.message);
  return artifacts;
}

async function save(path: string, artifacts: io.ModelArtifacts): Promise<io.SaveResult> {
  const { modelTopology, weightSpecs = [], weightData = [], ...rest } = artifacts;
  if (modelTopology === undefined || modelTopology instanceof ArrayBuffer) {
    throw new Error(`cannot write ${path}: only a layers model with its topology can be saved`);
  }
  const file = !isFolder(path) && extname(path) === '.json' ? path : join(path, 'model.json');
  // Two models in one folder have separate weights: net.json, net.weights.bin.
  const weightsFile =
    basename(file) === 'model.json' ? 'weights.bin' : `${basename(file, '.json')}.weights.bin`;
  const buffers = Array.isArray(weightData) ? weightData : [weightData];
  const weightsManifest = [{ paths: [weightsFile], weights: weightSpecs }];
  const json = JSON.stringify({ ...rest, modelTopology, weightsManifest });
  const failure = writeFilesAtomically([
    { path: join(dirname(file), weightsFile), chunks: buffers.map((buffer) => new Uint8Array(buffer)) },
    { path: file, chunks: [new TextEncoder().encode(`${json}\n`)] },
  ]);
  if (failure !== undefined) throw new Error(failure.message);
  return {
    modelArtifactsInfo: {
      dateSaved: new Date(),
      modelTopologyType: 'JSON',
      modelTopologyBytes: Buffer.byteLength(JSON.stringify(modelTopology)),
      weightSpecsBytes: Buffer.byteLength(JSON.stringify(weightSpecs)),
      weightDataBytes: buffers.reduce((sum, buffer) => sum + buffer.byteLength, 0),
    },
  };
}
