import { Command, CommanderError } from 'commander';
import { didYouMean } from '../diagnostics/suggest.js';
import { version } from '../diagnostics/version.js';
import type { ExitCode } from './command.js';
import { commands } from './commands.js';
import { say } from './output/output.js';

/** Runs the command line; returns the exit code. */
async function main(args: readonly string[]): Promise<ExitCode> {
  const program = new Command('unet')
    .description('A compiler for U-Net networks: checks specs, proves their shapes, writes models.')
    .version(version, '-V, --version')
    .showHelpAfterError('(see `unet --help`)')
    .exitOverride();
  program.configureOutput({
    outputError: (text, write) => write(text.replace(/^error: /, 'unet: ')),
  });
  let code: ExitCode = 0;
  const called = args.find((arg) => !arg.startsWith('-'));
  for (const [name, entry] of Object.entries(commands)) {
    const command = program.command(name).summary(entry.summary).description(entry.summary).exitOverride();
    command.copyInheritedSettings(program);
    // Only the command that is called is loaded: the others are a name and a summary.
    if (name === called) {
      const { define } = await entry.load();
      define(command, (result) => {
        code = result;
      });
    }
  }
  if (called !== undefined && !Object.hasOwn(commands, called) && called !== 'help') {
    const near = didYouMean(called, Object.keys(commands));
    say(
      `unet: there is no command \`${called}\`${near ? `: did you mean \`${near}\`?` : ''} (see \`unet --help\`)`,
    );
    return 2;
  }
  if (args.length === 0) {
    process.stdout.write(program.helpInformation());
    return 2;
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version are answers; everything else that commander throws is bad usage.
    return error.exitCode === 0 ? 0 : 2;
  }
}

// A reader that stops reading (`| head`) is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

process.exitCode = await main(process.argv.slice(2));
