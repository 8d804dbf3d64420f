import { dirname, join } from 'node:path';
import { Failure, failure } from '../../diagnostics/failure.js';
import { notFiniteProblem } from '../../weights/bind/not-finite.js';
import { listOnnx } from '../../weights/formats/onnx-initializers.js';
import { listTfjs } from '../../weights/formats/tfjs-manifest.js';
import { isFolder } from './folders.js';
import { OpenFiles } from './open-files.js';

/**
 * Fails if weights of a model are NaN or infinite (`weights-not-finite`): an activation that saturates would make finite
 * numbers of them. Says nothing about what else is wrong with the file.
 *
 * @param path an ONNX model, or a TensorFlow.js model: its model.json or the folder
 * @param names the tensors of an ONNX model that are weights; all of them when left out
 * @param network the name of the network, for the message
 */
export function checkWeightsFinite(
  path: string,
  names: ReadonlySet<string> | undefined,
  network: string,
): Failure | undefined {
  const files = new OpenFiles();
  const file = files.access(isFolder(path) ? join(path, 'model.json') : path);
  if (file instanceof Failure) return undefined;
  const openBeside = (name: string) => {
    const beside = files.access(join(isFolder(path) ? path : dirname(path), name));
    return beside instanceof Failure ? beside.message : beside;
  };
  const listing = names === undefined ? listTfjs(file, openBeside) : listOnnx(file, openBeside);
  const problems = listing.tensors
    // The numbers of a graph model that are no weights are single ones.
    .filter(({ name, shape }) => names?.has(name) ?? shape.length > 0)
    .flatMap((tensor) => notFiniteProblem(tensor, listing.format, tensor.name) ?? []);
  files.close();
  return problems.length === 0 ? undefined : failure('weights-not-finite', { path, network, problems });
}
