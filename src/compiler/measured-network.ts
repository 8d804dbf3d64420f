import { SourceFile } from '../diagnostics/source-file.js';
import type { NetworkSpec } from '../language/resolve/network-spec.js';
import { type Normalization, normalizationText } from '../normalize/normalization.js';
import type { CompiledNetwork } from './compiled-network.js';

/** A network with the numbers that training measured in place of `ct(auto)`, in its setting and in the text of its file. */
export function withMeasured(network: CompiledNetwork, normalization: Normalization): CompiledNetwork {
  const { spec } = network;
  const { file } = spec.module;
  const text = measuredText(file, spec, normalization);
  const module = text === file.text ? spec.module : { ...spec.module, file: new SourceFile(file.path, text) };
  const normalize = { ...spec.normalize, value: normalization };
  return { ...network, spec: { ...spec, module, normalize } };
}

/**
 * The text of a file with the numbers in place of the value of `normalize`, if the file contains that value. A variant that
 * is named by the value keeps it: with another value it would have another name.
 */
export function measuredText(
  { path, text }: Pick<SourceFile, 'path' | 'text'>,
  { name, normalize }: NetworkSpec,
  normalization: Normalization,
): string {
  const { file, start, end } = normalize.span;
  if (file.path !== path || file.text !== text || /[.,]normalize=/.test(name)) return text;
  return text.slice(0, start) + normalizationText(normalization) + text.slice(end);
}
