import { readFileSync } from 'node:fs';
import { type Code, diagnosticCodes, failureCodes } from '../../diagnostics/codes.js';
import { failure } from '../../diagnostics/failure.js';
import { didYouMean } from '../../diagnostics/suggest.js';
import type { CommandModule, Outcome } from '../command.js';
import { examples } from '../command.js';
import { print, printJson } from '../output/output.js';

interface Options {
  readonly json?: boolean;
}

export const command: CommandModule = {
  define(command, done) {
    command
      .argument('[code]', 'the code of a diagnostic or a failure; without it, list all codes')
      .option('--json', 'print JSON');
    examples(command, ['unet explain input-does-not-fit', 'unet explain npy-damaged', 'unet explain']);
    command.action((code: string | undefined, options: Options) => done(run(code, options)));
  },
};

interface Entry {
  readonly code: Code;
  readonly kind: 'diagnostic' | 'failure';
  readonly severity: 'error' | 'warning';
  readonly summary: string;
}

const groups = [
  { kind: 'diagnostic', title: 'Diagnostics: what is wrong with a spec', table: diagnosticCodes },
  { kind: 'failure', title: 'Failures: why a command could not do its work', table: failureCodes },
] as const;

function entriesOf({ kind, table }: (typeof groups)[number]): readonly Entry[] {
  return Object.entries(table).map(([code, { severity, summary }]) => ({
    code: code as Code, // a key of one of the two tables
    kind,
    severity,
    summary,
  }));
}

function run(code: string | undefined, options: Options): Outcome {
  const known = groups.flatMap(entriesOf);
  if (code === undefined) {
    if (options.json) printJson({ codes: known });
    else print(groups.map(listText).join('\n\n'));
    return 0;
  }
  const entry = known.find((one) => one.code === code);
  if (!entry) {
    const nearest = didYouMean(
      code,
      known.map((one) => one.code),
    );
    return failure('unknown-code', { code, nearest });
  }
  const path = `docs/diagnostics/${code}.md`;
  const page = pageAt(path);
  if (page === undefined) return failure('installation-incomplete', { path });
  if (options.json) printJson({ ...entry, page });
  else print(page);
  return 0;
}

/** A page of this package; undefined if it is missing. Bundled code is in dist/, beside docs/. */
function pageAt(path: string): string | undefined {
  try {
    return readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
  } catch {
    return undefined;
  }
}

/** The codes of a group under its title, each with its summary. */
function listText(group: (typeof groups)[number]): string {
  const entries = entriesOf(group);
  const width = Math.max(...entries.map((entry) => entry.code.length));
  const lines = entries.map(({ code, severity, summary }) => {
    const mark = severity === 'warning' ? 'warning: ' : '';
    return `  ${code.padEnd(width)}  ${mark}${summary}`;
  });
  return [group.title, ...lines].join('\n');
}
