import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from '../../grammar/parse/parse.js';
import { type CompiledNetwork, type CompileOptions, compile } from '../../src/compiler/compile.js';
import { SourceFile } from '../../src/diagnostics/source-file.js';
import { nodeHost } from '../../src/runtime/files/node-host.js';

const folder = join(import.meta.dirname, '../../specs');

/** A network of specs/, not yet compiled. */
export interface SpecEntry {
  /** The file below specs/, `vnet/vnet.unet`. */
  readonly file: string;
  readonly network: string;
}

/** Every file of specs/ that has networks. */
export const libraryFiles: readonly string[] = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.unet') && !file.startsWith('lib'))
  .sort();

export function libraryText(file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}

/** Every network of specs/. */
export const library: readonly SpecEntry[] = libraryFiles.flatMap((file) =>
  parse(new SourceFile(file, libraryText(file))).tree.declarations.flatMap((declaration) =>
    declaration.kind === 'unet' ? [{ file, network: declaration.name.name }] : [],
  ),
);

/** Compiles a text in the place of a file of specs/, whose imports it may have. */
export function compileAs(file: string, text: string, options: CompileOptions = {}) {
  return compile(join(folder, file), text, { host: nodeHost, ...options });
}

/** A network of a text in the place of a file of specs/; throws what the compiler says where there is none. */
export function networkOf(file: string, text: string, options: CompileOptions): CompiledNetwork {
  const { networks, diagnostics } = compileAs(file, text, options);
  const [network] = networks;
  if (!network) throw new Error(diagnostics.map(({ message, help }) => `${message} (${help})`).join('\n'));
  return network;
}
