import { Failure } from '../../diagnostics/failure.js';
import { elementCount } from '../../runtime/tensor.js';
import { coverWith } from '../patches/cover.js';
import type { PatchSize } from '../patches/patch-size.js';
import { drawOrder } from '../patches/sample-index.js';
import { Rng } from '../rng.js';
import type { PatchRequest } from './patch.js';
import type { ResolvedSettings } from './settings.js';

/** The items of each step from 0; undefined behind the last one. */
export type PatchSchedule = (step: number) => readonly PatchRequest[] | undefined;

/**
 * How many steps show about as much as all images hold: the labels of the patches of an image have together the size
 * of the image, and there is at least one.
 */
export function stepsPerEpoch(
  samples: readonly { readonly spatial: readonly number[] }[],
  { output }: PatchSize,
  batch: number,
): number {
  const patches = samples.reduce(
    (sum, { spatial }) => sum + Math.max(1, Math.round(elementCount(spatial) / elementCount(output))),
    0,
  );
  return Math.max(1, Math.ceil(patches / batch));
}

/**
 * Random patches without an end. Samples come in passes: each once, in an order drawn for the pass, and a batch may reach
 * over the end of one. So the items of a step follow from its number alone.
 *
 * Foreground is shown by the last places of a batch, from round((1 - f) * batch), as nnU-Net does. In a batch of one
 * patch that would be never: there it is drawn, with the probability f.
 */
export function trainingSchedule(names: readonly string[], settings: ResolvedSettings): PatchSchedule {
  const { batch, seed, foreground } = settings;
  const orders = new Map<number, Int32Array>();
  const orderOf = (pass: number): Int32Array => {
    const known = orders.get(pass);
    if (known !== undefined) return known;
    const order = drawOrder(new Rng(seed, `order/${pass}`), names.length);
    // A batch may be several passes long, but they only go on.
    for (const old of orders.keys()) if (old < pass - 1) orders.delete(old);
    orders.set(pass, order);
    return order;
  };
  const isForeground = (place: number, name: string): boolean =>
    batch === 1
      ? new Rng(seed, `foreground/${name}`).uniform(0, 1) < foreground
      : place >= Math.round((1 - foreground) * batch);
  return (step) =>
    Array.from({ length: batch }, (_, place): PatchRequest => {
      const index = step * batch + place;
      const pass = Math.floor(index / names.length);
      // Below the number of samples.
      const sample = orderOf(pass)[index % names.length] as number;
      const name = `${pass}/${names[sample]}`;
      return { sample, where: { kind: 'random', name, foreground: isForeground(place, name) } };
    });
}

/** Every position of every sample once, in order; the last batch may be smaller. */
export function validationSchedule(
  samples: readonly { readonly spatial: readonly number[] }[],
  { patch, batch }: ResolvedSettings,
): { readonly schedule: PatchSchedule; readonly steps: number } | Failure {
  const items: PatchRequest[] = [];
  for (const [sample, { spatial }] of samples.entries()) {
    const windows = coverWith(patch, spatial);
    if (windows instanceof Failure) return windows;
    for (const window of windows) items.push({ sample, where: { kind: 'window', window } });
  }
  const steps = Math.ceil(items.length / batch);
  return {
    steps,
    schedule: (step) => (step < steps ? items.slice(step * batch, (step + 1) * batch) : undefined),
  };
}
