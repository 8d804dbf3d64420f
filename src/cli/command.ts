import type { Command } from 'commander';
import type { Failure } from '../diagnostics/failure.js';

/** 0: success. 1: the command found errors or failed. 2: a wrong call. 130: stopped by Ctrl-C, as in shells. */
export type ExitCode = 0 | 1 | 2 | 130;

/** How a command ended. It has reported everything itself, or returns the failure that ended it. */
export type Outcome = ExitCode | Failure;

/** One command of `unet`: its file is loaded only when it is called. */
export interface CommandModule {
  /** Adds arguments, options and examples, and passes the outcome of a run to `done`. */
  define(command: Command, done: (outcome: Outcome) => void): void;
}

/** Adds examples below the options of `--help`. */
export function examples(command: Command, lines: readonly string[]): void {
  command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`);
}
