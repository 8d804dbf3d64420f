import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Rng } from '../../src/data/rng.js';
import { type Ending, endOf, resultsOf, startUnet, trainArguments } from './cells-run.js';

/** Runs in a process before `unet`: counts what it writes, and kills it at one of the writes. */
const watcher = `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';
if (isMainThread) {
  const last = Number(process.env.UNET_TEST_KILL_AT ?? Infinity);
  let count = 0;
  const die = () => { process.kill(process.pid, 'SIGKILL'); for (;;); };
  for (const name of ['writeSync', 'fsyncSync', 'renameSync', 'mkdirSync']) {
    const call = fs[name];
    fs[name] = (...values) => {
      count += 1;
      if (count < last) return call(...values);
      // Half of the bytes are there.
      if (name === 'writeSync') call(values[0], values[1], values[2] ?? 0, (values[3] ?? values[1].length) >> 1);
      die();
    };
  }
  syncBuiltinESMExports();
  if (process.env.UNET_TEST_COUNT) {
    process.on('exit', () => fs.writeFileSync(process.env.UNET_TEST_COUNT, String(count)));
  }
}
`;

const watched = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(watcher)}` };

/** A run without a disturbance: its results, how many writes it makes, and how long it takes. */
export interface Undisturbed {
  readonly results: Record<string, string>;
  readonly writes: number;
  readonly milliseconds: number;
}

export async function undisturbed(work: string): Promise<Undisturbed> {
  const begun = performance.now();
  const counted = join(work, 'writes.txt');
  const ending = await endOf(
    startUnet(trainArguments('whole'), work, { ...watched, UNET_TEST_COUNT: counted }),
  );
  if (ending.code !== 0) throw new Error(ending.stderr);
  return {
    results: resultsOf(join(work, 'whole')),
    writes: Number(readFileSync(counted, 'utf8')),
    milliseconds: performance.now() - begun,
  };
}

/** Where a process is killed: at one of its writes, counted from 1, or after a time. */
export type Moment = { readonly write: number } | { readonly milliseconds: number };

/** Trains, or continues, until the moment comes; a run that finishes before ends as usual. `more` are options of both. */
export async function killedAt(
  work: string,
  output: string,
  moment: Moment,
  more: readonly string[] = [],
): Promise<Ending> {
  const args = trainArguments(output, '--resume', ...more);
  if ('write' in moment) {
    return endOf(startUnet(args, work, { ...watched, UNET_TEST_KILL_AT: String(moment.write) }));
  }
  const child = startUnet(args, work);
  const timer = setTimeout(() => child.kill('SIGKILL'), moment.milliseconds);
  const ending = await endOf(child);
  clearTimeout(timer);
  return ending;
}

/** Moments spread over the whole of a run, one in each of as many equal parts, half of them at writes. */
export function moments(
  { writes, milliseconds }: Undisturbed,
  count: number,
  seed: number,
): readonly Moment[] {
  const draws = new Rng(seed, 'kill');
  return Array.from({ length: count }, (_, i): Moment => {
    const part = (i + draws.uniform(0, 1)) / count;
    return i % 2 === 0 ? { write: 1 + Math.floor(part * writes) } : { milliseconds: part * milliseconds };
  });
}

/** Continues to the end; the run may be finished already. */
export async function finished(work: string, output: string, more: readonly string[] = []): Promise<Ending> {
  const ending = await endOf(startUnet(trainArguments(output, '--resume', ...more), work));
  const isFinished = /error\[run-finished\]/.test(ending.stderr);
  if (ending.code !== 0 && !isFinished) throw new Error(ending.stderr);
  return ending;
}
