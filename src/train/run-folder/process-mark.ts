import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * What tells a process from a later one that got the same number: when it was started, in a form of the system's own.
 * `gone` where there is no such process, or one that has ended and waits to be noticed by its parent; undefined where
 * there is one and the system does not say more.
 */
export function processMark(pid: number): string | 'gone' | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process may not be sent a signal, but is there.
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

/** proc_pid_stat(5): behind the name in brackets the state is field 3, the start in ticks since the boot field 22. */
function linuxMark(pid: number): string | 'gone' | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, start] = [fields[0], fields[19]];
  if (state === 'Z' || state === 'X') return 'gone';
  if (start === undefined) return undefined;
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${start}`;
}

/** `ps` of macOS and the BSDs: the state and the date of the start. */
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
