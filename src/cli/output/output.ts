import { Failure } from '../../diagnostics/failure.js';
import type { ExitCode } from '../command.js';

/** A line for people: on standard error, so that standard output holds only results. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A result on standard output. */
export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** A result for machines. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Says why something failed; the exit code for it. */
export function fail(failure: Failure | string): ExitCode {
  say(`unet: ${failure instanceof Failure ? failure.message : failure}`);
  if (failure instanceof Failure && failure.help !== undefined) say(`help: ${failure.help}`);
  return 1;
}

/** Says that the command was called wrongly. */
export function usageError(message: string): ExitCode {
  say(`unet: ${message}`);
  return 2;
}

/** Colour only on a terminal, and never with NO_COLOR (no-color.org). */
export function wantsColor(stream: NodeJS.WriteStream): boolean {
  if (process.env.NO_COLOR) return false;
  return process.env.FORCE_COLOR ? process.env.FORCE_COLOR !== '0' : stream.isTTY === true;
}

/** 31,030,658 */
export function countText(value: number): string {
  return value.toLocaleString('en-US');
}

/** 150.43 G: for counts that nobody reads digit by digit. */
export function largeText(value: number): string {
  const [factor, suffix] =
    value >= 1e12 ? [1e12, ' T'] : value >= 1e9 ? [1e9, ' G'] : value >= 1e6 ? [1e6, ' M'] : [1, ''];
  return factor === 1 ? countText(value) : `${(value / factor).toFixed(2)}${suffix}`;
}

/** 572 x 572 */
export function sizeText(sizes: readonly number[]): string {
  return sizes.join(' x ');
}
