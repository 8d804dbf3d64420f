import type { MapMismatch } from '../../diagnostics/codes/weights/name-maps.js';
import { didYouMean } from '../../diagnostics/suggest.js';
import type { Graph } from '../../ir/graph.js';
import type { Parameter } from '../../ir/parameter.js';
import { type NameMap, type NameRule, torchNames } from '../names/name-map.js';
import type { Numbers } from '../names/name-pattern.js';
import type { TensorSlot } from './bind-tensors.js';
import { torchSlot } from './torch-slot.js';

export type MappedSlots =
  | { readonly ok: true; readonly slots: readonly TensorSlot[] }
  | { readonly ok: false; readonly problems: readonly MapMismatch[] };

/** A rule that matches a parameter, with the numbers that it captured. */
interface Fit {
  readonly rule: NameRule;
  readonly numbers: Numbers;
}

/**
 * The slots of a network's parameters by a map. Otherwise every reason why the map does not fit: parameters without a rule
 * or with two, rules that match nothing, formulas that give no whole number, names that two parameters share.
 */
export function slotsByMap(graph: Graph, map: NameMap): MappedSlots {
  const problems: MapMismatch[] = [];
  const slots: TensorSlot[] = [];
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
      const rules = [best.rule.text, second.rule.text];
      problems.push({ case: 'ambiguous', rules, parameter: parameter.name });
      continue;
    }
    const filled = best.rule.template.fill(best.numbers);
    if (filled === undefined) {
      problems.push({ case: 'no-whole-number', rule: best.rule.text, parameter: parameter.name });
      continue;
    }
    const name = best.rule.single ? filled : `${filled}.${torchNames[parameter.role]}`;
    const taken = targets.get(name);
    if (taken) {
      const rules = [...new Set([taken.rule.text, best.rule.text])];
      problems.push({ case: 'shared-name', rules, parameters: [taken.parameter.name, parameter.name], name });
      continue;
    }
    targets.set(name, { parameter, rule: best.rule });
    slots.push(torchSlot(parameter, name));
  }
  for (const [layer, roles] of without) problems.push({ case: 'no-rule', layer, roles });
  const layers = [...new Set(parametersByLayer(graph).map(({ layer }) => layer))];
  for (const rule of map.rules) {
    if (rule.optional || used.has(rule)) continue;
    const nearest = nearestLayer(rule, layers);
    problems.push({ case: 'unused-rule', rule: rule.text, network: graph.name, nearest });
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, slots };
}

/** How general a rule is: first by its open numbers, then by whether it names a whole layer. */
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

/** A layer of the network that a rule most likely meant. */
function nearestLayer(rule: NameRule, layers: readonly string[]): string | undefined {
  const general = (text: string) => text.replace(/\{\w+\}|\d+/g, '#');
  const text = rule.single ? rule.pattern.text.replace(/\.\w+$/, '') : rule.pattern.text;
  const near = didYouMean(general(text), new Set(layers.map(general)));
  if (near === general(text)) return undefined;
  return layers.find((one) => general(one) === near);
}
