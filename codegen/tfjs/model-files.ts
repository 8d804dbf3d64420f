import type { Graph } from '../../src/ir/graph.js';
import { elementCount } from '../../src/ir/parameter.js';
import { littleEndianBytes } from '../../src/weights/little-endian.js';
import { readTensor, type WeightSource } from '../../src/weights/weight-source.js';
import type { OutputFile } from '../backend.js';
import { lowerModel } from './lower/lowerings.js';
import { type Json, topologyOf } from './topology.js';
import { type TfjsWeight, toTfjs, weightsOf } from './weight-layout.js';

export interface TfjsOptions {
  readonly weights: WeightSource;
  /** Leaves the spatial sizes free. The batch always is. */
  readonly dynamic?: boolean;
  /** The model's userDefinedMetadata. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly producerVersion?: string;
}

/** A weight as a manifest lists it. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: number[];
  readonly dtype: 'float32';
}

/** A model without the values of its weights. */
export interface ModelArtifacts {
  readonly topology: Json;
  readonly weights: readonly TfjsWeight[];
  readonly specs: readonly WeightSpec[];
  /** Whether it has layers that `registerLayers` must register. */
  readonly needsLayers: boolean;
}

export function modelArtifacts(graph: Graph, dynamic: boolean): ModelArtifacts {
  const lowered = lowerModel(graph, dynamic);
  const weights = weightsOf(lowered.calls);
  return {
    topology: topologyOf(graph, lowered, dynamic),
    weights,
    specs: weights.map(({ name, shape }) => ({ name, shape: [...shape], dtype: 'float32' })),
    needsLayers: lowered.calls.some(({ source }) => source === 'unet'),
  };
}

/** The values of a weight in the model's layout, row-major. One tensor is in memory at a time. */
export function weightValues(weight: TfjsWeight, source: WeightSource): Float32Array {
  return toTfjs(weight, readTensor(source, weight.parameter));
}

/** The size of a shard: browsers fetch files of this size in parallel, and cache them. A tensor is never split. */
const SHARD_BYTES = 16 * 2 ** 20;

/**
 * The files of a LayersModel: `model.json`, and shards with the weights. `tf.loadLayersModel` reads them in a
 * browser and in Node. Equal arguments give equal bytes.
 */
export function modelFiles(graph: Graph, options: TfjsOptions): readonly OutputFile[] {
  const { topology, weights, specs } = modelArtifacts(graph, options.dynamic ?? false);
  const shards = shardsOf(weights);
  const pathOf = (index: number) => `weights-${index + 1}-of-${shards.length}.bin`;
  let first = 0;
  const weightsManifest = shards.map((shard, index) => {
    const listed = specs.slice(first, first + shard.length);
    first += shard.length;
    return { paths: [pathOf(index)], weights: listed };
  });
  const json = {
    format: 'layers-model',
    generatedBy: `unet-lang ${options.producerVersion ?? ''}`.trim(),
    convertedBy: null,
    modelTopology: topology,
    weightsManifest,
    ...(options.metadata ? { userDefinedMetadata: options.metadata } : {}),
  };
  const model = new TextEncoder().encode(`${JSON.stringify(json)}\n`);
  return [
    { path: 'model.json', size: model.length, chunks: [model] },
    ...shards.map((shard, index) => ({
      path: pathOf(index),
      size: shard.reduce((sum, weight) => sum + bytesOf(weight), 0),
      chunks: { [Symbol.iterator]: () => shardChunks(shard, options.weights) },
    })),
  ];
}

function* shardChunks(shard: readonly TfjsWeight[], source: WeightSource): Generator<Uint8Array> {
  for (const weight of shard) yield littleEndianBytes(weightValues(weight, source));
}

function shardsOf(weights: readonly TfjsWeight[]): readonly (readonly TfjsWeight[])[] {
  const shards: TfjsWeight[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const weight of weights) {
    const bytes = bytesOf(weight);
    if (size + bytes > SHARD_BYTES) {
      shards.push([]);
      size = 0;
    }
    shards.at(-1)?.push(weight);
    size += bytes;
  }
  return shards;
}

function bytesOf({ shape }: TfjsWeight): number {
  return 4 * elementCount(shape);
}
