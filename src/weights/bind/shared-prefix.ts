import type { WeightsProblem } from '../../diagnostics/codes/weights/weights.js';
import type { TensorListing } from '../tensor-listing.js';

/**
 * The listing under the names that a network needs. Wrappers of networks prepend a text to every name: `module.`,
 * `model.`, `_orig_mod.`, `net.backbone.`. A prefix that ends at a dot and that all tensors share is removed if more of the
 * needed names are found without it. Tensors that cannot be weights, such as counters, need not share it.
 *
 * If further tensors lie beside a network whose names all have a prefix, such as those of a loss, the prefix is removed
 * too, so that only the further tensors are reported.
 */
export function withoutSharedPrefix(listing: TensorListing, needed: ReadonlySet<string>): TensorListing {
  const { names } = listing;
  const all = listing.tensors.length > 0 ? listing.tensors.map(({ name }) => name) : [...names];
  let best = { prefix: '', found: foundWithout('', names, needed) };
  const consider = (prefix: string, least: number): void => {
    const found = foundWithout(prefix, names, needed);
    if (found > best.found && found >= least && isUnique(prefix, names)) best = { prefix, found };
  };
  for (const prefix of sharedPrefixes(all)) consider(prefix, 1);
  for (const prefix of prefixesOf(needed, all)) consider(prefix, needed.size);
  const { prefix } = best;
  if (prefix === '') return listing;
  const short = (name: string): string => (name.startsWith(prefix) ? name.slice(prefix.length) : name);
  return {
    ...listing,
    tensors: listing.tensors.map((tensor) => ({
      ...tensor,
      name: short(tensor.name),
      chunks: () => tensor.chunks(),
    })),
    names: new Set([...listing.names].map(short)),
    problems: listing.problems.map(
      (problem): WeightsProblem =>
        problem.tensor === undefined ? problem : { ...problem, tensor: short(problem.tensor) },
    ),
  };
}

/** The texts up to a dot with which all names begin: `net.` and `net.backbone.`. */
function sharedPrefixes(names: readonly string[]): readonly string[] {
  const [first = ''] = names;
  const prefixes: string[] = [];
  for (let dot = first.indexOf('.'); dot >= 0; dot = first.indexOf('.', dot + 1)) {
    const prefix = first.slice(0, dot + 1);
    if (!names.every((name) => name.startsWith(prefix))) break;
    prefixes.push(prefix);
  }
  return prefixes;
}

/** The prefixes of a network beside other tensors: what precedes its first name in the file. */
function prefixesOf(needed: ReadonlySet<string>, names: readonly string[]): readonly string[] {
  const [first = ''] = needed;
  return names.flatMap((name) => (name.endsWith(`.${first}`) ? [name.slice(0, -first.length)] : []));
}

/** Whether no tensor without the prefix has the name that another one would have. */
function isUnique(prefix: string, names: ReadonlySet<string>): boolean {
  for (const name of names) if (!name.startsWith(prefix) && names.has(prefix + name)) return false;
  return true;
}

/** How many of the needed names the file has without a prefix. */
function foundWithout(prefix: string, names: ReadonlySet<string>, needed: ReadonlySet<string>): number {
  let found = 0;
  for (const name of needed) if (names.has(prefix + name)) found += 1;
  return found;
}
