import { type CompiledNetwork, type CompileOptions, compile } from '../../src/compiler/compile.js';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.js';
import { spanText } from '../../src/diagnostics/span.js';
import type { Host } from '../../src/language/modules/modules.js';

/** Files that are in memory, by name; imports between them are relative. */
export function hostOf(files: Readonly<Record<string, string>>): Host {
  return {
    read: (path) => (Object.hasOwn(files, path) ? files[path] : undefined),
    resolve: (_from, specifier) => specifier.replace(/^\.\//, ''),
  };
}

/** The network of that name in a text that must compile without a word. */
export function network(text: string, name = 'Net', options: CompileOptions = {}): CompiledNetwork {
  const { networks, diagnostics } = compile('net.unet', text, options);
  const found = networks.find((one) => one.name === name);
  if (!found || diagnostics.length > 0) {
    throw new Error(`${name} is not clean: ${diagnostics.map(({ message }) => message).join('\n')}\n${text}`);
  }
  return found;
}

/** A diagnostic as its code and the text that it points at. */
export function placed({ code, span }: Diagnostic): readonly [string, string] {
  return [code, spanText(span)];
}
