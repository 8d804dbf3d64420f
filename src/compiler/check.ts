import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { type CompileOptions, compile } from './compile.js';

export interface CheckResult {
  readonly errors: number;
  readonly warnings: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** Compiles a text, and keeps only its diagnostics. */
export function check(path: string, text: string, options: CompileOptions = {}): CheckResult {
  const { diagnostics } = compile(path, text, options);
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length;
  return { errors, warnings: diagnostics.length - errors, diagnostics };
}
