import type { MapProblem } from '../../diagnostics/codes/weights/name-maps.js';
import { reasonOf } from '../../diagnostics/failure.js';
import { didYouMean } from '../../diagnostics/suggest.js';
import type { ParameterRole } from '../../ir/parameter.js';
import { isObject, kindOf, repeatedKeys } from '../json-text.js';
import { type NamePattern, type NameTemplate, readPattern, readTemplate } from './name-pattern.js';

/**
 * The names of the tensors in a file, as a map file (JSON) gives them.
 *
 * A key of `names` is a name in the network, in which `{l}` captures a number. Either it is a layer,
 * `encoder[{l}].conv[{n}]`, and its value is a module of PyTorch, whose tensors have PyTorch's names (`weight`,
 * `bias`, `running_mean`, `running_var`). Or it ends with a parameter, `head.conv[1].weight`, and its value is the
 * tensor. The value may contain formulas of those numbers and of `depth`, `up{depth + 1 - l}.up`. If several keys match,
 * the one with the fewest open numbers applies. `?` after a key allows a network to lack the layer.
 */
export interface NameMapText {
  /** A sentence about the purpose of the map. */
  readonly about?: string;
  readonly names: Readonly<Record<string, string>>;
  /** Tensors of the file that the network does not need; `*` matches any text. */
  readonly ignore?: readonly string[];
}

/** An entry of `names`. */
export interface NameRule {
  /** The key as written. */
  readonly text: string;
  readonly pattern: NamePattern;
  readonly template: NameTemplate;
  /** Whether the key names a single tensor; otherwise it names a layer, with all its tensors. */
  readonly single: boolean;
  readonly optional: boolean;
}

export interface NameMap {
  readonly rules: readonly NameRule[];
  ignores(name: string): boolean;
}

export type NameMapReading =
  | { readonly ok: true; readonly map: NameMap }
  | { readonly ok: false; readonly problems: readonly MapProblem[] };

/** The names of a layer's parameters in PyTorch's modules. */
export const torchNames: Readonly<Record<ParameterRole, string>> = {
  weight: 'weight',
  bias: 'bias',
  scale: 'weight',
  shift: 'bias',
  slope: 'weight',
  mean: 'running_mean',
  variance: 'running_var',
  // No module of PyTorch has a table of positions; vision transformers use this name.
  position: 'pos_embed',
};

/** The numbers that every map may use: `depth` is the number of levels above the bottleneck. */
export const KNOWN = ['depth'] as const;

const keys = ['about', 'names', 'ignore'] as const;

/** Reads the text of a map file. Reports all its errors at once. */
export function readNameMap(text: string): NameMapReading {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { ok: false, problems: [{ case: 'not-json', reason: reasonOf(error) }] };
  }
  if (!isObject(json)) return { ok: false, problems: [{ case: 'not-an-object', found: kindOf(json) }] };
  const entries: Record<string, unknown> = { ...json };
  const { about, names, ignore } = entries;
  const problems: MapProblem[] = [];
  for (const key of Object.keys(entries)) {
    if (keys.some((one) => one === key)) continue;
    problems.push({ case: 'unknown-key', key, keys, nearest: didYouMean(key, keys) });
  }
  for (const path of repeatedKeys(text)) problems.push({ case: 'repeated-key', key: path.at(-1) ?? '' });
  const wrongKind = (key: (typeof keys)[number], value: unknown) =>
    problems.push({ case: 'wrong-kind', key, found: kindOf(value) });
  if (about !== undefined && typeof about !== 'string') wrongKind('about', about);
  if (ignore !== undefined && !isTexts(ignore)) wrongKind('ignore', ignore);
  if (!isObject(names)) {
    wrongKind('names', names);
    return { ok: false, problems };
  }
  const rules: [string, string][] = [];
  for (const [key, value] of Object.entries(names)) {
    if (typeof value === 'string') rules.push([key, value]);
    else problems.push({ case: 'name-not-a-text', rule: key, found: kindOf(value) });
  }
  const compiled = compileNameMap({
    names: Object.fromEntries(rules),
    ...(isTexts(ignore) ? { ignore } : {}),
  });
  if (!compiled.ok) problems.push(...compiled.problems);
  return compiled.ok && problems.length === 0 ? compiled : { ok: false, problems };
}

/** Compiles the rules of a map, or reports their errors. */
export function compileNameMap({ names, ignore = [] }: NameMapText): NameMapReading {
  const problems: MapProblem[] = [];
  const rules: NameRule[] = [];
  for (const [text, target] of Object.entries(names)) {
    const rule = readRule(text, target);
    if ('case' in rule) problems.push(rule);
    else rules.push(rule);
  }
  if (problems.length > 0) return { ok: false, problems };
  const ignored = ignore.map((one) => {
    const parts = one.split('*').map((part) => part.replace(/[^\w]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`, 's');
  });
  return { ok: true, map: { rules, ignores: (name) => ignored.some((one) => one.test(name)) } };
}

function readRule(text: string, target: string): NameRule | MapProblem {
  const optional = text.endsWith('?');
  const pattern = readPattern(optional ? text.slice(0, -1) : text, KNOWN);
  if ('case' in pattern) return { ...pattern, rule: text };
  const template = readTemplate(target);
  if ('case' in template) return { ...template, rule: text };
  const unknown = template.uses.find(
    (name) => !pattern.captures.includes(name) && !KNOWN.some((one) => one === name),
  );
  if (unknown !== undefined) {
    const nearest = didYouMean(unknown, [...pattern.captures, ...KNOWN]);
    return { case: 'unknown-number', rule: text, name: unknown, nearest };
  }
  const last = pattern.text.slice(pattern.text.lastIndexOf('.') + 1);
  return { text, pattern, template, single: Object.hasOwn(torchNames, last), optional };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
