import { didYouMean } from '../../diagnostics/suggest.js';
import type { Parameter } from '../../ir/parameter.js';
import { storedShapeText } from '../shape-text.js';
import type { StoredTensor, TensorListing } from '../tensor-listing.js';
import type { WeightSource } from '../weight-source.js';
import type { WeightsProblem } from '../../diagnostics/codes/weights/weights.js';

export type WeightsReading =
  | {
      readonly ok: true;
      readonly weights: WeightSource;
      readonly metadata: Readonly<Record<string, string>>;
    }
  | { readonly ok: false; readonly problems: readonly WeightsProblem[] };

/** Where a parameter is expected in a file. */
export interface TensorSlot {
  readonly parameter: Parameter;
  /** The tensor's name in the file. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Whether another shape will do as well. */
  readonly alsoFits?: (shape: readonly number[]) => boolean;
  /** The parameter's values, row-major, from the tensor; as they come where left out. */
  readonly values?: (tensor: StoredTensor) => Iterable<Float32Array>;
}

/** Comparisons of names that are made for suggestions, at most. */
const MOST_COMPARISONS = 250_000;

/**
 * The tensors of a file as the weights of a network: each must be at its place and of the right shape, and nothing
 * else may be there but names that `ignored` lets pass. All problems come at once.
 */
export function bindTensors(
  places: readonly TensorSlot[],
  listing: TensorListing,
  ignored: (name: string) => boolean,
): WeightsReading {
  const { format, metadata } = listing;
  const problems = listing.problems.filter(({ tensor }) => tensor === undefined || !ignored(tensor));
  if (problems.some(({ tensor }) => tensor === undefined)) return { ok: false, problems };
  const byName = new Map(listing.tensors.map((tensor) => [tensor.name, tensor]));
  const wanted = new Set(places.map((place) => place.name));
  const extra = listing.tensors.filter(({ name }) => !wanted.has(name) && !ignored(name));
  const missing = places.filter(({ name }) => !listing.names.has(name));
  const suggest = missing.length * extra.length <= MOST_COMPARISONS;
  for (const { parameter, name, shape, alsoFits } of places) {
    const tensor = byName.get(name);
    const aside = name === parameter.name ? {} : { parameter: parameter.name };
    const expected = storedShapeText(shape);
    if (!listing.names.has(name)) {
      const candidates = extra
        .filter((one) => storedShapeText(one.shape) === expected)
        .map((one) => one.name);
      const nearest = suggest ? didYouMean(name, candidates) : undefined;
      const hint = nearest === undefined ? {} : { nearest };
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
  const placeOf = new Map(places.map((place) => [place.parameter.name, place]));
  const weights: WeightSource = {
    chunks(parameter) {
      const place = placeOf.get(parameter.name);
      const tensor = place && byName.get(place.name);
      if (!place || !tensor) throw new Error(`no tensor named ${parameter.name}`);
      return place.values?.(tensor) ?? tensor.chunks();
    },
  };
  return { ok: true, weights, metadata };
}
