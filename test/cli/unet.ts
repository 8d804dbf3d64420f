import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';

export const root = join(import.meta.dirname, '../..');
export const bin = join(root, 'bin/unet.js');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Call = (args: readonly string[], cwd?: string, env?: Readonly<Record<string, string>>) => Outcome;

/**
 * Runs the built `unet` in a folder (the repository's unless given), in a process that all calls of a worker share: what
 * it loads, it loads once. Where the process itself matters, take `unetProcess`.
 */
export const unet: Call = (args, cwd = root, env = {}) => {
  expectBuilt();
  const done = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const port = client();
  port.postMessage({ args: [...args], cwd, env: { ...process.env, ...env }, done });
  Atomics.wait(done, 0, 0);
  // Only outcomes are sent to this port, and one is there.
  const { message } = receiveMessageOnPort(port) as { message: Outcome };
  return message;
};

/** Runs the built `unet` as a user would: in a process of its own. */
export const unetProcess: Call = (args, cwd = root, env = {}) => {
  expectBuilt();
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { code: status, stdout, stderr };
};

function expectBuilt(): void {
  if (!existsSync(join(root, 'dist/cli.js'))) throw new Error('build first: npm run build');
}

let port: MessageChannel['port1'] | undefined;

function client(): MessageChannel['port1'] {
  if (port) return port;
  const channel = new MessageChannel();
  new Worker(new URL('./command-client.js', import.meta.url), {
    workerData: { port: channel.port2, bin },
    transferList: [channel.port2],
    // It ends with this process.
  }).unref();
  port = channel.port1;
  port.unref();
  return port;
}

/** A fresh folder below the system's temporary one. */
export function freshFolder(): string {
  return mkdtempSync(join(tmpdir(), 'unet-cli-'));
}
