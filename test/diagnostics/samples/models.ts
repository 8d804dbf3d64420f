import type { modelCodes } from '../../../src/diagnostics/codes/models.js';
import type { CodeArguments } from '../../../src/diagnostics/codes.js';
import { weightsSamples } from './weights.js';

const path = 'net.onnx';

export const modelSamples: { [C in keyof typeof modelCodes]: readonly CodeArguments<C>[] } = {
  ...weightsSamples,
  'not-onnx': [{ path }, { path: undefined }],
  'onnx-truncated': [
    { path, missing: 3 },
    { path: undefined, missing: 1 },
  ],
  'not-tfjs': (['not-json', 'graph-model', 'no-topology', 'no-manifest', 'group', 'weight'] as const).map(
    (problem) => ({ path: 'net/model.json', problem }),
  ),
  'tfjs-weights-unreadable': [{ path: 'net/model.json', reason: 'cannot read net/w.bin: it is a folder' }],
  'weights-size-mismatch': [
    { model: 'net/model.json', files: ['net/w.bin'], bytes: 20, expected: 32 },
    { model: 'net/model.json', files: ['net/w.bin'], bytes: 40, expected: 32 },
    { model: 'net/model.json', files: ['net/1.bin', 'net/2.bin'], bytes: 20, expected: 32 },
    { model: 'net/model.json', files: ['net/1.bin', 'net/2.bin'], bytes: 40, expected: 32 },
    {
      model: 'net/model.json',
      files: ['1', '2', '3', '4'].map((n) => `net/${n}.bin`),
      bytes: 20,
      expected: 32,
    },
  ],
  'model-from-bytes': [{}],
  'model-not-loaded': [
    { path, reason: 'Unsupported model IR version: 99' },
    { path: undefined, device: 'webgpu', reason: 'no adapter' },
  ],
  'model-not-built': [{ network: 'Net', engine: 'wasm', reason: 'out of memory' }],
  'model-failed': [{ reason: 'out of memory' }, { engine: 'wasm', reason: 'out of memory' }],
  'network-too-large': [{ network: 'Net' }],
  'model-inputs': [
    { problem: { case: 'none' } },
    { problem: { case: 'several', inputs: ['image', 'time'] } },
    { problem: { case: 'unknown', unknown: ['time'], inputs: ['image'] } },
  ],
  'input-not-an-image': [{ input: 'x', shape: ['batch', 10] }],
  'input-shape-mismatch': [{ input: 'x', wanted: ['batch', 1, 4, 'width'], shape: [1, 3, 4, 2] }],
  'input-not-float': [{ input: 'x', type: 'uint8' }],
  'not-a-tensor': [
    { name: 'x', output: false },
    { name: 'y', output: true },
  ],
  'missing-output': [
    { output: undefined, outputs: [] },
    { output: 'z', outputs: ['y', 'head[2]'] },
  ],
  'output-shape-mismatch': [{ output: 'y', shape: [1, 2, 4], input: [1, 1, 8], expected: [6] }],
  'output-resolution': [{ scale: [0.5, 0.5] }],
  'output-empty': [{ axis: 'H', margin: 184 }],
  'output-larger': [{ axis: 'H' }],
  'tile-too-small': [{ tile: 187, least: 188, axis: 'H' }],
  'overlap-out-of-range': [{ overlap: 1 }],
  'missing-time-step': [{}],
  'needless-time-step': [{}],
};
