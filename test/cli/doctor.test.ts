import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { addNative, emptyProject } from '../runtime/tfjs/fake-packages.js';
import { freshFolder, root, unetProcess as unet } from './unet.js';

interface Engine {
  readonly engine: string;
  readonly works: boolean;
  readonly installed: boolean;
  readonly version: string | null;
  readonly runs: readonly string[];
  readonly trains: readonly string[];
  readonly reason: string | null;
}

interface Found {
  readonly node: string;
  readonly cpus: number;
  readonly engines: readonly Engine[];
  readonly tfjs: string | null;
  readonly faster: readonly { engine: string; command: string }[];
}

function doctor(folder = root, env: Record<string, string> = {}): Found {
  const { code, stdout, stderr } = unet(['doctor', '--json'], folder, env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

function engineOf(found: Found, name: string): Engine {
  const engine = found.engines.find((one) => one.engine === name);
  if (!engine) throw new Error(`no ${name}`);
  return engine;
}

describe('unet doctor', () => {
  // It tries engines for a second or two: what it says of this machine is looked at by two tests.
  let found: Found;
  beforeAll(() => {
    found = doctor();
  });

  test('tries every engine', () => {
    expect(found.node).toBe(process.versions.node);
    expect(found.cpus).toBe(availableParallelism());
    expect(found.engines.map(({ engine }) => engine)).toEqual([
      'onnxruntime-cpu',
      'onnxruntime-webgpu',
      'onnxruntime-cuda',
      'tfjs-node-gpu',
      'tfjs-node',
      'wasm-threads',
      'wasm',
      'cpu',
      'webgpu',
    ]);
    expect(engineOf(found, 'onnxruntime-cpu')).toMatchObject({ works: true, runs: ['2D', '3D'], trains: [] });
    const all = ['2D', '3D'];
    for (const name of ['wasm', 'cpu']) {
      expect(engineOf(found, name)).toEqual({
        engine: name,
        works: true,
        installed: true,
        version: '4.22.0',
        runs: all,
        trains: all,
        reason: null,
        warnings: [],
      });
    }
    for (const { works, reason } of found.engines) expect(reason === null).toBe(works);
  });

  test('shows what --engine tfjs uses, and the commands for faster engines', () => {
    const order = ['tfjs-node-gpu', 'tfjs-node', 'wasm-threads', 'wasm', 'cpu'];
    const works = order.filter((name) => engineOf(found, name).works);
    expect(found.tfjs).toBe(works[0]);
    for (const { engine, command } of found.faster) {
      expect(order.indexOf(engine)).toBeLessThan(order.indexOf(found.tfjs ?? ''));
      expect(command).toMatch(/^(unet engine install|npm install) /);
    }
    const { code, stdout } = unet(['doctor']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^engine +version +state +runs +trains$/m);
    expect(stdout).toMatch(/^wasm +4\.22\.0 +works +2D, 3D +2D, 3D$/m);
    expect(stdout).toMatch(/^--engine tfjs uses /m);
  });

  test('sees what the project in the folder has, works or not', () => {
    const project = emptyProject();
    addNative(project, 'tfjs-node');
    addNative(project, 'tfjs-node-gpu', { extra: 'process.kill(process.pid, "SIGKILL");' });
    const there = doctor(project);
    expect(engineOf(there, 'tfjs-node')).toMatchObject({ works: true, version: '4.22.0' });
    expect(there.tfjs).toBe('tfjs-node');
    const gpu = engineOf(there, 'tfjs-node-gpu');
    expect(gpu).toMatchObject({ works: false, installed: true });
    expect(gpu.reason).toMatch(/SIGKILL|code \d/);
    // A package that ends the process spoils nothing else.
    expect(engineOf(there, 'wasm').works).toBe(true);
  });

  test('gives 1, and the command, where nothing can run', () => {
    // The built package with everything it depends on but the engines.
    const copy = freshFolder();
    for (const name of ['bin', 'dist', 'package.json'])
      cpSync(join(root, name), join(copy, name), { recursive: true });
    mkdirSync(join(copy, 'node_modules'));
    for (const name of readdirSync(join(root, 'node_modules'))) {
      if (name.startsWith('.') || name === '@tensorflow' || name === 'onnxruntime-node') continue;
      symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name), 'junction');
    }
    const script = join(copy, 'bin', 'unet.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, 'doctor', '--json'], {
      cwd: tmpdir(),
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    const nothing: Found = JSON.parse(stdout);
    expect(nothing.engines.filter(({ works, installed }) => works || installed)).toEqual([]);
    expect(nothing.tfjs).toBeNull();
    expect(nothing.faster).toEqual([
      { engine: 'wasm', command: 'npm install @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0' },
    ]);
  });

  test('is no way to call a probe', () => {
    expect(unet(['doctor', '--probe', 'wasm']).code).toBe(2);
    expect(unet(['doctor', '--help']).stdout).not.toContain('--probe');
  });
});

describe('unet engine', () => {
  test('called wrongly gives 2', () => {
    for (const args of [
      ['engine'],
      ['engine', 'install'],
      ['engine', 'install', 'tpu'],
      ['engine', 'install', 'cpu', '--timeout', 'x'],
    ]) {
      const { code, stdout, stderr } = unet(args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).not.toMatch(/^ +at /m);
    }
  });

  // A shell script stands in for npm.
  describe.skipIf(process.platform === 'win32')('install', () => {
    /** A project, and a PATH with an npm that copies a stand-in whose install script is `script`. */
    function project(script: string): { folder: string; env: Record<string, string> } {
      const [folder, store, built] = [emptyProject(), emptyProject(), emptyProject()];
      const place = addNative(store, 'tfjs-node', { addon: 'none' });
      const manifest = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'));
      writeFileSync(
        join(place, 'package.json'),
        JSON.stringify({ ...manifest, scripts: { install: 'node install.js' } }),
      );
      const lib = join(addNative(built, 'tfjs-node'), 'lib');
      writeFileSync(join(place, 'install.js'), script.replace('BUILT', JSON.stringify(lib)));
      const npm = join(store, 'npm');
      writeFileSync(npm, `#!/bin/sh\ncp -R ${JSON.stringify(join(store, 'node_modules'))} .\n`);
      chmodSync(npm, 0o755);
      return { folder, env: { PATH: [store, process.env.PATH].join(delimiter) } };
    }

    test('adds an engine that then is taken', () => {
      const { folder, env } = project("require('fs').cpSync(BUILT, 'lib', { recursive: true });");
      const first = unet(['engine', 'install', 'cpu'], folder, env);
      expect(first).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('@tensorflow/tfjs-node 4.22.0 is installed in'),
      });
      expect(first.stderr).toMatch(/note: .*package\.json.*--save/);
      const again = unet(['engine', 'install', 'cpu', '--json'], folder, env);
      expect(JSON.parse(again.stdout)).toMatchObject({ changed: false, version: '4.22.0' });
    });

    test('says why it can not', () => {
      const { folder, env } = project("require('https').get('https://nowhere.invalid/library.tar.gz');");
      const { code, stdout, stderr } = unet(['engine', 'install', 'cpu'], folder, env);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/error\[engine-incomplete\]: .*nowhere\.invalid/);
      expect(stderr).not.toMatch(/^ +at /m);
    });

    test('needs a project', () => {
      const folder = freshFolder();
      const { code, stderr } = unet(['engine', 'install', 'cpu'], folder);
      expect(code).toBe(1);
      expect(stderr).toContain('error[no-project]');
    });
  });
});
