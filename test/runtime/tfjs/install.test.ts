import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { failure } from '../../../src/diagnostics/failure.js';
import type { NativeKind } from '../../../src/runtime/tfjs/engines/native.js';
import type { InstallOptions } from '../../../src/runtime/tfjs/install.js';
import { npmProblem, scriptProblem } from '../../../src/runtime/tfjs/install-problem.js';
import { addNative, emptyProject, type NativeOptions } from './fake-packages.js';

// A process may load one native package only: each test gets modules that have loaded none.
let installNative: typeof import('../../../src/runtime/tfjs/install.js')['installNative'];
let probeEngine: typeof import('../../../src/runtime/tfjs/engines/probe.js')['probeEngine'];
beforeEach(async () => {
  vi.resetModules();
  ({ installNative } = await import('../../../src/runtime/tfjs/install.js'));
  ({ probeEngine } = await import('../../../src/runtime/tfjs/engines/probe.js'));
});
afterEach(async () => {
  const tf = await import('@tensorflow/tfjs');
  if (tf.findBackendFactory('tensorflow')) tf.removeBackend('tensorflow');
});

/** What the stand-in for npm and for the package's install script do. */
interface Fakes extends NativeOptions {
  readonly kind?: NativeKind;
  /** JavaScript of the npm; by default it copies the package into the project. */
  readonly npm?: string;
  /** JavaScript of the install script, in the package's folder; `built` is a folder that has what it is to make. */
  readonly script?: string;
}

/** A project, and an npm that notes its arguments and brings a package without its addon. */
function fakes(options: Fakes): { project: string; npm: [string, string]; calls: () => string[][] } {
  const { kind = 'tfjs-node', script = "require('fs').cpSync(built, '.', { recursive: true });" } = options;
  const [project, store] = [emptyProject(), emptyProject()];
  const folder = addNative(store, kind, { ...options, addon: 'none' });
  const built = join(addNative(emptyProject(), kind, options), 'lib');
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ ...manifest, scripts: { install: 'node install.js' } }),
  );
  writeFileSync(join(folder, 'install.js'), `const built = ${JSON.stringify(built)};\n${script}`);
  const copy = `require('fs').cpSync(${JSON.stringify(join(store, 'node_modules'))}, 'node_modules', { recursive: true });`;
  const [file, log] = [join(store, 'npm.js'), join(store, 'log')];
  writeFileSync(
    file,
    `require('fs').appendFileSync(${JSON.stringify(log)}, JSON.stringify(process.argv.slice(2)) + '\\n');\n${options.npm ?? copy}`,
  );
  const calls = () =>
    existsSync(log)
      ? readFileSync(log, 'utf8')
          .trim()
          .split('\n')
          .map((line): string[] => JSON.parse(line))
      : [];
  return { project, npm: [process.execPath, file], calls };
}

const build = "const fs = require('fs'); fs.cpSync(built, 'lib', { recursive: true });";

function install(
  kind: NativeKind,
  folder: string,
  npm: [string, string],
  more: Partial<InstallOptions> = {},
) {
  return installNative(kind, {
    folder,
    npm,
    probe: (name, from) => probeEngine(name, { from: [from] }),
    ...more,
  });
}

describe('installing a native engine', () => {
  test('brings the package, runs its script only, and tries an operation', async () => {
    const { project, npm, calls } = fakes({ script: build });
    const steps: string[] = [];
    const below = join(project, 'src', 'deep');
    mkdirSync(below, { recursive: true });
    const result = await install('tfjs-node', below, npm, { onProgress: (step) => steps.push(step) });
    expect(result).toEqual({ package: '@tensorflow/tfjs-node', version: '4.22.0', project, changed: true });
    const [args = []] = calls();
    expect(calls()).toHaveLength(1);
    expect(args[0]).toBe('install');
    expect(args).toContain('--no-save');
    expect(args).toContain('--ignore-scripts');
    expect(args.at(-1)).toBe('@tensorflow/tfjs-node@4.22.0');
    expect([...new Set(steps)]).toEqual([
      'npm brings @tensorflow/tfjs-node 4.22.0',
      'downloading TensorFlow',
      'trying the engine',
    ]);
  });

  test('--save writes it into package.json as npm does', async () => {
    const { project, npm, calls } = fakes({ script: build });
    expect(await install('tfjs-node', project, npm, { save: true })).toMatchObject({ changed: true });
    const [args = []] = calls();
    expect(args).toContain('--save-optional');
    expect(args).toContain('--save-exact');
    expect(args).not.toContain('--no-save');
  });

  test('leaves one that works alone', async () => {
    const { project, npm, calls } = fakes({});
    addNative(project, 'tfjs-node');
    expect(await install('tfjs-node', project, npm)).toMatchObject({ changed: false, version: '4.22.0' });
    expect(calls()).toEqual([]);
  });

  test('completes one that was left unbuilt', async () => {
    const { project, npm } = fakes({ script: build });
    addNative(project, 'tfjs-node', { addon: 'none' });
    expect(await install('tfjs-node', project, npm)).toMatchObject({ changed: true });
  });

  test('removes what an interrupted download left, and nothing else', async () => {
    const script = "require('fs').writeFileSync('seen', require('fs').readdirSync('.').join());";
    const { project, npm } = fakes({ script: `${script} ${build}` });
    const folder = addNative(project, 'tfjs-node', { addon: 'none' });
    for (const part of ['deps', 'own']) {
      mkdirSync(join(folder, part));
      writeFileSync(join(folder, part, 'library'), 'cut off');
    }
    writeFileSync(join(folder, '.unet-unfinished'), 'deps\nown');
    expect(await install('tfjs-node', project, npm)).toMatchObject({ changed: true });
    const seen = readFileSync(join(folder, 'seen'), 'utf8').split(',');
    expect(seen).toContain('own');
    expect(seen).not.toContain('deps');
    expect(readdirSync(folder)).not.toContain('.unet-unfinished');
  });

  test('fails where the engine computes without the GPU it is for', async () => {
    const { project, npm } = fakes({ kind: 'tfjs-node-gpu', script: build, usesGpu: false });
    const result = await install('tfjs-node-gpu', project, npm);
    // Only these systems have a package with a GPU.
    const exists = ['linux-x64', 'win32-x64'].includes(`${process.platform}-${process.arch}`);
    expect(result).toMatchObject({ code: exists ? 'no-gpu' : 'no-prebuilt-engine' });
  });

  test.each([
    [
      'npm fails',
      { npm: "console.error('npm error code ENOSPC'); process.exit(1);" },
      'npm-failed',
      { problem: { case: 'disk-full' } },
    ],
    ['npm brings nothing', { npm: '' }, 'npm-failed', { problem: { case: 'nothing-installed' } }],
    [
      'the host is unreachable',
      { script: "require('https').get('https://nowhere.invalid/lib');" },
      'engine-incomplete',
      { problem: { case: 'unreachable', reason: expect.stringMatching(/getaddrinfo \w+ nowhere\.invalid/) } },
    ],
    [
      'the script is silent about it',
      { script: '' },
      'engine-installed-broken',
      { reason: expect.stringMatching(/addon.*unet engine install cpu/) },
    ],
    [
      'the addon is of another machine',
      { script: build, addon: 'garbage' as const },
      'engine-installed-broken',
      { reason: expect.stringMatching(/addon.*unet engine install cpu/) },
    ],
    [
      'the package throws',
      { script: build, extra: 'throw new Error("no luck");' },
      'engine-installed-broken',
      { reason: expect.stringMatching(/no luck$/) },
    ],
  ])('%s: a failure that says why', async (_, options, code, args) => {
    const { project, npm } = fakes(options);
    const result = await install('tfjs-node', project, npm);
    expect(result).toMatchObject({ code, args: { package: '@tensorflow/tfjs-node', ...args } });
  });

  test('without npm is a failure', async () => {
    const result = await install('tfjs-node', emptyProject(), [join(emptyProject(), 'no-npm'), '']);
    const problem = { case: 'not-started', reason: 'ENOENT' } as const;
    expect(result).toEqual(failure('npm-failed', { package: '@tensorflow/tfjs-node', problem }));
  });

  test('ends when the host accepts and never answers, and removes what had come', async () => {
    let hungUp: () => void = () => {};
    const over = new Promise<void>((resolve) => {
      hungUp = resolve;
    });
    const server = createServer((request, response) => {
      request.on('close', hungUp);
      response.write('the first bytes');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    // It waits in a process of its own below the script's, as node-pre-gyp does.
    const child = `require('http').get('http://127.0.0.1:${port}/', (r) => r.pipe(require('fs').createWriteStream('deps/library')));`;
    const script = `require('fs').mkdirSync('deps'); require('child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(child)}]);`;
    const { project, npm } = fakes({ script });
    const result = await install('tfjs-node', project, npm, { silenceMs: 1000 });
    const problem = { case: 'silent', seconds: 1 } as const;
    expect(result).toEqual(failure('engine-incomplete', { package: '@tensorflow/tfjs-node', problem }));
    const folder = join(project, 'node_modules', '@tensorflow', 'tfjs-node');
    expect(readdirSync(folder)).not.toContain('deps');
    // The process that waited is ended too.
    await over;
  });

  test('needs a project that is npm’s', async () => {
    const { npm, calls } = fakes({});
    const project = emptyProject();
    writeFileSync(join(project, 'pnpm-lock.yaml'), '');
    const command =
      'pnpm add --save-optional --allow-build=@tensorflow/tfjs-node @tensorflow/tfjs-node@4.22.0';
    expect(await install('tfjs-node', project, npm)).toEqual(
      failure('other-package-manager', { project, lock: 'pnpm-lock.yaml', command }),
    );
    expect(calls()).toEqual([]);
  });
});

describe('the reason in what was printed', () => {
  test.each([
    [
      'npm error code ENOTFOUND\nnpm error syscall getaddrinfo\nnpm error errno ENOTFOUND\nnpm error network request to https://registry.npmjs.org/x failed, reason: getaddrinfo ENOTFOUND registry.npmjs.org\nnpm error network This is a problem related to network connectivity.\n',
      {
        case: 'unreachable',
        registry: 'registry.npmjs.org',
        reason: 'getaddrinfo ENOTFOUND registry.npmjs.org',
      },
    ],
    ['npm error code EACCES\nnpm error syscall mkdir\nnpm error path /x\n', { case: 'no-permission' }],
    [
      'npm error code ERESOLVE\nnpm error ERESOLVE unable to resolve dependency tree\nnpm error\nnpm error While resolving: a@1\n',
      { case: 'other', reason: 'ERESOLVE unable to resolve dependency tree' },
    ],
    ['npm error code E404\n', { case: 'not-in-registry', registry: undefined }],
    ['', { case: 'other', reason: 'it gave no reason' }],
  ])('of npm: %s', (output, problem) => {
    expect(npmProblem(output)).toEqual(problem);
  });

  test.each([
    [
      "* Downloading libtensorflow\nhttps://storage.googleapis.com/a.tar.gz\nnode:events:502\n      throw er; // Unhandled 'error' event\n\nError: connect ECONNREFUSED 127.0.0.1:9\n    at TCPConnectWrap.afterConnect\n  code: 'ECONNREFUSED',\n\nNode.js v20.20.2\n",
      {
        case: 'unreachable',
        host: 'storage.googleapis.com',
        reason: 'connect ECONNREFUSED 127.0.0.1:9',
      },
    ],
    [
      'http://mirror.example/a.tar.gz\nError: TAR_BAD_ARCHIVE: Unrecognized archive format\n    at Unpack.warn',
      { case: 'not-an-archive', host: 'mirror.example' },
    ],
    [
      'throw new Error(x);\nError: Unsupported system: gpu-linux-riscv64\n    at get',
      { case: 'no-library', system: 'gpu-linux-riscv64' },
    ],
    [
      'node-pre-gyp ERR! install response status 404 Not Found on https://storage.googleapis.com/a.tar.gz\ngyp ERR! configure error\ngyp ERR! stack Error: Could not find any Python installation to use\ngyp ERR! stack     at fail\n',
      { case: 'no-addon', reason: 'Could not find any Python installation to use' },
    ],
    ['Error: ENOSPC: no space left on device, write\n', { case: 'disk-full' }],
    ['something else went wrong\n', { case: 'other', reason: 'something else went wrong' }],
  ])('of the script: %s', (output, problem) => {
    expect(scriptProblem(output)).toMatchObject(problem);
  });
});
