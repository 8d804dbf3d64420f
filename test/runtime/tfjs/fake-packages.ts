import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const repository = fileURLToPath(new URL('../../..', import.meta.url));
const require = createRequire(import.meta.url);

/** The folder of a package of this repository. */
export function installed(name: string): string {
  return dirname(require.resolve(`${name}/package.json`));
}

/** An empty project in a folder of its own, which is removed when the test is over. */
export function emptyProject(): string {
  const folder = mkdtempSync(join(tmpdir(), 'unet-tfjs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'package.json'), '{"name":"project","version":"1.0.0"}');
  return folder;
}

/** Adds a package that consists of these files; objects are written as JSON. */
export function addPackage(
  project: string,
  name: string,
  files: Readonly<Record<string, string | object>>,
): string {
  const folder = join(project, 'node_modules', name);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

/** Adds a package of this repository as it is. */
export function linkPackage(project: string, name: string): void {
  const folder = join(project, 'node_modules', name);
  mkdirSync(dirname(folder), { recursive: true });
  symlinkSync(installed(name), folder, 'junction');
}

/** A native addon that loads everywhere where vitest does. */
function anyAddon(): string {
  const scope = join(dirname(installed('rollup')), '@rollup');
  for (const name of readdirSync(scope)) {
    const file = readdirSync(join(scope, name)).find((one) => one.endsWith('.node'));
    if (file !== undefined) return join(scope, name, file);
  }
  throw new Error('no addon beside rollup');
}

export interface NativeOptions {
  readonly version?: string;
  /** 'good': one that loads; 'garbage': a file that is none; 'none'. */
  readonly addon?: 'good' | 'garbage' | 'none';
  readonly usesGpu?: boolean;
  /** JavaScript that runs when the backend is registered; `tf` and `backend` are in scope. */
  readonly extra?: string;
}

/** The text of a stand-in's main file: the kernels of plain JavaScript under the name that tfjs-node uses. */
export function nativeMain({ usesGpu = false, extra = '' }: NativeOptions): string {
  return `
const tf = require(${JSON.stringify(installed('@tensorflow/tfjs'))});
const { MathBackendCPU } = require(${JSON.stringify(installed('@tensorflow/tfjs-backend-cpu'))});
const util = require('node:util');
const utilAtImport = [util.isNullOrUndefined(null), util.isNullOrUndefined(0), util.isArray([])];
class StandIn extends MathBackendCPU { constructor() { super(); this.firstUse = false; this.isUsingGpuDevice = ${usesGpu}; } }
const backend = new StandIn();
tf.copyRegisteredKernels('cpu', 'tensorflow');
tf.registerBackend('tensorflow', () => backend, 3);
${extra}
module.exports = Object.assign(Object.create(tf), { utilAtImport });
`;
}

/** Adds a stand-in for tfjs-node or tfjs-node-gpu. */
export function addNative(
  project: string,
  kind: 'tfjs-node' | 'tfjs-node-gpu',
  options: NativeOptions = {},
): string {
  const { version = '4.22.0', addon = 'good' } = options;
  const folder = addPackage(project, `@tensorflow/${kind}`, {
    'package.json': { name: `@tensorflow/${kind}`, version, main: 'dist/index.js' },
    'dist/index.js': nativeMain(options),
    // Older builds may lie beside the newest.
    'lib/napi-v3/readme.txt': '',
  });
  const place = join(folder, 'lib', 'napi-v8');
  if (addon !== 'none') mkdirSync(place);
  if (addon === 'good') cpSync(anyAddon(), join(place, 'tfjs_binding.node'));
  if (addon === 'garbage') writeFileSync(join(place, 'tfjs_binding.node'), 'no library');
  return folder;
}
