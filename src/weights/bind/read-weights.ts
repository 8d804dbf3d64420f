import { type Graph, parametersOf } from '../../ir/graph.js';
import type { OpenBeside } from '../beside.js';
import { listOnnx } from '../formats/onnx-initializers.js';
import { listPyTorch } from '../formats/pytorch-archive.js';
import { listSafetensors } from '../formats/safetensors-header.js';
import { listTfjs } from '../formats/tfjs-manifest.js';
import { builtInMaps } from '../names/built-in-maps.js';
import { compileNameMap, type NameMap } from '../names/name-map.js';
import type { RandomAccess } from '../random-access.js';
import type { TensorListing } from '../tensor-listing.js';
import type { WeightsFormat, WeightsProblem } from '../../diagnostics/codes/weights/weights.js';
import { bindTensors, type TensorSlot, type WeightsReading } from './bind-tensors.js';
import { explainFolding, isOnnxConstant, onnxPlaces } from './read-onnx.js';
import { tfjsPlaces } from './read-tfjs.js';
import { placesByMap } from './slots-by-map.js';
import { isTorchCounter, torchPlace } from './torch-slot.js';

export interface WeightsFile {
  readonly format: WeightsFormat;
  /** The file; of a tfjs model its model.json. */
  readonly file: RandomAccess;
  /** Opens the data files of an ONNX model, and the shards of a tfjs model. */
  readonly openBeside: OpenBeside;
}

/**
 * A file as the weights of a graph: each parameter must be there and of the right shape, and nothing else may be but
 * what a format keeps beside weights (constants of an ONNX model, the state of an optimizer, PyTorch's counters of
 * batches). All problems come at once. Numbers are read when they are asked for, a tensor at a time at most.
 *
 * Names are those of the network's parameters, or, with a map, the ones that it says.
 */
export function readWeights(source: WeightsFile, graph: Graph, map?: NameMap): WeightsReading {
  const listing = listTensors(source);
  const placed = map
    ? placesByMap(graph, map)
    : { ok: true as const, places: ownPlaces(source.format, graph) };
  if (!placed.ok) {
    const { format } = listing;
    const problems = placed.problems.map(
      (mismatch): WeightsProblem => ({ code: 'map-mismatch', format, tensor: undefined, mismatch }),
    );
    return { ok: false, problems };
  }
  const reading = bindTensors(placed.places, listing, (name) => isIgnored(name, listing, map));
  if (reading.ok) return reading;
  if (source.format === 'onnx' && !map) return explainFolding(reading, graph, listing);
  return map ? reading : withLikelyMap(reading.problems, graph, listing);
}

function listTensors({ format, file, openBeside }: WeightsFile): TensorListing {
  switch (format) {
    case 'safetensors':
      return listSafetensors(file);
    case 'onnx':
      return listOnnx(file, openBeside);
    case 'tfjs':
      return listTfjs(file, openBeside);
    case 'pytorch':
      return listPyTorch(file);
  }
}

/** Where each format has the parameters under their own names. */
function ownPlaces(format: WeightsFormat, graph: Graph): readonly TensorSlot[] {
  switch (format) {
    case 'safetensors':
    case 'pytorch':
      return parametersOf(graph).map((parameter) => torchPlace(parameter, parameter.name));
    case 'onnx':
      return onnxPlaces(graph);
    case 'tfjs':
      return tfjsPlaces(graph);
  }
}

function isIgnored(name: string, { format }: TensorListing, map: NameMap | undefined): boolean {
  if (map?.ignores(name)) return true;
  if ((map || format === 'pytorch') && isTorchCounter(name)) return true;
  return format === 'onnx' && isOnnxConstant(name);
}

/** Says it where the tensors have the names of a map that is built in; that alone where then all of them are there. */
function withLikelyMap(
  problems: readonly WeightsProblem[],
  graph: Graph,
  listing: TensorListing,
): WeightsReading {
  const likely = [...builtInMaps].flatMap(([name, text]) => {
    const compiled = compileNameMap(text);
    const placed = compiled.ok ? placesByMap(graph, compiled.map) : compiled;
    if (!placed.ok) return [];
    const found = placed.places.filter((place) => listing.names.has(place.name)).length;
    return [{ name, part: found / placed.places.length }];
  });
  const [best] = likely.sort((a, b) => b.part - a.part);
  if (!best || !(best.part > 0.5)) return { ok: false, problems };
  const { format } = listing;
  const hint: WeightsProblem = { code: 'missing-map', format, tensor: undefined, map: best.name };
  return { ok: false, problems: best.part === 1 ? [hint] : [hint, ...problems] };
}
