import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CompiledNetwork, type CompileOptions, compile } from '../../src/compiler/compile.js';
import { type SpecFile, specFiles, specText } from '../specs/spec-files.js';

/** The networks of networks.unet. */
export const exampleNetworks = networksOf(
  'networks.unet',
  readFileSync(join(import.meta.dirname, 'networks.unet'), 'utf8'),
);

/** The networks of specs/, as they are published. */
export const publishedNetworks = specFiles.flatMap((file) => networksOf(file, specText(file)));

/** The networks of specs/ with a sixteenth of their channels, at small sizes: quick to run. */
export const smallNetworks = specFiles.flatMap((file) => {
  const text = thin(file);
  return networksOf(file, text).map(({ name, axes, graph }) => {
    const sizes = axes.map(({ minimum, step }, axis) => minimum + (axis === axes.length - 1 ? step : 0));
    const input = [graph.nodes[0]?.channels, ...sizes].join('x');
    const [network] = networksOf(file, text, { network: name, input });
    if (!network) throw new Error(`${name} does not fit ${input}`);
    return network;
  });
});

function thin(file: SpecFile): string {
  return specText(file).replace(/^ *(decoder_)?channels *=.*$/gm, (line) =>
    line.replace(/\b(64|128|256|512)\b/g, (channels) => String(Number(channels) / 16)),
  );
}

function networksOf(file: string, text: string, options: CompileOptions = {}): readonly CompiledNetwork[] {
  const { networks, diagnostics } = compile(file, text, options);
  // Expectations are of the published channels.
  const errors = diagnostics.filter(
    ({ severity, code }) => severity === 'error' && code !== 'expectation-failed',
  );
  if (errors.length > 0 || networks.length === 0)
    throw new Error(errors.map(({ message }) => message).join('\n'));
  return networks;
}
