import { parse } from '../../../grammar/parse/parse.js';
import { format } from '../../../grammar/print/print.js';
import { Failure } from '../../diagnostics/failure.js';
import { SourceFile } from '../../diagnostics/source-file.js';
import { writeFileAtomically } from '../../runtime/files/write-file.js';
import type { CommandModule, ExitCode } from '../command.js';
import { examples } from '../command.js';
import { readSpec } from '../input/target.js';
import { failureJson, print, printJson, report, reportDiagnostics, reportFailure } from '../output/output.js';

interface Options {
  readonly check?: boolean;
  readonly json?: boolean;
}

export const command: CommandModule = {
  define(command, done) {
    command
      .argument('<files...>', 'specs')
      .option('--check', 'change nothing; exit 1 if a file is not formatted')
      .option('--json', 'print the state of each file as JSON');
    examples(command, ['unet fmt specs/*.unet', 'unet fmt --check specs/*.unet']);
    command.action((files: string[], options: Options) => done(run(files, options)));
  },
};

/** The result for a file. */
interface Result {
  readonly state: 'formatted' | 'changed' | 'would change' | 'has errors' | 'failed';
  readonly error?: Failure;
}

function run(files: readonly string[], options: Options): ExitCode {
  const results = files.map((file) => ({ file, ...formatFile(file, options) }));
  for (const { error } of results) if (error) reportFailure(error);
  if (options.json) {
    printJson({ files: results.map((one) => (one.error ? { ...one, error: failureJson(one.error) } : one)) });
  } else {
    for (const { file, state } of results) {
      if (state === 'changed' || state === 'would change') print(`${file}: ${state}`);
      if (state === 'has errors') report(`${file}: not changed, because it has errors`);
    }
  }
  return results.every(({ state }) => state === 'formatted' || state === 'changed') ? 0 : 1;
}

function formatFile(path: string, options: Options): Result {
  const text = readSpec(path);
  if (text instanceof Failure) return { state: 'failed', error: text };
  const parsed = parse(new SourceFile(path, text));
  const formatted = format(parsed);
  if (formatted === undefined) {
    reportDiagnostics(parsed.diagnostics);
    return { state: 'has errors' };
  }
  if (formatted === text) return { state: 'formatted' };
  if (options.check) return { state: 'would change' };
  const error = writeFileAtomically(path, [new TextEncoder().encode(formatted)]);
  return error ? { state: 'failed', error } : { state: 'changed' };
}
