import { parse } from '../../../grammar/parse/parse.js';
import { format } from '../../../grammar/print/print.js';
import { Failure } from '../../diagnostics/failure.js';
import { SourceFile } from '../../diagnostics/source-file.js';
import { writeFileAtomically } from '../../runtime/files/write-file.js';
import type { CommandModule, ExitCode } from '../command.js';
import { examples } from '../command.js';
import { readSpec, sayDiagnostics } from '../input/target.js';
import { fail, print, printJson, say } from '../output/output.js';

interface Options {
  readonly check?: boolean;
  readonly json?: boolean;
}

export const command: CommandModule = {
  define(command, done) {
    command
      .argument('<files...>', 'specs')
      .option('--check', 'change nothing; exit 1 if a file is not formatted')
      .option('--json', 'print the result for each file as JSON');
    examples(command, ['unet fmt specs/*.unet', 'unet fmt --check specs/*.unet']);
    command.action((files: string[], options: Options) => done(run(files, options)));
  },
};

type State = 'formatted' | 'changed' | 'would change' | 'has errors' | 'failed';

function run(files: readonly string[], options: Options): ExitCode {
  const states = files.map((file) => ({ file, state: formatFile(file, options) }));
  if (options.json) printJson({ files: states });
  else {
    for (const { file, state } of states) {
      if (state === 'changed' || state === 'would change') print(`${file}: ${state}`);
      if (state === 'has errors') say(`${file}: left as it is, because it has errors`);
    }
  }
  return states.every(({ state }) => state === 'formatted' || state === 'changed') ? 0 : 1;
}

function formatFile(path: string, options: Options): State {
  const text = readSpec(path);
  if (text instanceof Failure) {
    fail(text);
    return 'failed';
  }
  const parsed = parse(new SourceFile(path, text));
  const formatted = format(parsed);
  if (formatted === undefined) {
    sayDiagnostics(parsed.diagnostics);
    return 'has errors';
  }
  if (formatted === text) return 'formatted';
  if (options.check) return 'would change';
  const failure = writeFileAtomically(path, [new TextEncoder().encode(formatted)]);
  if (!failure) return 'changed';
  fail(failure);
  return 'failed';
}
