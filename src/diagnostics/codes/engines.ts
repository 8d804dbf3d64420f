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
      return `the process that tried the engine was ended by ${end.signal}${lastText(end)}`;
  }
}

function lastText({ last }: { readonly last?: string }): string {
  return last === undefined ? '' : `: ${last}`;
}

/** Why wasm cannot use threads. */
export type ThreadsProblem =
  | { readonly case: 'one-cpu' }
  | { readonly case: 'version'; readonly package: string; readonly wanted: string; readonly found: string }
  | { readonly case: 'not-started'; readonly reason: string };

function threadsText(problem: ThreadsProblem): string {
  switch (problem.case) {
    case 'one-cpu':
      return 'the machine has one CPU';
    case 'version':
      return `they need ${problem.package} ${problem.wanted}, not ${problem.found}`;
    case 'not-started':
      return problem.reason;
  }
}

/** Why npm did not add a package. */
export type NpmProblem =
  | { readonly case: 'not-started'; readonly reason: string }
  | { readonly case: 'silent'; readonly seconds: number }
  | { readonly case: 'failed'; readonly reason: string }
  | { readonly case: 'nothing-installed' };

function npmText(name: string, problem: NpmProblem): string {
  switch (problem.case) {
    case 'not-started':
      return `npm cannot be started: ${problem.reason}`;
    case 'silent':
      return `npm received nothing from the registry for ${problem.seconds} s, so it was ended`;
    case 'failed':
      return `npm cannot install ${name}: ${problem.reason}`;
    case 'nothing-installed':
      return `npm reported success but did not install ${name}`;
  }
}

/** Why an installed package was not completed by its own install script. */
export type CompletionProblem =
  | { readonly case: 'no-script' }
  | { readonly case: 'silent'; readonly seconds: number }
  | { readonly case: 'failed'; readonly reason: string };

function completionText(problem: CompletionProblem): string {
  switch (problem.case) {
    case 'no-script':
      return 'it has no install script that downloads TensorFlow';
    case 'silent':
      return `the host that has TensorFlow sent nothing for ${problem.seconds} s`;
    case 'failed':
      return problem.reason;
  }
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
    (a: { engine: string; reason: string }) => `${a.engine} does not start: ${a.reason}`,
  ),
  'engine-broken': error(
    'The engine starts but does not compute.',
    (a: { engine: string; version: string; reason: string }) =>
      `${a.engine} ${a.version} does not work: ${a.reason}`,
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
      a.problem.case === 'silent'
        ? 'behind a proxy, set HTTPS_PROXY; TFJS_NODE_CDN_STORAGE can name a mirror'
        : undefined,
  ),
  'engine-installed-broken': error(
    'The engine is installed but does not work.',
    (a: { package: string; reason: string }) => `${a.package} is installed but does not work: ${a.reason}`,
  ),
} as const;
