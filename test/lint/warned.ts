import { type CompileOptions, compile } from '../../src/compiler/compile.js';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.js';
import { spanText } from '../../src/diagnostics/span.js';
import { hostOf } from '../language/compiled.js';

/** All that is said of a text whose imports are in memory. */
export function said(
  text: string,
  options: CompileOptions = {},
  files: Readonly<Record<string, string>> = {},
): readonly Diagnostic[] {
  return compile('net.unet', text, { host: hostOf(files), ...options }).diagnostics;
}

/** What is said as codes. */
export function codesOf(...args: Parameters<typeof said>): readonly string[] {
  return said(...args).map(({ code }) => code);
}

/** The diagnostics of a code: the text that each points at, and the numbers of its first note. */
export function found(
  code: string,
  ...args: Parameters<typeof said>
): readonly (readonly [string, string])[] {
  return said(...args).flatMap((one) =>
    one.code === code ? [[spanText(one.span), one.notes[0]?.message ?? ''] as const] : [],
  );
}

/** The number of parameters that a warning names; fails where there is not exactly one warning of the code. */
export function countOf(code: string, ...args: Parameters<typeof said>): number {
  const [one, ...more] = found(code, ...args);
  if (!one || more.length > 0) throw new Error(`not one ${code}: ${codesOf(...args).join(', ')}`);
  const digits = /: ([\d,]+) parameters?/.exec(one[1])?.[1];
  if (digits === undefined) throw new Error(`no number in ${one[1]}`);
  return Number(digits.replaceAll(',', ''));
}
