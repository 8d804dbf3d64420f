import { didYouMean } from '../../diagnostics/suggest.js';
import type { Graph } from '../../ir/graph.js';
import type { Parameter } from '../../ir/parameter.js';
import { type NameMap, type NameRule, torchNames } from '../names/name-map.js';
import type { Numbers } from '../names/name-pattern.js';
import type { TensorSlot } from './bind-tensors.js';
import { torchPlace } from './torch-slot.js';

export type MappedPlaces =
  | { readonly ok: true; readonly places: readonly TensorSlot[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/** A rule that fits a parameter, with the numbers it caught. */
interface Fit {
  readonly rule: NameRule;
  readonly numbers: Numbers;
}

/**
 * Where a map says that a network's parameters are, or all that keeps the map from saying it: parameters without a
 * rule or with two, rules that fit nothing, formulas that give no whole number, names that two parameters share.
 */
export function placesByMap(graph: Graph, map: NameMap): MappedPlaces {
  const problems: string[] = [];
  const places: TensorSlot[] = [];
  const known = { depth: depthOf(graph) };
  const used = new Set<NameRule>();
  const without = new Map<string, string[]>();
  const targets = new Map<string, { readonly parameter: Parameter; readonly rule: NameRule }>();
  for (const { layer, parameter } of parametersByLayer(graph)) {
    const fits = map.rules.flatMap((rule): Fit[] => {
      const numbers = rule.pattern.match(rule.single ? parameter.name : layer, known);
      return numbers ? [{ rule, numbers }] : [];
    });
    for (const { rule } of fits) used.add(rule);
    const [best, second] = fits.sort((a, b) => openness(a.rule) - openness(b.rule));
    if (!best) {
      without.set(layer, [...(without.get(layer) ?? []), parameter.role]);
      continue;
    }
    if (second && openness(second.rule) === openness(best.rule)) {
      problems.push(
        `rules \`${best.rule.text}\` and \`${second.rule.text}\` both name ${parameter.name}, and neither is the more exact one`,
      );
      continue;
    }
    const filled = best.rule.template.fill(best.numbers);
    if (filled === undefined) {
      problems.push(
        `rule \`${best.rule.text}\`: a formula gives no whole number from 0 for ${parameter.name}`,
      );
      continue;
    }
    const name = best.rule.single ? filled : `${filled}.${torchNames[parameter.role]}`;
    const taken = targets.get(name);
    if (taken) {
      const other =
        taken.rule === best.rule
          ? `rule \`${best.rule.text}\``
          : `rules \`${taken.rule.text}\` and \`${best.rule.text}\``;
      problems.push(`${other}: ${taken.parameter.name} and ${parameter.name} are both called '${name}'`);
      continue;
    }
    targets.set(name, { parameter, rule: best.rule });
    places.push(torchPlace(parameter, name));
  }
  for (const [layer, roles] of without) problems.push(`no rule names ${layer} (${roles.join(', ')})`);
  const layers = [...new Set(parametersByLayer(graph).map(({ layer }) => layer))];
  for (const rule of map.rules) {
    if (rule.optional || used.has(rule)) continue;
    problems.push(`rule \`${rule.text}\` fits nothing in ${graph.name}${nearestLayer(rule, layers)}`);
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, places };
}

/** How little a rule is bound to one tensor: open numbers first, then whether it is a layer. */
function openness(rule: NameRule): number {
  return 2 * rule.pattern.captures.length + (rule.single ? 0 : 1);
}

/** The parameters in node order, each with the path of its op: `encoder[2].conv[1]`. */
function parametersByLayer({ nodes }: Graph) {
  return nodes.flatMap(({ path, parameters }) =>
    parameters.map((parameter) => ({ layer: path.text, parameter })),
  );
}

/** The levels above the bottleneck: the highest number of an encoder. */
function depthOf(graph: Graph): number {
  const levels = graph.stages.map(({ path }) => (path.stage === 'encoder' ? (path.level ?? 0) : 0));
  return Math.max(0, ...levels);
}

/** A layer of the network that differs from a rule by a typing mistake. */
function nearestLayer(rule: NameRule, layers: readonly string[]): string {
  const general = (text: string) => text.replace(/\{\w+\}|\d+/g, '#');
  const text = rule.single ? rule.pattern.text.replace(/\.\w+$/, '') : rule.pattern.text;
  const near = didYouMean(general(text), new Set(layers.map(general)));
  if (near === undefined || near === general(text)) return '';
  const layer = layers.find((one) => general(one) === near);
  return layer === undefined ? '' : `: did you mean layers such as \`${layer}\`?`;
}
