import { readFileSync } from 'node:fs';
import { type CompiledNetwork, type CompileOptions, compile } from '../../src/compiler/compile.js';

export const specFiles = ['unet2d.unet', 'unet3d.unet', 'unet2d-padded.unet'] as const;
export type SpecFile = (typeof specFiles)[number];

/** The text of a file in specs/. */
export function specText(file: SpecFile): string {
  return readFileSync(new URL(`../../specs/${file}`, import.meta.url), 'utf8');
}

/** A network of specs/, compiled; throws what the compiler says where it does not compile. */
export function specNetwork(file: SpecFile, network: string, options: CompileOptions = {}): CompiledNetwork {
  const { networks, diagnostics } = compile(file, specText(file), { ...options, network });
  const [found] = networks;
  if (!found) throw new Error(diagnostics.map(({ message, help }) => `${message} (${help})`).join('\n'));
  return found;
}
