import { buildOnnx } from '../../codegen/onnx/build.js';
import { compile } from '../../src/compiler/compile.js';
import { metadataKeys, networkMetadata } from '../../src/compiler/metadata.js';
import { type PredictModel, predictModel } from '../../src/predict/model/predict-model.js';
import { onnxRuntimeEngine } from '../../src/runtime/onnxruntime/onnxruntime.js';
import { seededWeights } from '../../src/weights/initialize.js';
import { ok } from '../data/folder.js';

/**
 * A model of a network with free sizes and weights from a seed. `orientation` is that of its training images, and `facts` is
 * what else it says of them.
 */
export async function modelOf(
  spec: string,
  seed = 0,
  orientation?: string,
  facts?: object,
  engine = onnxRuntimeEngine(),
): Promise<PredictModel> {
  const [network] = compile('net.unet', spec).networks;
  if (!network) throw new Error('the spec has errors');
  const known = { ...facts, ...(orientation === undefined ? {} : { orientation }) };
  const trainingData = Object.keys(known).length > 0 ? known : undefined;
  const built = buildOnnx(network.graph, {
    weights: seededWeights(seed),
    fileName: 'model.onnx',
    producerVersion: '0',
    metadata: networkMetadata(network, { trainingData }),
    dynamic: true,
  });
  const [file] = built.ok ? built.files : [];
  if (!file) throw new Error('the model was not built');
  const bytes = Buffer.concat(Array.from(file.chunks, (chunk) => Buffer.from(chunk)));
  const session = ok(await engine.load(bytes, { threads: 1 }));
  if (session.metadata[metadataKeys.head] === undefined) throw new Error('the model names its head');
  return ok(predictModel(session, 'model.onnx', undefined));
}
