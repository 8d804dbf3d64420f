import { dirname, join } from 'node:path';
import { weightsNoteText } from '../../diagnostics/codes/weights/weights.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import type { Graph } from '../../ir/graph.js';
import { readWeights } from '../../weights/bind/read-weights.js';
import type { NameMap } from '../../weights/names/name-map.js';
import type { RandomAccess } from '../../weights/random-access.js';
import type { WeightSource } from '../../weights/weight-source.js';
import { isFolder, statOf } from './folders.js';
import { OpenFiles } from './open-files.js';
import { weightsFormatOf } from './weights-format.js';

/** The files that an index of safetensors names, sorted; none for other JSON. */
function shardsIn(file: RandomAccess): readonly string[] {
  try {
    const index: unknown = JSON.parse(Buffer.from(file.read(0, file.size)).toString('utf8'));
    if (typeof index !== 'object' || index === null || !('weight_map' in index)) return [];
    return [...new Set(Object.values(index.weight_map ?? {}).map(String))].sort();
  } catch {
    return [];
  }
}

/**
 * The weights of a graph from a file: safetensors, an ONNX model, a TensorFlow.js model (its model.json or the folder), or
 * a PyTorch state dict. The content of the file decides its format. With a map, the tensors have the names in the map. A
 * failure lists every tensor that is missing, superfluous or of another shape, and all damage; or else
 * (`weights-not-finite`) every tensor with values that are not finite. `onNote` receives what the user should know about
 * a file that fits.
 *
 * The file stays open, because its numbers are read on demand.
 */
export function readWeightsFile(
  path: string,
  graph: Graph,
  map?: NameMap,
  onNote?: (note: string) => void,
): WeightSource | Failure {
  const isModel = isFolder(path);
  const filePath = isModel ? join(path, 'model.json') : path;
  if (isModel && !statOf(filePath)) {
    return failure('missing-model-json', { path });
  }
  const files = new OpenFiles();
  const file = files.access(filePath);
  if (file instanceof Failure) return file;
  if (file.size === 0) return closed(failure('file-empty', { path: filePath }));
  const format = weightsFormatOf(filePath, file);
  if (!format) return closed(failure('unknown-weights-format', { path: filePath }));
  const shards = format === 'tfjs' ? shardsIn(file) : [];
  if (shards.length > 0) return closed(failure('weights-sharded', { path: filePath, files: shards }));
  if (format === 'tfjs' && map) return closed(failure('needless-map', { path: filePath }));
  const openBeside = (name: string) => {
    const beside = files.access(join(dirname(filePath), name));
    return beside instanceof Failure ? beside.message : beside;
  };
  const reading = readWeights({ format, file, openBeside }, graph, map);
  if (reading.ok) {
    for (const note of reading.notes) onNote?.(`${path}: ${weightsNoteText(note)}`);
    return reading.weights;
  }
  const { problems } = reading;
  const fits = problems.every(({ code }) => code === 'tensor-not-finite');
  const code = fits ? 'weights-not-finite' : 'weights-mismatch';
  return closed(failure(code, { path, network: graph.name, problems }));

  function closed(failed: Failure): Failure {
    files.close();
    return failed;
  }
}
