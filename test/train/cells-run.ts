import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { bin, root, unet } from '../cli/unet.js';

/** A network that trains in about a second. */
export const network = `unet Small {
  input    = 1 x 32 x 32
  classes  = 2
  depth    = 2
  channels = 4
  padding  = same
}
`;

export const recipe = `training Quick {
  loss      = 0.5 * cross_entropy + 0.5 * dice
  optimizer = adam(lr: 0.01)
  epochs    = 3
  batch     = 2
  augment   = [flip, noise]
}
`;

/** A folder with `cells.unet` and a set of synthetic images, `set`. */
export function workFolder(
  spec = network + recipe,
  cells: readonly string[] = ['--count', '8', '--size', '48'],
): string {
  const folder = mkdtempSync(join(tmpdir(), 'unet-train-'));
  writeFileSync(join(folder, 'cells.unet'), spec);
  const made = unet(['data', 'cells', '--out', 'set', ...cells], folder);
  if (made.code !== 0) throw new Error(made.stderr);
  return folder;
}

/** The arguments of a training into `output`, on one thread of the engine. */
export function trainArguments(output: string, ...more: readonly string[]): string[] {
  return ['train', 'cells.unet', '-d', 'set', '-o', output, '--threads', '1', '--workers', '0', ...more];
}

/** Starts `unet` without waiting for it. */
export function startUnet(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  if (!existsSync(join(root, 'dist/cli.js'))) throw new Error('build first: npm run build');
  return spawn(process.execPath, [bin, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Waits for the end; `onText` is given all of standard output so far, whenever more comes. */
export function endOf(child: ChildProcess, onText: (text: string) => void = () => {}): Promise<Ending> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk) => {
    stdout += String(chunk);
    onText(stdout);
  });
  child.stderr?.on('data', (chunk) => {
    stderr += String(chunk);
  });
  return new Promise((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr })),
  );
}

/** The parts of a safetensors file: its metadata without what depends on the clock, and the bytes of its tensors. */
function checkpointNumbers(bytes: Buffer): string {
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString('utf8'));
  const progress = JSON.parse(header.__metadata__['unet.checkpoint'], withoutSeconds);
  return JSON.stringify([Object.keys(header), progress]) + bytes.subarray(8 + length).toString('base64');
}

function withoutSeconds(key: string, value: unknown): unknown {
  return key === 'seconds' ? 0 : value;
}

/** The files of a run by their paths, without what depends on the clock. */
export function numbersOf(folder: string): Record<string, string> {
  const numbers: Record<string, string> = {};
  const visit = (path: string): void => {
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path)) visit(join(path, name));
      return;
    }
    const bytes = readFileSync(path);
    const name = basename(path);
    if (name === 'environment.json') return;
    const text = bytes.toString('latin1');
    numbers[relative(folder, path)] = name.startsWith('checkpoint')
      ? checkpointNumbers(bytes)
      : name === 'metrics.csv'
        ? text.replaceAll(/,[^,\n]*$/gm, '')
        : name === 'metrics.json'
          ? JSON.stringify(JSON.parse(text, withoutSeconds))
          : text;
  };
  visit(folder);
  return numbers;
}

/** As numbersOf, without the checkpoint before the last, which tells where a run was stopped. */
export function resultsOf(folder: string): Record<string, string> {
  const { 'checkpoint.previous.safetensors': _, ...results } = numbersOf(folder);
  return results;
}
