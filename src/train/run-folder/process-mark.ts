import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * A text that distinguishes a process from a later one with the same number: when it was started, in a form that depends on
 * the system. `gone` if there is no such process, or if it has ended and its parent has not noticed yet; undefined if there
 * is one, and the system gives no more information.
 */
export function processMark(pid: number): string | 'gone' | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM means that the process exists, but belongs to another user.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return 'gone';
  }
  try {
    return process.platform === 'linux'
      ? linuxMark(pid)
      : process.platform === 'win32'
        ? undefined
        : unixMark(pid);
  } catch {
    return undefined;
  }
}

/** proc_pid_stat(5): after the name in brackets, field 3 is the state, and field 22 the start, in ticks since the boot. */
function linuxMark(pid: number): string | 'gone' | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, start] = [fields[0], fields[19]];
  if (state === 'Z' || state === 'X') return 'gone';
  if (start === undefined) return undefined;
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${start}`;
}

/** macOS and the BSDs: `ps` prints the state and the date of the start. */
function unixMark(pid: number): string | 'gone' | undefined {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const text = execFileSync('ps', ['-p', String(pid), '-o', 'state=,lstart='], {
    encoding: 'utf8',
    env,
  }).trim();
  const [state = '', ...date] = text.split(/\s+/);
  if (state.startsWith('Z')) return 'gone';
  return date.length === 0 ? undefined : date.join(' ');
}
