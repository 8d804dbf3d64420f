import type { engineCodes } from '../../../src/diagnostics/codes/engines.js';
import type { CodeArguments } from '../../../src/diagnostics/codes.js';

const native = '@tensorflow/tfjs-node';
const command = 'unet engine install cpu';
const thrown = { case: 'thrown', reason: 'libvulkan.so.1: cannot open shared object file' } as const;

export const engineSamples: { [C in keyof typeof engineCodes]: readonly CodeArguments<C>[] } = {
  'engine-not-installed': [{ package: native, command }],
  'engine-not-loaded': [
    { package: native, version: '4.22.0', reason: 'no luck' },
    { package: native, version: '', reason: 'no luck' },
  ],
  'native-addon-broken': [
    { package: native, reason: undefined, command },
    { package: native, reason: 'invalid ELF header', command },
  ],
  'engine-thread': [{ exitCode: 1 }, { reason: 'Worker terminated due to reaching memory limit' }],
  'engine-not-started': [
    { engine: 'webgpu 0.6.2', problem: thrown },
    { engine: 'wasm', problem: { case: 'backend-refused' } },
    {
      engine: 'the webgpu backend',
      problem: { case: 'loaded-without-gpu', package: '@tensorflow/tfjs-backend-webgpu' },
    },
  ],
  'engine-broken': [
    { engine: 'tfjs-node', version: '4.22.0', problem: thrown },
    {
      engine: 'tfjs-node',
      version: '4.22.0',
      problem: { case: 'wrong', found: [37, 47, 67, 76], expected: [37, 47, 67, 77] },
    },
  ],
  'engine-in-use': [{ engine: 'wasm' }, { engine: `${native}-gpu`, wanted: native }],
  'engine-trial-failed': [
    { end: { case: 'silent', seconds: 60 } },
    { end: { case: 'not-started', reason: 'spawn ENOMEM' } },
    { end: { case: 'exit', code: 127 } },
    { end: { case: 'exit', code: 1, last: 'Illegal instruction' } },
    { end: { case: 'signal', signal: 'SIGSEGV' } },
    { end: { case: 'signal', signal: 'SIGABRT', last: 'double free' } },
  ],
  'unknown-device': [
    { engine: 'TensorFlow.js', device: 'cuda', devices: ['gpu', 'cpu', 'wasm', 'webgpu'] },
    { engine: 'onnxruntime-node', device: 'cuda', system: 'darwin arm64', devices: ['cpu', 'webgpu'] },
  ],
  'missing-cuda-libraries': [{ command: 'npm install onnxruntime-node --onnxruntime-node-install=cuda12' }],
  'no-gpu': [
    { engine: `${native}-gpu`, needs: 'cuda' },
    { engine: 'webgpu', needs: 'webgpu' },
  ],
  'no-wasm-threads': [
    { problem: { case: 'one-cpu' } },
    {
      problem: {
        case: 'version',
        package: '@tensorflow/tfjs-backend-wasm',
        wanted: '4.22.0',
        found: '4.21.0',
      },
    },
    {
      problem: {
        case: 'not-started',
        problem: { case: 'thrown', reason: 'Aborted(CompileError: bad magic). Build with -sASSERTIONS' },
      },
    },
  ],
  'engines-disagree': [
    { stage: 'pool[1]', found: { case: 'shape', first: [1, 4, 8, 8], second: [1, 4, 7, 7] } },
    { stage: 'decoder[1]', found: { case: 'values', relative: 0.0123, limit: 1e-4 } },
  ],
  'no-prebuilt-engine': [{ package: `${native}-gpu`, system: 'darwin arm64' }],
  'no-project': [{ folder: '/data/cells' }],
  'other-package-manager': [
    { project: '/data/cells', lock: 'yarn.lock', command: `yarn add --optional --exact ${native}@4.22.0` },
  ],
  'npm-failed': [
    { package: native, problem: { case: 'not-started', reason: 'ENOENT' } },
    { package: native, problem: { case: 'silent', seconds: 180 } },
    { package: native, problem: { case: 'nothing-installed' } },
    {
      package: native,
      problem: {
        case: 'unreachable',
        registry: 'registry.npmjs.org',
        reason: 'getaddrinfo ENOTFOUND registry.npmjs.org',
      },
    },
    { package: native, problem: { case: 'unreachable', registry: undefined, reason: 'connect ETIMEDOUT' } },
    { package: native, problem: { case: 'not-in-registry', registry: 'npm.example.org' } },
    { package: native, problem: { case: 'disk-full' } },
    { package: native, problem: { case: 'no-permission' } },
    { package: native, problem: { case: 'other', reason: 'ERESOLVE unable to resolve dependency tree' } },
  ],
  'engine-incomplete': [
    { package: native, problem: { case: 'no-script' } },
    { package: native, problem: { case: 'disk-full' } },
    { package: native, problem: { case: 'silent', seconds: 60 } },
    {
      package: native,
      problem: { case: 'unreachable', host: 'storage.googleapis.com', reason: 'connect ECONNREFUSED' },
    },
    { package: native, problem: { case: 'unreachable', host: undefined, reason: 'connect ECONNREFUSED' } },
    { package: native, problem: { case: 'not-an-archive', host: 'mirror.example.org' } },
    { package: native, problem: { case: 'no-library', system: 'gpu-linux-riscv64' } },
    {
      package: native,
      problem: {
        case: 'no-addon',
        node: '24.0.0',
        system: 'linux x64',
        reason: 'Could not find any Python installation to use',
      },
    },
    { package: native, problem: { case: 'other', reason: 'something else went wrong' } },
  ],
  'engine-installed-broken': [{ package: native, reason: 'no luck' }],
};
