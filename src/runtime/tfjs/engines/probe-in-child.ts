import { fork } from 'node:child_process';
import type { TrialEnd } from '../../../diagnostics/codes/engines.js';
import { failure } from '../../../diagnostics/failure.js';
import { type EngineReport, failedReport } from './probe.js';

/** A GPU's driver may take a while to start; anything longer hangs. */
const LIMIT_MS = 60_000;

/**
 * Runs a script that tries an engine and sends an EngineReport to its parent. The engine's output is not shown. If the
 * script ends without a report, the report says how it ended.
 */
export function probeInChild(
  script: string,
  args: readonly string[],
  cwd: string,
  limitMs = LIMIT_MS,
): Promise<EngineReport> {
  return new Promise((resolve) => {
    const child = fork(script, [...args], { cwd, silent: true });
    let report: EngineReport | undefined;
    let printed = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      printed = (printed + chunk.toString()).slice(-4096);
    });
    child.stdout?.resume();
    child.on('message', (message) => {
      // Our own script's only message.
      report = message as EngineReport;
      // Some drivers keep a process alive, or crash at its end.
      child.kill('SIGKILL');
    });
    const fail = (end: TrialEnd) => resolve(report ?? failedReport(failure('engine-trial-failed', { end })));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail({ case: 'silent', seconds: limitMs / 1000 });
    }, limitMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      fail({ case: 'not-started', reason: error.message });
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const line = printed.trim().split('\n').at(-1)?.trim();
      const last = line ? { last: line } : {};
      fail(signal === null ? { case: 'exit', code, ...last } : { case: 'signal', signal, ...last });
    });
  });
}
