import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { Failure } from '../../../src/diagnostics/failure.js';
import { startTfjs } from '../../../src/runtime/tfjs/engines/start.js';
import { addPackage, emptyProject, installed, linkPackage } from './fake-packages.js';

test('a damaged wasm file is a failure, and plain JavaScript computes in its place', async () => {
  const project = emptyProject();
  linkPackage(project, '@tensorflow/tfjs');
  linkPackage(project, '@tensorflow/tfjs-core');
  const name = '@tensorflow/tfjs-backend-wasm';
  const folder = addPackage(project, name, {
    'package.json': { name, version: '4.22.0', main: 'dist/tf-backend-wasm.node.js' },
  });
  mkdirSync(join(folder, 'dist'));
  cpSync(
    join(installed(name), 'dist', 'tf-backend-wasm.node.js'),
    join(folder, 'dist', 'tf-backend-wasm.node.js'),
  );
  for (const file of ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm']) {
    writeFileSync(join(folder, 'dist', file), 'no module');
  }
  // Emscripten says it too.
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  const failure = await startTfjs({ device: 'wasm', threads: 1, from: [project] });
  expect(failure).toBeInstanceOf(Failure);
  // Not "[object Object]".
  expect(failure).toMatchObject({ message: expect.stringMatching(/\.wasm/) });

  const engine = await startTfjs({ threads: 2, from: [project] });
  if (engine instanceof Failure) throw new Error(engine.message);
  expect(engine.kind).toBe('cpu');
  expect(engine.warnings).toHaveLength(3);
  await engine.close();
});
