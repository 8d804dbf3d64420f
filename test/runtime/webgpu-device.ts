import { existsSync } from 'node:fs';
import { InferenceSession } from 'onnxruntime-node';
import { onnx } from '../../codegen/onnx/proto.js';

/** A GPU computed by the CPU, which Debian's chromium brings. Vulkan's loader (libvulkan1) finds it by the variable. */
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** Whether WebGPU runs here, on a GPU or on one in software. */
export async function hasWebGpu(): Promise<boolean> {
  if (!process.env.VK_ICD_FILENAMES && existsSync(SWIFTSHADER)) process.env.VK_ICD_FILENAMES = SWIFTSHADER;
  const { FLOAT } = onnx.TensorProto.DataType;
  const type = { tensorType: { elemType: FLOAT, shape: { dim: [{ dimValue: 1 }] } } };
  const model = onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      name: 'one',
      node: [{ opType: 'Neg', input: ['x'], output: ['y'] }],
      input: [{ name: 'x', type }],
      output: [{ name: 'y', type }],
    },
  }).finish();
  try {
    const session = await InferenceSession.create(model, {
      executionProviders: ['webgpu'],
      logSeverityLevel: 4,
    });
    await session.release();
    return true;
  } catch {
    return false;
  }
}
