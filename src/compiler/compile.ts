import { type CompileOptions, type CompileResult, CompileSession } from './session.js';

export { type CompiledNetwork, forTraining } from './compiled-network.js';
export type { CompileOptions, CompileResult } from './session.js';

/**
 * Compiles a text: parses it and what it imports, resolves and elaborates its networks, proves their shapes and checks
 * their expectations. All diagnostics come back as values, in the order of the text.
 */
export function compile(path: string, text: string, options: CompileOptions = {}): CompileResult {
  return new CompileSession(path, text, options).compile(options.network);
}
