import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadNativeTfjs } from './native-tfjs.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unet-native-test-'));
  vi.stubEnv('UNET_NATIVE_DIR', folder);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** A package in the folder's node_modules whose main file is `source`, without an addon. */
function writePackage(source: string): string {
  const path = join(folder, 'node_modules/@tensorflow/tfjs-node');
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'package.json'), '{ "name": "@tensorflow/tfjs-node", "main": "index.js" }');
  writeFileSync(join(path, 'index.js'), source);
  return path;
}

function writeAddon(path: string): void {
  mkdirSync(join(path, 'lib/napi-v8'), { recursive: true });
  writeFileSync(join(path, 'lib/napi-v8/tfjs_binding.node'), '');
}

test('an empty folder is a skip that names the folder and the script', async () => {
  expect(await loadNativeTfjs()).toEqual({
    skipped: `no built tfjs-node in ${folder}: run test/native/build-tfjs-node.sh`,
  });
});

test('a package without its addon is a skip, and is not imported', async () => {
  writePackage('throw new Error("imported");');
  expect(await loadNativeTfjs()).toHaveProperty('skipped');
});

test('an addon that does not load is an error that names the reason and the folder', async () => {
  writeAddon(writePackage('throw new Error("undefined symbol: TF_Version");'));
  await expect(loadNativeTfjs()).rejects.toThrow(
    `tfjs-node in ${folder} does not load (undefined symbol: TF_Version)`,
  );
});

test('the namespace is that of the package in the folder, once its backend is ready', async () => {
  writeAddon(writePackage('exports.ready = async () => { exports.isReady = true; };'));
  expect(await loadNativeTfjs()).toMatchObject({ tf: { isReady: true } });
});
