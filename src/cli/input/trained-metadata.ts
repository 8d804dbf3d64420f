import { metadataKeys } from '../../compiler/metadata.js';
import { Failure } from '../../diagnostics/failure.js';
import { OpenFiles } from '../../runtime/files/open-files.js';
import { weightsFormatOf } from '../../runtime/files/weights-format.js';
import { readOnnxMetadata } from '../../runtime/onnxruntime/onnx-metadata.js';
import { listSafetensors } from '../../weights/formats/safetensors-header.js';

/** What a training writes into a model besides what follows from its spec. */
const TRAINED = ['trainingData', 'sliceAxis', 'channels', 'classes'] as const;

/**
 * What a file of weights says of its training: what its images were like, its channels and classes. A model of these weights
 * says the same. Empty for weights of other programs, and without a file.
 */
export function trainedMetadata(weights: string | undefined): Readonly<Record<string, string>> {
  const found = weights === undefined ? {} : metadataOfFile(weights);
  return Object.fromEntries(
    TRAINED.flatMap((name) => {
      const key = metadataKeys[name];
      const value = found[key];
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

function metadataOfFile(path: string): Readonly<Record<string, string>> {
  const files = new OpenFiles();
  // Whoever reads the weights says what is wrong with the file.
  const file = files.access(path);
  if (file instanceof Failure) return {};
  const format = weightsFormatOf(path, file);
  const metadata = format === 'safetensors' ? listSafetensors(file).metadata : undefined;
  files.close();
  if (format !== 'onnx') return metadata ?? {};
  const own = readOnnxMetadata(path);
  return own instanceof Failure ? {} : own;
}
