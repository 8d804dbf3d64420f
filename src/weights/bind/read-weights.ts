import type { WeightsFormat, WeightsNote, WeightsProblem } from '../../diagnostics/codes/weights/weights.js';
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
import { bindTensors, type TensorSlot, type WeightsReading } from './bind-tensors.js';
import { explainFolding, isOnnxConstant, onnxSlots } from './read-onnx.js';
import { tfjsSlots } from './read-tfjs.js';
import { withoutSharedPrefix } from './shared-prefix.js';
import { slotsByMap } from './slots-by-map.js';
import { isTorchCounter, torchSlot } from './torch-slot.js';

export interface WeightsFile {
  readonly format: WeightsFormat;
  /** The file; for a tfjs model, its model.json. */
  readonly file: RandomAccess;
  /** Opens the data files of an ONNX model, and the shards of a tfjs model. */
  readonly openBeside: OpenBeside;
}

/**
 * Opens a file as the weights of a graph. The file must contain each parameter in the right shape. Beyond that it may
 * contain only what its format stores beside weights: the constants of an ONNX model, the state of an optimizer,
 * PyTorch's counters of batches, tensors of integers. All problems are reported at once, and so are values that are not
 * finite: every tensor is read once. Later, numbers are read on demand, at most one tensor at a time.
 *
 * The tensors have the names of the network's parameters, or the names that the map gives them. A prefix that all
 * tensors share is no part of the names. Of several state dicts in a checkpoint, the first that fits is taken.
 */
export function readWeights(source: WeightsFile, graph: Graph, map?: NameMap): WeightsReading {
  const listing = listTensors(source);
  const mapped = map ? slotsByMap(graph, map) : { ok: true as const, slots: ownSlots(source.format, graph) };
  if (!mapped.ok) {
    const { format } = listing;
    const problems = mapped.problems.map(
      (mismatch): WeightsProblem => ({ code: 'map-mismatch', format, tensor: undefined, mismatch }),
    );
    return { ok: false, problems };
  }
  const { slots } = mapped;
  const needed = new Set(slots.map(({ name }) => name));
  const places = [listing, ...listing.others];
  // If no state dict fits, the problems of the most similar one are the most useful.
  let closest: { listing: TensorListing; problems: readonly WeightsProblem[]; missing: number } | undefined;
  for (const place of places) {
    const named = withoutSharedPrefix(place, needed);
    const reading = bindTensors(slots, named, (name) => isIgnored(name, named, map));
    if (reading.ok) return { ...reading, notes: choiceNotes(place, places) };
    const { problems } = reading;
    if (problems.every(({ code }) => code === 'tensor-not-finite')) return reading;
    const missing = slots.filter(({ name }) => !named.names.has(name)).length;
    if (!closest || missing < closest.missing) closest = { listing: named, problems, missing };
  }
  if (!closest) return { ok: false, problems: listing.problems };
  const { problems } = closest;
  if (map) return withNeedlessMap(problems, graph, closest.listing);
  if (source.format === 'onnx') return explainFolding({ ok: false, problems }, graph, closest.listing);
  return withLikelyMap(problems, graph, closest.listing);
}

/** Which of several state dicts was taken. */
function choiceNotes({ place: taken }: TensorListing, places: readonly TensorListing[]): WeightsNote[] {
  const others = places.map(({ place }) => place).filter((place) => place !== taken);
  return others.length === 0 ? [] : [{ case: 'state-dict-chosen', taken, others }];
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

/** The slots of the parameters under their own names, for each format. */
function ownSlots(format: WeightsFormat, graph: Graph): readonly TensorSlot[] {
  switch (format) {
    case 'safetensors':
    case 'pytorch':
      return parametersOf(graph).map((parameter) => torchSlot(parameter, parameter.name));
    case 'onnx':
      return onnxSlots(graph);
    case 'tfjs':
      return tfjsSlots(graph);
  }
}

function isIgnored(name: string, { format }: TensorListing, map: NameMap | undefined): boolean {
  if (map?.ignores(name)) return true;
  if ((map || format === 'pytorch') && isTorchCounter(name)) return true;
  return format === 'onnx' && isOnnxConstant(name);
}

/** Suggests a built-in map if most tensors have its names; if all of them have, only that. */
function withLikelyMap(
  problems: readonly WeightsProblem[],
  graph: Graph,
  listing: TensorListing,
): WeightsReading {
  const likely = [...builtInMaps].flatMap(([name, text]) => {
    const compiled = compileNameMap(text);
    const mapped = compiled.ok ? slotsByMap(graph, compiled.map) : compiled;
    if (!mapped.ok) return [];
    return [{ name, part: partFound(mapped.slots, listing) }];
  });
  const [best] = likely.sort((a, b) => b.part - a.part);
  if (!best || !(best.part > 0.5)) return { ok: false, problems };
  const { format } = listing;
  const hint: WeightsProblem = { code: 'missing-map', format, tensor: undefined, map: best.name };
  return { ok: false, problems: best.part === 1 ? [hint] : [hint, ...problems] };
}

/** Says so if the file has the names of the network, so that the map only hides them. */
function withNeedlessMap(
  problems: readonly WeightsProblem[],
  graph: Graph,
  listing: TensorListing,
): WeightsReading {
  const { format } = listing;
  if (partFound(ownSlots(format, graph), listing) <= 0.5) return { ok: false, problems };
  return { ok: false, problems: [{ code: 'own-names', format, tensor: undefined, network: graph.name }] };
}

/** The part of the needed names that a file has, from 0 to 1. */
function partFound(slots: readonly TensorSlot[], listing: TensorListing): number {
  const { names } = withoutSharedPrefix(listing, new Set(slots.map(({ name }) => name)));
  return slots.filter(({ name }) => names.has(name)).length / Math.max(slots.length, 1);
}
