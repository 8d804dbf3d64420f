import type { TfjsDevice } from '../../engine.js';

/** The ways in which TensorFlow.js can compute in Node. */
export const TFJS_ENGINES = ['tfjs-node-gpu', 'tfjs-node', 'wasm-threads', 'wasm', 'cpu', 'webgpu'] as const;
export type TfjsEngineKind = (typeof TFJS_ENGINES)[number];

/** The newest release of TensorFlow.js, for which our patches and the threads of wasm are made. */
export const TFJS_VERSION = '4.22.0';

/** The engines to try for a device, in this order; without a device, the fastest first. */
export function candidatesFor(device: TfjsDevice | undefined): readonly TfjsEngineKind[] {
  switch (device) {
    case undefined:
      return ['tfjs-node-gpu', 'tfjs-node', 'wasm-threads', 'wasm', 'cpu'];
    case 'gpu':
      return ['tfjs-node-gpu'];
    case 'cpu':
      return ['tfjs-node', 'cpu'];
    case 'wasm':
      return ['wasm-threads', 'wasm'];
    case 'webgpu':
      return ['webgpu'];
    default:
      return device satisfies never;
  }
}

/** The command that installs what an engine needs. */
export function installCommand(kind: TfjsEngineKind): string {
  switch (kind) {
    case 'tfjs-node-gpu':
      return 'unet engine install gpu';
    case 'tfjs-node':
      return 'unet engine install cpu';
    case 'wasm-threads':
    case 'wasm':
      return `npm install @tensorflow/tfjs@${TFJS_VERSION} @tensorflow/tfjs-backend-wasm@${TFJS_VERSION}`;
    case 'cpu':
      return `npm install @tensorflow/tfjs@${TFJS_VERSION}`;
    case 'webgpu':
      return `npm install @tensorflow/tfjs@${TFJS_VERSION} @tensorflow/tfjs-backend-webgpu@${TFJS_VERSION} webgpu`;
    default:
      return kind satisfies never;
  }
}
