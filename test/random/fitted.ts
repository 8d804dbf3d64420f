import { type CompiledNetwork, compile } from '../../src/compiler/compile.js';
import { type AxisSizes, admissibleSizes } from '../../src/shape/admissible.js';
import { elaborateText } from './elaborated.js';
import { NETWORK, type RandomSpec, type RandomSpecOptions, randomSpec, seedNote } from './random-spec.js';

/** A random network that fits, with its admissible sizes. */
export interface Fitted {
  readonly spec: RandomSpec;
  readonly axes: readonly AxisSizes[];
  /** Small sizes that fit, different along the axes where that is possible. */
  readonly spatial: readonly number[];
  readonly network: CompiledNetwork;
  /** The seed and the text, for messages. */
  readonly note: string;
}

/** Compiles a random spec at sizes that fit; throws with the text where they should and it does not compile. */
export function compileAt(spec: RandomSpec, spatial: readonly number[]): CompiledNetwork {
  const { networks, diagnostics } = compile('random.unet', spec.textAt(spatial));
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  const [network] = networks;
  if (!network || errors.length > 0) {
    throw new Error(`${errors.map((error) => error.message).join('\n')}\n${seedNote(spec, spatial)}`);
  }
  return network;
}

/** The network of a seed at small sizes, or undefined where the seed's spec is refused or no size fits. */
export function fittedNetwork(seed: number, options: RandomSpecOptions = {}): Fitted | undefined {
  const spec = randomSpec(seed, options);
  const anySize = Array.from({ length: spec.rank }, () => 64);
  const { graph } = elaborateText(spec.textAt(anySize), NETWORK);
  const admissible = graph && admissibleSizes(graph);
  if (admissible?.kind !== 'sizes') return undefined;
  const { axes } = admissible;
  // A step more along each axis: a mix-up of the axes does not go unseen.
  const spatial = axes.map((axis, i) => axis.minimum + i * axis.step);
  return { spec, axes, spatial, network: compileAt(spec, spatial), note: seedNote(spec, spatial) };
}
