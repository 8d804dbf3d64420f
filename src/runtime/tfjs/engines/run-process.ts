import { spawn, spawnSync } from 'node:child_process';

export interface ProcessOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Passes the command, a single string, to the system's shell. */
  readonly shell?: boolean;
  /** The process is killed after so long without a sign of life. */
  readonly silenceMs: number;
  /** A sign of life besides output: a number that changes while it works, such as a folder's size. */
  readonly pulse?: () => number;
  /** Called about every second with the pulse. */
  readonly onTick?: (pulse: number, elapsedMs: number) => void;
}

export interface ProcessResult {
  /** null if it was killed or could not be started. */
  readonly code: number | null;
  /** The end of its output. */
  readonly output: string;
  /** Why it could not be started, as a code of the system: ENOENT. */
  readonly notStarted?: string;
  readonly silent: boolean;
}

const TICK_MS = 1000;
const KEPT_OUTPUT = 64 * 1024;

/** Kills a process and its children. */
function endTree(pid: number): void {
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore' });
    return;
  }
  try {
    // The process leads its own group, see `detached`.
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has already ended.
  }
}

/**
 * Runs a command that may wait for a host that never answers. It is killed after a silence, and when this process ends.
 * Its output is kept, not shown.
 */
export function runProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions,
): Promise<ProcessResult> {
  const { cwd, env = process.env, shell = false, silenceMs, pulse = () => 0, onTick } = options;
  return new Promise((resolve) => {
    const child = spawn(command, [...args], {
      cwd,
      env,
      shell,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    const begun = performance.now();
    let [heard, last, output, silent] = [begun, pulse(), '', false];
    const listen = (chunk: Buffer) => {
      heard = performance.now();
      output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    const end = () => {
      if (child.pid !== undefined) endTree(child.pid);
    };
    const interrupt = () => {
      end();
      // As a shell reports Ctrl-C.
      process.exit(130);
    };
    const timer = setInterval(
      () => {
        const now = performance.now();
        const size = pulse();
        if (size !== last) [last, heard] = [size, now];
        onTick?.(size, now - begun);
        if (now - heard < silenceMs) return;
        silent = true;
        end();
      },
      Math.min(TICK_MS, silenceMs),
    );
    process.on('exit', end);
    process.on('SIGINT', interrupt);
    process.on('SIGTERM', interrupt);
    let settled = false;
    const settle = (code: number | null, notStarted?: string) => {
      if (settled) return;
      settled = true;
      clearInterval(timer);
      process.off('exit', end);
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
      resolve({ code, output, silent, ...(notStarted === undefined ? {} : { notStarted }) });
    };
    child.on('error', (error) => settle(null, 'code' in error ? String(error.code) : error.message));
    child.on('close', (code) => settle(code));
  });
}
