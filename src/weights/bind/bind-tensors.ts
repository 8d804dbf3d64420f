import type { TensorFinding, WeightsNote, WeightsProblem } from '../../diagnostics/codes/weights/weights.js';
import { didYouMean } from '../../diagnostics/suggest.js';
import type { Parameter } from '../../ir/parameter.js';
import { storedShapeText } from '../shape-text.js';
import type { StoredTensor, TensorListing } from '../tensor-listing.js';
import type { WeightSource } from '../weight-source.js';
import { notFiniteProblem } from './not-finite.js';

export type WeightsReading =
  | {
      readonly ok: true;
      readonly weights: WeightSource;
      readonly metadata: Readonly<Record<string, string>>;
      /** What the user should know about a file that fits. */
      readonly notes: readonly WeightsNote[];
    }
  | { readonly ok: false; readonly problems: readonly WeightsProblem[] };

/** The tensor of a file that a parameter is bound to. */
export interface TensorSlot {
  readonly parameter: Parameter;
  /** The tensor's name in the file. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Whether another shape is also acceptable. */
  readonly alsoFits?: (shape: readonly number[]) => boolean;
  /** The parameter's values, row-major, from the tensor; by default the tensor's own values. */
  readonly values?: (tensor: StoredTensor) => Iterable<Float32Array>;
}

/** The most comparisons of names for suggestions. */
const MOST_COMPARISONS = 250_000;

/** What PyTorch stores in place of a tensor that it computes from others, and how a program undoes it. */
const REPARAMETRIZED: readonly {
  readonly names: readonly string[];
  readonly undo: 'weight-norm' | 'spectral-norm' | 'pruning' | 'parametrization';
}[] = [
  { names: ['_g', '_v'], undo: 'weight-norm' },
  { names: ['_orig', '_u'], undo: 'spectral-norm' },
  { names: ['_orig', '_mask'], undo: 'pruning' },
];

/** The parts from which a program computes a tensor that the file lacks; none of them is the tensor. */
function partsOf(name: string, names: ReadonlySet<string>): TensorFinding['parts'] {
  const found = REPARAMETRIZED.find((one) => one.names.every((ending) => names.has(name + ending)));
  if (found) return { names: found.names.map((ending) => name + ending), undo: found.undo };
  const at = name.lastIndexOf('.');
  const inside = `${name.slice(0, at + 1)}parametrizations.${name.slice(at + 1)}.`;
  const parts = [...names].filter((one) => one.startsWith(inside));
  return parts.length === 0 ? undefined : { names: parts, undo: 'parametrization' };
}

/**
 * Binds the tensors of a file to the parameters of a network. Each tensor must have the name and the shape of its slot,
 * and the file may contain nothing else but the names that `ignored` accepts, and tensors of types that are never weights.
 * All problems are reported at once. If there are none, every tensor is read once: all values must be finite.
 */
export function bindTensors(
  slots: readonly TensorSlot[],
  listing: TensorListing,
  ignored: (name: string) => boolean,
): WeightsReading {
  const { format, metadata } = listing;
  const wanted = new Set(slots.map((slot) => slot.name));
  const problems = listing.problems.filter(({ code, tensor }) => {
    if (tensor === undefined || wanted.has(tensor)) return true;
    return code !== 'unreadable-tensor-type' && !ignored(tensor);
  });
  if (problems.some(({ tensor }) => tensor === undefined)) return { ok: false, problems };
  const byName = new Map(listing.tensors.map((tensor) => [tensor.name, tensor]));
  const extra = listing.tensors.filter(({ name }) => !wanted.has(name) && !ignored(name));
  const missing = slots.filter(({ name }) => !listing.names.has(name));
  const suggest = missing.length * extra.length <= MOST_COMPARISONS;
  for (const { parameter, name, shape, alsoFits } of slots) {
    const tensor = byName.get(name);
    const aside = name === parameter.name ? {} : { parameter: parameter.name };
    const expected = storedShapeText(shape);
    if (!listing.names.has(name)) {
      const candidates = extra
        .filter((one) => storedShapeText(one.shape) === expected)
        .map((one) => one.name);
      const parts = partsOf(name, listing.names);
      const nearest = suggest && parts === undefined ? didYouMean(name, candidates) : undefined;
      const hint = parts ? { parts } : nearest === undefined ? {} : { nearest };
      problems.push({
        code: 'missing-tensor',
        format,
        tensor: name,
        expected,
        found: 'nothing',
        ...aside,
        ...hint,
      });
    } else if (tensor && storedShapeText(tensor.shape) !== expected && !alsoFits?.(tensor.shape)) {
      const found = storedShapeText(tensor.shape);
      problems.push({ code: 'tensor-shape-mismatch', format, tensor: name, expected, found, ...aside });
    }
  }
  for (const { name, shape } of extra) {
    const found = storedShapeText(shape);
    problems.push({ code: 'extra-tensor', format, tensor: name, expected: 'nothing', found });
  }
  if (problems.length > 0) return { ok: false, problems };
  for (const { parameter, name } of slots) {
    const tensor = byName.get(name);
    const problem = tensor && notFiniteProblem(tensor, format, parameter.name);
    if (problem) problems.push(problem);
  }
  if (problems.length > 0) return { ok: false, problems };
  const slotOf = new Map(slots.map((slot) => [slot.parameter.name, slot]));
  const weights: WeightSource = {
    chunks(parameter) {
      const slot = slotOf.get(parameter.name);
      const tensor = slot && byName.get(slot.name);
      if (!slot || !tensor) throw new Error(`no tensor named ${parameter.name}`);
      return slot.values?.(tensor) ?? tensor.chunks();
    },
  };
  return { ok: true, weights, metadata, notes: [] };
}
