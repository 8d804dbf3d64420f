// The stored results: one line of JSON for each ratio of a run.
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

export const resultsFile = fileURLToPath(new URL('results.jsonl', import.meta.url));

/** What is measured must be what the commit has. */
const measured = ['bin', 'codegen', 'grammar', 'specs', 'src', 'package.json'];

const git = (...args) => execFileSync('git', args, { encoding: 'utf8' }).trim();

/** Why results cannot be saved; undefined if they can. */
export function whatCannotBeSaved() {
  const changed = git('status', '--porcelain', '--', ...measured);
  return changed === '' ? undefined : `commit these changes before you save results:\n${changed}`;
}

/** A line for each measurement with a ratio. */
export function entriesOf(measurements, date = git('log', '-1', '--format=%cs')) {
  const commit = git('rev-parse', '--short=10', 'HEAD');
  const machine = { commit, date, node: process.versions.node, cpu: cpus()[0]?.model ?? 'unknown' };
  return measurements
    .filter(({ ratio }) => ratio !== undefined)
    .map(({ measure, ratio, figures, unit }) => ({
      ...machine,
      measure,
      ratio: Number(ratio.toPrecision(4)),
      unit,
      medians: Object.fromEntries(
        Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(4))]),
      ),
    }));
}

export function save(entries) {
  appendFileSync(resultsFile, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}
