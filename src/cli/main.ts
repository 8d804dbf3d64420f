import { Command, CommanderError } from 'commander';
import { version } from '../diagnostics/version.js';
import type { ExitCode, Outcome } from './command.js';
import { commands } from './commands.js';

// Code that only a failure needs is loaded only after one, so that --version and --help are fast.

/** Runs the command line; returns the exit code. */
async function main(args: readonly string[]): Promise<ExitCode> {
  const outcome = await run(args);
  if (typeof outcome === 'number') return outcome;
  const { failureJson, printJson, reportFailure } = await import('./output/output.js');
  if (args.includes('--json')) printJson({ error: failureJson(outcome) });
  return reportFailure(outcome);
}

async function run(args: readonly string[]): Promise<Outcome> {
  const program = new Command('unet')
    .description('A compiler for U-Net networks: checks specs, proves their shapes, writes models.')
    .version(version, '-V, --version')
    .exitOverride()
    // A wrong call becomes a failure instead of commander's own message.
    .configureOutput({ outputError: () => {} });
  let outcome: Outcome = 0;
  const called = args.find((arg) => !arg.startsWith('-'));
  for (const [name, entry] of Object.entries(commands)) {
    const command = program.command(name).summary(entry.summary).description(entry.summary).exitOverride();
    command.copyInheritedSettings(program);
    // Only the called command is loaded; the others are a name and a summary.
    if (name === called) {
      const { define } = await entry.load();
      define(command, (result) => {
        outcome = result;
      });
    }
  }
  if (called !== undefined && !Object.hasOwn(commands, called) && called !== 'help') {
    const { unknownCommand } = await import('./wrong-call.js');
    return unknownCommand(called);
  }
  if (args.length === 0) {
    process.stdout.write(program.helpInformation());
    return 2;
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
    return outcome;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // --help and --version are successes.
    if (error.exitCode === 0) return 0;
    // A command without its subcommand: commander has printed the help.
    if (error.code === 'commander.help') return 2;
    const { wrongCall } = await import('./wrong-call.js');
    return wrongCall(error, called);
  }
}

// A reader that stops reading (`| head`) is not an error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

process.exitCode = await main(process.argv.slice(2));
