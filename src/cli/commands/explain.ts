import { codes } from '../../diagnostics/codes.js';
import { didYouMean } from '../../diagnostics/suggest.js';
import type { CommandModule, ExitCode } from '../command.js';
import { examples } from '../command.js';
import { packageFile } from '../input/package-files.js';
import { fail, print, printJson, usageError } from '../output/output.js';

interface Options {
  readonly json?: boolean;
}

export const command: CommandModule = {
  define(command, done) {
    command
      .argument('[code]', 'the code of a diagnostic; all codes without one')
      .option('--json', 'print JSON');
    examples(command, ['unet explain input-does-not-fit', 'unet explain']);
    command.action((code: string | undefined, options: Options) => done(run(code, options)));
  },
};

function run(code: string | undefined, options: Options): ExitCode {
  const known = Object.entries(codes).map(([name, { severity }]) => ({ code: name, severity }));
  if (code === undefined) {
    if (options.json) printJson({ codes: known });
    else print(known.map((entry) => `${entry.code} (${entry.severity})`).join('\n'));
    return 0;
  }
  const entry = known.find((one) => one.code === code);
  if (!entry) {
    const near = didYouMean(
      code,
      known.map((one) => one.code),
    );
    return usageError(
      `there is no diagnostic \`${code}\`${near ? `: did you mean \`${near}\`?` : ' (see `unet explain`)'}`,
    );
  }
  const page = packageFile(`docs/diagnostics/${code}.md`);
  if (page === undefined) return fail(`the page of ${code} is missing: install unet-lang again`);
  if (options.json) printJson({ ...entry, page });
  else print(page);
  return 0;
}
