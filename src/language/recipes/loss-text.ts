import { lossSchema } from '../schema/recipe-attributes.js';
import type { LossTerm } from './recipe-spec.js';

/**
 * Writes a loss as a recipe would: `0.5 * cross_entropy + 0.5 * dice(smooth: 1, batch: true)`. Leaves out options with
 * their default and weights of 1. Reading the text gives the same terms.
 */
export function lossText(terms: readonly LossTerm[]): string {
  return terms
    .map(({ weight, loss: { kind, ...settings } }) => {
      const options: Readonly<Record<string, { readonly fallback?: unknown }>> = lossSchema.optionsOf[kind];
      const written = Object.entries(settings)
        .filter(([name, value]) => value !== options[name]?.fallback)
        .map(([name, value]) => `${name}: ${value}`);
      const loss = written.length === 0 ? kind : `${kind}(${written.join(', ')})`;
      return weight === 1 ? loss : `${weight} * ${loss}`;
    })
    .join(' + ');
}
