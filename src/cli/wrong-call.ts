import type { CommanderError } from 'commander';
import { type Failure, failure } from '../diagnostics/failure.js';
import { didYouMean } from '../diagnostics/suggest.js';
import { commands } from './commands.js';

export function unknownCommand(command: string): Failure {
  return failure('unknown-command', { command, nearest: didYouMean(command, Object.keys(commands)) });
}

/** Commander's error about arguments and options as a failure, without its layout. */
export function wrongCall({ message }: CommanderError, called: string | undefined): Failure {
  const [reason = '', ...more] = message.replace(/^error: /, '').split('\n');
  const [, nearest] = /^\(Did you mean (.+)\?\)$/.exec(more.join('\n')) ?? [];
  const command = called === undefined ? 'unet' : `unet ${called}`;
  return failure('usage', { reason, command, ...(nearest === undefined ? {} : { nearest }) });
}
