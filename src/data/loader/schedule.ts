import { Failure } from '../../diagnostics/failure.js';
import { elementCount } from '../../runtime/tensor.js';
import { coverWith, type PatchSize } from '../patches/patch-size.js';
import { Rng } from '../rng.js';
import type { PatchRequest } from './patch.js';
import type { ResolvedSettings } from './settings.js';

/** The patches of each step from 0; undefined after the last step. */
export type PatchSchedule = (step: number) => readonly PatchRequest[] | undefined;

/**
 * How many steps show about as many positions as all images have. Together, the labels of the patches of an image are as
 * large as the image, and each image has at least one patch.
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
 * Random patches without an end. Samples come in rounds. Each round has every sample once, in an order drawn for the round,
 * and a batch may extend over the end of a round. So the number of a step alone determines its patches.
 *
 * The last slots of a batch, from round((1 - f) * batch) on, show foreground, as in nnU-Net. In a batch of one patch that
 * would be never: there the foreground is drawn, with the probability f.
 */
export function trainingSchedule(names: readonly string[], settings: ResolvedSettings): PatchSchedule {
  const { batch, seed, foreground } = settings;
  const orders = new Map<number, Int32Array>();
  const orderOf = (round: number): Int32Array => {
    const known = orders.get(round);
    if (known !== undefined) return known;
    const order = new Rng(seed, `order/${round}`).order(names.length);
    // A batch may be several rounds long, but steps never go back by more than one round.
    for (const old of orders.keys()) if (old < round - 1) orders.delete(old);
    orders.set(round, order);
    return order;
  };
  const isForeground = (slot: number, name: string): boolean =>
    batch === 1
      ? new Rng(seed, `foreground/${name}`).uniform(0, 1) < foreground
      : slot >= Math.round((1 - foreground) * batch);
  return (step) =>
    Array.from({ length: batch }, (_, slot): PatchRequest => {
      const index = step * batch + slot;
      const round = Math.floor(index / names.length);
      // Below the number of samples.
      const sample = orderOf(round)[index % names.length] as number;
      const name = `${round}/${names[sample]}`;
      return { sample, where: { kind: 'random', name, foreground: isForeground(slot, name) } };
    });
}

/** Every position of every sample once, in order; the last batch may be smaller. */
export function validationSchedule(
  samples: readonly { readonly spatial: readonly number[] }[],
  { patch, batch }: ResolvedSettings,
): { readonly schedule: PatchSchedule; readonly steps: number } | Failure {
  const requests: PatchRequest[] = [];
  for (const [sample, { spatial }] of samples.entries()) {
    const windows = coverWith(patch, spatial);
    if (windows instanceof Failure) return windows;
    for (const window of windows) requests.push({ sample, where: { kind: 'window', window } });
  }
  const steps = Math.ceil(requests.length / batch);
  return {
    steps,
    schedule: (step) => (step < steps ? requests.slice(step * batch, (step + 1) * batch) : undefined),
  };
}
