import type { InputSpec, layers, Shape, serialization, Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../tf.js';

export type Layer = layers.Layer;

/** A layer's class, made for one instance of tfjs. */
export interface LayerClass<Config> {
  new (config: Config): Layer;
  className: string;
  fromConfig: serialization.FromConfigMethod<Layer>;
}

/** The one input of a layer, which tfjs passes as a tensor or as a list. */
export function onlyTensor(inputs: Tensor | Tensor[]): Tensor {
  const [first, second] = Array.isArray(inputs) ? inputs : [inputs];
  if (!first || second) throw new Error('the layer takes one input');
  return first;
}

/** The shape of the one input, which tfjs passes as itself or as a list. */
export function onlyShape(inputShape: Shape | Shape[]): Shape {
  const [first] = inputShape;
  return Array.isArray(first) ? first : (inputShape as Shape); // a shape whose entries are no lists
}

/** C of a shape (N, ...spatial, C); throws if it is free. */
export function channelsOf(shape: Shape): number {
  const channels = shape.at(-1);
  if (typeof channels !== 'number') throw new Error('the number of channels must be known');
  return channels;
}

/**
 * The inputs that a layer accepts after its weights were made for a shape (N, ...spatial, C): its rank and channels.
 */
export function inputsLike(tf: Tf, shape: Shape): InputSpec[] {
  return [new tf.InputSpec({ ndim: shape.length, axes: { [shape.length - 1]: channelsOf(shape) } })];
}

/**
 * The shape (N, ...spatial, C) with each spatial size mapped; free sizes stay free.
 *
 * @throws Error if no position remains
 */
export function mapSpatial(shape: Shape, map: (size: number, axis: number) => number): Shape {
  return shape.map((size, i) => {
    if (i === 0 || i === shape.length - 1 || size === null) return size;
    const mapped = map(size, i - 1);
    if (mapped < 1) throw new Error(`${size} positions of spatial axis ${i - 1} are too few`);
    return mapped;
  });
}
