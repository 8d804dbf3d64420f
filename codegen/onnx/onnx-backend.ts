import type { Backend } from '../backend.js';
import { buildOnnx, type OnnxOptions } from './build.js';

/** `--target onnx`. */
export const onnxBackend: Backend<OnnxOptions> = {
  target: 'onnx',
  description: 'an ONNX model for onnxruntime and other engines',
  emit: buildOnnx,
};
