import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { CompletionProblem, NpmProblem } from '../../diagnostics/codes/engines.js';
import { type Failure, failure } from '../../diagnostics/failure.js';
import { fieldOf } from '../../weights/json-text.js';
import { findPackage, manifestOf } from '../files/packages.js';
import { TFJS_VERSION } from './engines/engine-kinds.js';
import type { NativeKind } from './engines/native.js';
import type { EngineReport } from './engines/probe.js';
import { runProcess } from './engines/run-process.js';
import { npmProblem, scriptProblem } from './install-problem.js';

export interface InstallOptions {
  /** The current folder; the package is added to the nearest project in or above it. */
  readonly folder: string;
  /** Also writes it into package.json, as an optional dependency. */
  readonly save?: boolean;
  /** How long a step may run without a sign of life; 60 s by default. */
  readonly silenceMs?: number;
  /** npm, and its first arguments. */
  readonly npm?: readonly [string, ...string[]];
  /** Tries the engine that a folder resolves to, in its own process. */
  readonly probe: (kind: NativeKind, folder: string) => Promise<EngineReport>;
  /** Called with the current step, and about every second with the number of bytes so far. */
  readonly onProgress?: (step: string, bytes: number) => void;
}

export interface Installed {
  readonly package: string;
  readonly version: string;
  /** The project's folder. */
  readonly project: string;
  /** False if it already worked, and nothing was done. */
  readonly changed: boolean;
}

/** The systems that have a prebuilt TensorFlow 2.9.1 and addon (tfjs-node, scripts/install.js). */
const SYSTEMS: Readonly<Record<NativeKind, readonly string[]>> = {
  'tfjs-node': ['linux-x64', 'linux-arm64', 'linux-arm', 'darwin-x64', 'darwin-arm64', 'win32-x64'],
  'tfjs-node-gpu': ['linux-x64', 'win32-x64'],
};

/** Whether there is a prebuilt engine for this system. */
export function hasPrebuilt(kind: NativeKind, system = `${process.platform}-${process.arch}`): boolean {
  return SYSTEMS[kind].includes(system);
}

/** The nearest project in or above a folder that has one of the files. */
function nearest(folder: string, names: readonly string[]): { folder: string; name: string } | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const name = existsSync(join(at, 'package.json')) && names.find((one) => existsSync(join(at, one)));
    if (name) return { folder: at, name };
    if (dirname(at) === at) return undefined;
  }
}

/** Other package managers than npm, by their lock files: npm would break their node_modules. */
const OTHER_MANAGERS: Readonly<Record<string, string>> = {
  'pnpm-lock.yaml': 'pnpm add --save-optional --allow-build=PACKAGE PACKAGE@VERSION',
  'yarn.lock': 'yarn add --optional --exact PACKAGE@VERSION',
  'bun.lock': 'bun add --optional --trust PACKAGE@VERSION',
  'bun.lockb': 'bun add --optional --trust PACKAGE@VERSION',
};

/** The bytes of all files below a folder. */
function sizeOf(folder: string): number {
  let size = 0;
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) size += sizeOf(path);
      else if (entry.isFile()) size += statSync(path).size;
    }
  } catch {
    // Something was just renamed or removed; the next call sees the new state.
  }
  return size;
}

/**
 * Installs tfjs-node or tfjs-node-gpu in a project, and proves that it computes. npm only brings the packages. The install
 * script, which downloads TensorFlow, runs here: whatever the project's policy on install scripts is, and killed if its
 * host falls silent. (`npm install` itself counts a failed optional peer as a success.)
 */
export async function installNative(kind: NativeKind, options: InstallOptions): Promise<Installed | Failure> {
  const { silenceMs = 60_000, onProgress = () => {}, probe } = options;
  const name = `@tensorflow/${kind}`;
  if (!hasPrebuilt(kind)) {
    return failure('no-prebuilt-engine', { package: name, system: `${process.platform} ${process.arch}` });
  }
  const project = nearest(options.folder, ['package.json'])?.folder;
  if (project === undefined) {
    return failure('no-project', { folder: options.folder });
  }
  const lock = nearest(project, ['package-lock.json', ...Object.keys(OTHER_MANAGERS)]);
  const other = lock && OTHER_MANAGERS[lock.name];
  if (other !== undefined) {
    const command = other.replaceAll('PACKAGE', name).replaceAll('VERSION', TFJS_VERSION);
    return failure('other-package-manager', { project, lock: lock?.name ?? '', command });
  }
  const before = await probe(kind, project);
  if (before.works) return outcome(kind, project, before, false);

  const npm = await bringPackages(name, project, options, silenceMs);
  if (npm !== undefined) return npm;
  const found = findPackage(name, [project]);
  if (found === undefined) return npmFailure(name, { case: 'nothing-installed' });
  const script = await runInstallScript(found.folder, name, silenceMs, onProgress);
  if (script !== undefined) return script;
  onProgress('trying the engine', 0);
  return outcome(kind, project, await probe(kind, project), true);
}

function outcome(
  kind: NativeKind,
  project: string,
  report: EngineReport,
  changed: boolean,
): Installed | Failure {
  const name = `@tensorflow/${kind}`;
  if (!report.works)
    return failure('engine-installed-broken', { package: name, reason: report.reason ?? '' });
  if (kind === 'tfjs-node-gpu' && report.usesGpu === false) {
    return failure('no-gpu', { engine: name, needs: 'cuda' });
  }
  return { package: name, version: report.version ?? TFJS_VERSION, project, changed };
}

/** npm removes packages that neither it nor package.json names: name the other native package too, if it is installed. */
function keptBeside(name: string, project: string): readonly string[] {
  return ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'].filter(
    (other) => other !== name && existsSync(join(project, 'node_modules', other)),
  );
}

async function bringPackages(
  name: string,
  project: string,
  { npm, save, onProgress = () => {} }: InstallOptions,
  silenceMs: number,
): Promise<Failure | undefined> {
  // On Windows, npm is a script for the shell. The arguments are our own.
  const shell = npm === undefined && process.platform === 'win32';
  const [command, ...first] = npm ?? ['npm'];
  const step = `npm brings ${name} ${TFJS_VERSION}`;
  onProgress(step, 0);
  const result = await runProcess(
    command,
    [
      ...first,
      'install',
      ...(save ? ['--save-optional', '--save-exact'] : ['--no-save']),
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--fetch-retries=1',
      '--fetch-retry-mintimeout=1000',
      `--fetch-timeout=${silenceMs}`,
      ...[name, ...keptBeside(name, project)].map((one) => `${one}@${TFJS_VERSION}`),
    ],
    // npm prints nothing while it works, so the files that it writes are its sign of life. It tries twice by itself.
    {
      cwd: project,
      shell,
      silenceMs: 3 * silenceMs,
      pulse: () => sizeOf(join(project, 'node_modules', '@tensorflow')),
      onTick: (bytes) => onProgress(step, bytes),
    },
  );
  if (result.notStarted !== undefined) {
    return npmFailure(name, { case: 'not-started', reason: result.notStarted });
  }
  if (result.silent) return npmFailure(name, { case: 'silent', seconds: (3 * silenceMs) / 1000 });
  return result.code === 0 ? undefined : npmFailure(name, npmProblem(result.output));
}

function npmFailure(name: string, problem: NpmProblem): Failure {
  return failure('npm-failed', { package: name, problem });
}

/** The environment in which npm runs scripts: node_modules/.bin of a folder and its parents come first in PATH. */
function environmentFor(folder: string): NodeJS.ProcessEnv {
  const folders: string[] = [];
  for (let at = folder; dirname(at) !== at; at = dirname(at)) folders.push(join(at, 'node_modules', '.bin'));
  const path = [...folders, process.env.PATH ?? ''].join(delimiter);
  // Windows calls it Path, and may have it only once.
  const others = Object.entries(process.env).filter(([name]) => name.toUpperCase() !== 'PATH');
  return { ...Object.fromEntries(others), PATH: path };
}

/** The folders that the install script makes: TensorFlow's library, and the addon. */
const PARTS: readonly string[] = ['deps', 'lib'];

async function runInstallScript(
  folder: string,
  name: string,
  silenceMs: number,
  onProgress: (step: string, bytes: number) => void,
): Promise<Failure | undefined> {
  const script = fieldOf(fieldOf(manifestOf(folder), 'scripts'), 'install');
  if (typeof script !== 'string')
    return failure('engine-incomplete', { package: name, problem: { case: 'no-script' } });
  const step = 'downloading TensorFlow';
  onProgress(step, 0);
  // The next run would take an incomplete library for a complete one, so it is removed, also after Ctrl-C. Older files,
  // such as a user's own library, remain.
  const note = join(folder, '.unet-unfinished');
  const removeUnfinished = () => {
    for (const part of existsSync(note) ? readFileSync(note, 'utf8').split('\n') : []) {
      if (PARTS.includes(part)) rmSync(join(folder, part), { recursive: true, force: true });
    }
    rmSync(note, { force: true });
  };
  removeUnfinished();
  writeFileSync(note, PARTS.filter((part) => !existsSync(join(folder, part))).join('\n'));
  const size = sizeOf(folder);
  const result = await runProcess(script, [], {
    cwd: folder,
    env: environmentFor(folder),
    shell: true,
    silenceMs,
    pulse: () => sizeOf(folder),
    onTick: (bytes) => onProgress(step, bytes - size),
  });
  if (result.code === 0) {
    rmSync(note, { force: true });
    return undefined;
  }
  removeUnfinished();
  const problem: CompletionProblem = result.silent
    ? { case: 'silent', seconds: silenceMs / 1000 }
    : scriptProblem(result.output);
  return failure('engine-incomplete', { package: name, problem });
}
