import { Command, CommanderError } from 'commander';
import { Failure, failure } from '../diagnostics/failure.js';
import { didYouMean } from '../diagnostics/suggest.js';
import { version } from '../diagnostics/version.js';
import type { ExitCode, Outcome } from './command.js';
import { commands } from './commands.js';
import { failureJson, printJson, reportFailure } from './output/output.js';

/** Runs the command line; returns the exit code. */
async function main(args: readonly string[]): Promise<ExitCode> {
  const outcome = await run(args);
  if (!(outcome instanceof Failure)) return outcome;
  if (args.includes('--json')) printJson({ error: failureJson(outcome) });
  return reportFailure(outcome);
}

async function run(args: readonly string[]): Promise<Outcome> {
  const program = new Command('unet')
    .description('A compiler for U-Net networks: checks specs, proves their shapes, writes models.')
    .version(version, '-V, --version')
    .exitOverride()
    // What commander would print about wrong arguments becomes a failure.
    .configureOutput({ outputError: () => {} });
  let outcome: Outcome = 0;
  const called = args.find((arg) => !arg.startsWith('-'));
  for (const [name, entry] of Object.entries(commands)) {
    const command = program.command(name).summary(entry.summary).description(entry.summary).exitOverride();
    command.copyInheritedSettings(program);
    // Only the command that is called is loaded: the others are a name and a summary.
    if (name === called) {
      const { define } = await entry.load();
      define(command, (result) => {
        outcome = result;
      });
    }
  }
  if (called !== undefined && !Object.hasOwn(commands, called) && called !== 'help') {
    return failure('unknown-command', {
      command: called,
      nearest: didYouMean(called, Object.keys(commands)),
    });
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
    return outcomeOf(error, called === undefined ? 'unet' : `unet ${called}`);
  }
}

/** Help and the version are answers; everything else that commander throws is wrong usage. */
function outcomeOf({ exitCode, code, message }: CommanderError, command: string): Outcome {
  if (exitCode === 0) return 0;
  // A command without its subcommand: commander has printed the help.
  if (code === 'commander.help') return 2;
  const [reason = '', ...more] = message.replace(/^error: /, '').split('\n');
  const [, nearest] = /^\(Did you mean (.+)\?\)$/.exec(more.join('\n')) ?? [];
  return failure('usage', { reason, command, ...(nearest === undefined ? {} : { nearest }) });
}

// A reader that stops reading (`| head`) is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

process.exitCode = await main(process.argv.slice(2));
