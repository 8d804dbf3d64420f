import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CompiledNetwork, compile } from '../../src/compile.js';

const folder = join(import.meta.dirname, '../../specs');

/**
 * Every network of specs/ with its full channels, at the smallest sizes that fit; the last axis is a step longer, so
 * that a mix-up of axes is seen.
 */
export function smallestNetworks(): readonly CompiledNetwork[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.unet'),
  );
  return files.sort().flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    return compile(file, text).networks.map((network) => at(file, text, network));
  });
}

function at(file: string, text: string, { name, axes, graph }: CompiledNetwork): CompiledNetwork {
  const sizes = axes.map(({ minimum, step }, axis) => minimum + (axis === axes.length - 1 ? step : 0));
  const input = [graph.nodes[0]?.channels, ...sizes].join('x');
  const { networks, diagnostics } = compile(file, text, { network: name, input });
  const [network] = networks;
  if (!network) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return network;
}
