import { listText, shapeText } from '../wording.js';
import { error } from './definition.js';

/** How the trial of an engine in a process of its own ended without a report. */
export type TrialEnd =
  | { readonly case: 'silent'; readonly seconds: number }
  | { readonly case: 'not-started'; readonly reason: string }
  | { readonly case: 'exit'; readonly code: number | null; readonly last?: string }
  | { readonly case: 'signal'; readonly signal: string; readonly last?: string };

function trialText(end: TrialEnd): string {
  switch (end.case) {
    case 'silent':
      return `the engine did not answer within ${end.seconds} s`;
    case 'not-started':
      return `the process that tries the engine does not start: ${end.reason}`;
    case 'exit':
      return `the process that tried the engine ended with code ${end.code}${lastText(end)}`;
    case 'signal':
      return `the process that tried the engine was killed by ${end.signal}${lastText(end)}`;
  }
}

function lastText({ last }: { readonly last?: string }): string {
  return last === undefined ? '' : `: ${last}`;
}

/** Why wasm cannot use threads. */
export type ThreadsProblem =
  | { readonly case: 'one-cpu' }
  | { readonly case: 'version'; readonly package: string; readonly wanted: string; readonly found: string }
  | { readonly case: 'not-started'; readonly problem: StartProblem };

function threadsText(problem: ThreadsProblem): string {
  switch (problem.case) {
    case 'one-cpu':
      return 'the machine has one CPU';
    case 'version':
      return `they need ${problem.package} ${problem.wanted}, not ${problem.found}`;
    case 'not-started':
      // Emscripten wraps what happened: "Aborted(CompileError: ...). Build with -sASSERTIONS for more info".
      return startText(problem.problem).replace(/^Aborted\((.*)\)\. Build with .*$/s, '$1');
  }
}

/** Why npm did not add a package. `registry` is the host of the npm registry, if npm named it. */
export type NpmProblem =
  | { readonly case: 'not-started'; readonly reason: string }
  | { readonly case: 'silent'; readonly seconds: number }
  | { readonly case: 'nothing-installed' }
  | { readonly case: 'unreachable'; readonly registry: string | undefined; readonly reason: string }
  | { readonly case: 'not-in-registry'; readonly registry: string | undefined }
  | { readonly case: 'disk-full' | 'no-permission' }
  | { readonly case: 'other'; readonly reason: string };

function registryText(host: string | undefined): string {
  return host === undefined ? 'the npm registry' : `the npm registry (${host})`;
}

function npmText(name: string, problem: NpmProblem): string {
  switch (problem.case) {
    case 'not-started':
      return `npm cannot be started: ${problem.reason}`;
    case 'silent':
      return `npm received nothing from the registry for ${problem.seconds} s, so unet ended it`;
    case 'nothing-installed':
      return `npm reported success but did not install ${name}`;
    case 'unreachable':
      return `npm cannot install ${name}: it cannot reach ${registryText(problem.registry)}: ${problem.reason}`;
    case 'not-in-registry':
      return `npm cannot install ${name}: ${registryText(problem.registry)} does not have it`;
    case 'disk-full':
      return `npm cannot install ${name}: the disk is full`;
    case 'no-permission':
      return `npm cannot install ${name}: it may not write into the project`;
    case 'other':
      return `npm cannot install ${name}: ${problem.reason}`;
  }
}

/** Why an installed package was not completed by its own install script. */
export type CompletionProblem =
  | { readonly case: 'no-script' | 'disk-full' }
  | { readonly case: 'silent'; readonly seconds: number }
  | { readonly case: 'unreachable'; readonly host: string | undefined; readonly reason: string }
  | { readonly case: 'not-an-archive'; readonly host: string | undefined }
  | { readonly case: 'no-library'; readonly system: string }
  | { readonly case: 'no-addon'; readonly node: string; readonly system: string; readonly reason: string }
  | { readonly case: 'other'; readonly reason: string };

function completionText(problem: CompletionProblem): string {
  switch (problem.case) {
    case 'no-script':
      return 'it has no install script that downloads TensorFlow';
    case 'disk-full':
      return "the disk is full: TensorFlow's library takes up to 2 GB";
    case 'silent':
      return `the host of TensorFlow's library sent nothing for ${problem.seconds} s`;
    case 'unreachable':
      return `cannot reach ${problem.host ?? 'the host'}, which has TensorFlow's library and the addon: ${problem.reason}`;
    case 'not-an-archive':
      return `${problem.host ?? 'the host'} sent something other than an archive; a proxy or a firewall may have answered instead`;
    case 'no-library':
      return `there is no TensorFlow library for this system (${problem.system})`;
    case 'no-addon':
      return `there is no prebuilt addon for Node ${problem.node} on ${problem.system}, and it cannot be built here: ${problem.reason}`;
    case 'other':
      return problem.reason;
  }
}

/** Why an engine does not start: what it threw, or what we see of its backend. */
export type StartProblem =
  | { readonly case: 'thrown'; readonly reason: string }
  | { readonly case: 'backend-refused' }
  | { readonly case: 'loaded-without-gpu'; readonly package: string };

function startText(problem: StartProblem): string {
  switch (problem.case) {
    case 'thrown':
      return problem.reason;
    case 'backend-refused':
      return 'TensorFlow.js does not accept the backend';
    case 'loaded-without-gpu':
      return `this process loaded ${problem.package} before without a GPU`;
  }
}

/** Why an engine that starts cannot be used. */
export type ComputationProblem =
  | { readonly case: 'thrown'; readonly reason: string }
  | { readonly case: 'wrong'; readonly found: readonly number[]; readonly expected: readonly number[] };

function computationText(problem: ComputationProblem): string {
  return problem.case === 'thrown'
    ? problem.reason
    : `its convolution gives ${problem.found.join(', ')} instead of ${problem.expected.join(', ')}`;
}

/** Two engines that do not give the same result. */
export type Disagreement =
  | { readonly case: 'shape'; readonly first: readonly number[]; readonly second: readonly number[] }
  | { readonly case: 'values'; readonly relative: number; readonly limit: number };

const gpuNeeds = {
  cuda: 'it needs an NVIDIA GPU with its driver, CUDA 11.2 and cuDNN 8.1',
  webgpu:
    "it needs a GPU with Vulkan on Linux (libvulkan.so.1 and the GPU's own driver), Direct3D 12 on Windows, or Metal on macOS",
} as const;

/** Engines: what they need, what they can, and how they are added. */
export const engineCodes = {
  'engine-not-installed': error(
    'A package that the engine needs is not installed.',
    (a: { package: string; command: string }) => `${a.package} is not installed`,
    (a) => `add it with: ${a.command}`,
  ),
  'engine-not-loaded': error(
    'The package of the engine is installed but does not load.',
    (a: { package: string; version?: string; reason: string }) =>
      `${a.package}${a.version ? ` ${a.version}` : ''} is installed but does not load: ${a.reason}`,
  ),
  'native-addon-broken': error(
    'The native addon of TensorFlow.js is missing or does not load.',
    (a: { package: string; reason: string | undefined; command: string }) =>
      a.reason === undefined
        ? `${a.package} is installed without its native addon: its install script did not run, or failed`
        : `the native addon of ${a.package} does not load: ${a.reason}`,
    (a) => `install it again with: ${a.command}`,
  ),
  'engine-not-started': error(
    'The engine does not start.',
    (a: { engine: string; problem: StartProblem }) => `${a.engine} does not start: ${startText(a.problem)}`,
  ),
  'engine-thread': error(
    'The thread of the engine ended too early.',
    (a: { exitCode: number } | { reason: string }) =>
      'reason' in a
        ? `the thread of onnxruntime failed: ${a.reason}`
        : `the thread of onnxruntime ended with exit code ${a.exitCode}`,
  ),
  'engine-broken': error(
    'The engine starts but does not compute.',
    (a: { engine: string; version: string; problem: ComputationProblem }) =>
      `${a.engine} ${a.version} does not work: ${computationText(a.problem)}`,
  ),
  'engine-in-use': error(
    'The process already uses another engine.',
    (a: { engine: string; wanted?: string }) =>
      a.wanted === undefined
        ? `TensorFlow.js already runs on ${a.engine} in this process`
        : `${a.wanted} cannot be loaded in a process that has loaded ${a.engine}`,
    (a) => (a.wanted === undefined ? 'close that engine first' : 'use a process of its own for each'),
  ),
  'engine-trial-failed': error('The trial of an engine ended without a result.', (a: { end: TrialEnd }) =>
    trialText(a.end),
  ),
  'unknown-device': error(
    'The engine does not have this device.',
    (a: { engine: string; device: string; system?: string; devices: readonly string[] }) =>
      `${a.engine} has no device ${a.device}${a.system === undefined ? '' : ` on ${a.system}`}; it has ${listText(a.devices, 'and')}`,
  ),
  'missing-cuda-libraries': error(
    'The CUDA libraries of onnxruntime are missing or do not load.',
    (_: { command: string }) => 'the CUDA libraries of onnxruntime-node are missing or do not load',
    (a) => `install CUDA 12 and cuDNN 9, and the libraries with: ${a.command}`,
  ),
  'no-gpu': error(
    'The engine finds no GPU.',
    (a: { engine: string; needs: keyof typeof gpuNeeds }) => `${a.engine} finds no GPU`,
    (a) => gpuNeeds[a.needs],
  ),
  'no-wasm-threads': error(
    'WebAssembly cannot use several threads.',
    (a: { problem: ThreadsProblem }) => `wasm cannot use threads: ${threadsText(a.problem)}`,
  ),
  'engines-disagree': error(
    'Two engines give different results for the same network.',
    (a: { stage: string; found: Disagreement }) =>
      a.found.case === 'shape'
        ? `${a.stage} is ${shapeText(a.found.first)} on one engine and ${shapeText(a.found.second)} on the other`
        : `the engines differ by more than ${a.found.limit}, most at ${a.stage}: ${a.found.relative.toExponential(1)}`,
  ),
  'no-prebuilt-engine': error(
    'There is no prebuilt engine for this system.',
    (a: { package: string; system: string }) => `there is no ${a.package} for ${a.system}`,
  ),
  'no-project': error(
    'The folder is not in an npm project.',
    (a: { folder: string }) => `${a.folder} is not in a project: no package.json there or above it`,
    () => 'go to a project, or make one with: npm init -y',
  ),
  'other-package-manager': error(
    'The project uses another package manager than npm.',
    (a: { project: string; lock: string; command: string }) =>
      `${a.project} is not managed by npm: it has ${a.lock}`,
    (a) => `add the engine with: ${a.command}`,
  ),
  'npm-failed': error('npm did not install the engine.', (a: { package: string; problem: NpmProblem }) =>
    npmText(a.package, a.problem),
  ),
  'engine-incomplete': error(
    'The install script of the engine did not finish.',
    (a: { package: string; problem: CompletionProblem }) =>
      `cannot complete ${a.package}: ${completionText(a.problem)}`,
    (a) =>
      a.problem.case === 'silent' || a.problem.case === 'unreachable'
        ? 'behind a proxy, set HTTPS_PROXY; TFJS_NODE_CDN_STORAGE can name a mirror'
        : undefined,
  ),
  'engine-installed-broken': error(
    'The engine is installed but does not work.',
    (a: { package: string; reason: string }) => `${a.package} is installed but does not work: ${a.reason}`,
  ),
} as const;
