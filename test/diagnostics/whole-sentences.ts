import type { Wording } from './wordings.js';

/** Stands for any text: an argument in a sentence, an expression in a literal. */
const ANY = '\ufffc';

/** A sentence needs so many words of its own to be told from a piece of one. */
const LEAST_WORDS = 5;

/** The sentence of a wording with its arguments left open; undefined for one that has too few words of its own. */
export interface Skeleton {
  readonly code: string;
  readonly pattern: RegExp;
}

/** A skeleton for each line of a message and of its remedy. */
export function skeletonsOf({ code, args, message, help }: Wording): readonly Skeleton[] {
  const values = [...new Set(valuesOf(args))].sort((a, b) => b.length - a.length);
  return `${message}\n${help ?? ''}`.split('\n').flatMap((line) => {
    let open = line.trim();
    for (const value of values) open = open.replaceAll(value, ANY);
    const parts = open
      .replace(/\d[\d.,e+-]*/g, ANY)
      .split(ANY)
      .map((part) => part.trim())
      .filter((part) => part !== '');
    if ((parts.join(' ').match(/[a-z]{2,}/gi) ?? []).length < LEAST_WORDS) return [];
    const escaped = parts.map((part) => part.replace(/[^\w\s]/g, '\\$&').replace(/\s+/g, '\\s+'));
    return [{ code, pattern: new RegExp(escaped.join('[^\\n]{0,200}?')) }];
  });
}

/** All texts and numbers in arguments; lists of sizes and of names also as a message writes them. */
function valuesOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return value === '' ? [] : [value, value.toUpperCase()];
  if (typeof value === 'number') return [String(value)];
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(valuesOf);
  return Array.isArray(value) && value.length > 1
    ? [value.join(' x '), value.join(', '), `${value.slice(0, -1).join(', ')} and ${value.at(-1)}`, ...inner]
    : inner;
}

const token =
  /\/\/.*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n[])+\//g;

/** The texts of a module's literals: strings, templates and regular expressions, joined where `+` joins them. */
export function literalsOf(source: string): readonly string[] {
  const joined = source.replace(/(['`])\s*\+\s*\1/g, '');
  return [...joined.matchAll(token)].flatMap(([literal]) => {
    const inside = literal.slice(1, -1);
    if (/^\/[/*]/.test(literal)) return [];
    if (literal.startsWith('/')) return [expressionText(inside)];
    const text = literal.startsWith('`') ? inside.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, ANY) : inside;
    return [text.replace(/\\n/g, '\n').replace(/\\(.)/g, '$1')];
  });
}

/** What a regular expression matches, with its classes and wildcards left open. */
function expressionText(source: string): string {
  return source
    .replace(/\\[dwsDWS][*+]?|(?<!\\)\.[*+]?\??|(?<!\\)\[(?:\\.|[^\]\\])*\][*+]?/g, ANY)
    .replace(/\\n/g, '\n')
    .replace(/\\(.)/g, '$1');
}
