import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { CompletionProblem, NpmProblem } from '../../diagnostics/codes/engines.js';
import { type Failure, failure } from '../../diagnostics/failure.js';
import { fieldOf } from '../../weights/json-text.js';
import { TFJS_VERSION } from './engines/engine-kinds.js';
import type { NativeKind } from './engines/native.js';
import type { EngineReport } from './engines/probe.js';
import { runProcess } from './engines/run-process.js';
import { npmProblem, scriptProblem } from './install-problem.js';
import { findPackage, manifestOf } from './packages.js';

export interface InstallOptions {
  /** The folder of work; the nearest project in or above it gets the package. */
  readonly folder: string;
  /** Also writes it into package.json, as an optional dependency. */
  readonly save?: boolean;
  /** How long a step may go on without a sign of life; 60 s when left out. */
  readonly silenceMs?: number;
  /** npm, and arguments that come first. */
  readonly npm?: readonly [string, ...string[]];
  /** Tries the engine as it is found from a folder, in a process of its own. */
  readonly probe: (kind: NativeKind, folder: string) => Promise<EngineReport>;
  /** Called with what is being done, and about every second with how many bytes have come. */
  readonly onProgress?: (step: string, bytes: number) => void;
}

export interface Installed {
  readonly package: string;
  readonly version: string;
  /** The project's folder. */
  readonly project: string;
  /** False where it worked already and nothing was done. */
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

/** Package managers other than npm, by their lock files: npm would break what they keep. */
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
    // Something is being renamed or removed; the next look sees it.
  }
  return size;
}

/**
 * Adds tfjs-node or tfjs-node-gpu to a project and proves that it computes. npm only brings the packages; the
 * install script, which downloads TensorFlow, is run here: by name, whatever the project says about install scripts
 * of others, and ended when its host falls silent. (`npm install` itself counts a failed optional peer as a success.)
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

/** npm takes away what it was not told of and package.json does not name: the other native package, where it is. */
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
  // npm is a script for the shell on Windows. The arguments are our own.
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
    // npm is silent while it works: what it writes is the sign of life. It tries twice, and gives up by itself.
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

/** The environment with node_modules/.bin of a folder and of all above it before PATH, as npm runs scripts. */
function environmentFor(folder: string): NodeJS.ProcessEnv {
  const folders: string[] = [];
  for (let at = folder; dirname(at) !== at; at = dirname(at)) folders.push(join(at, 'node_modules', '.bin'));
  const path = [...folders, process.env.PATH ?? ''].join(delimiter);
  // Windows calls it Path, and has it once only.
  const others = Object.entries(process.env).filter(([name]) => name.toUpperCase() !== 'PATH');
  return { ...Object.fromEntries(others), PATH: path };
}

/** What the install script makes: TensorFlow's library, and the addon. */
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
  // A library that is cut off would count as downloaded the next time: it is removed, also after a Ctrl-C. What was
  // there before, such as a user's own library, stays.
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
