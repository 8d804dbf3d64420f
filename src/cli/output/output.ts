import { usageCodes } from '../../diagnostics/codes/usage.js';
import type { Diagnostic } from '../../diagnostics/diagnostic.js';
import type { Failure } from '../../diagnostics/failure.js';
import { renderFailure } from '../../diagnostics/render/failure.js';
import { renderText } from '../../diagnostics/render/text.js';
import type { ExitCode } from '../command.js';

/** A result on standard output. */
export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** A result for machines. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** A line for people: on standard error, so that standard output contains only results. */
export function report(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function reportNote(note: string): void {
  report(`note: ${note}`);
}

export function reportDiagnostics(diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length === 0) return;
  report(renderText(diagnostics, { color: wantsColor(process.stderr) }).trimEnd());
}

/** Reports why something failed; the exit code for it. */
export function reportFailure(failure: Failure): ExitCode {
  report(renderFailure(failure, { color: wantsColor(process.stderr) }));
  return Object.hasOwn(usageCodes, failure.code) ? 2 : 1;
}

/** A failure in a result for machines. */
export function failureJson({ code, message, help, args }: Failure) {
  return { code, message, ...(help === undefined ? {} : { help }), args };
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

/** 150.43 G: for counts whose digits do not matter. */
export function largeText(value: number): string {
  const [factor, suffix] =
    value >= 1e12 ? [1e12, ' T'] : value >= 1e9 ? [1e9, ' G'] : value >= 1e6 ? [1e6, ' M'] : [1, ''];
  return factor === 1 ? countText(value) : `${(value / factor).toFixed(2)}${suffix}`;
}

/** 572 x 572 */
export function sizeText(sizes: readonly number[]): string {
  return sizes.join(' x ');
}
