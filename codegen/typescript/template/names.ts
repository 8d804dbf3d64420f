import { quoted } from './value.js';

/** `.conv_1` as `conv1`, `encoder_2.maxPool_1` as `encoder2MaxPool1`. */
export function camel(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return words.map((word, index) => (index === 0 ? uncapital(word) : capital(word))).join('');
}

export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

export function uncapital(word: string): string {
  return word.charAt(0).toLowerCase() + word.slice(1);
}

/** The name, or the first of `name2`, `name3`... that is free. The result is added to `taken`. */
export function unused(name: string, taken: Set<string>): string {
  const start = /\d$/.test(name) ? `${name}_` : name;
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = `${start}${number}`;
  taken.add(free);
  return free;
}

/**
 * A part of a layer's name: text, the function's `name`, the loop's `level`, or the layer's number among the layers of
 * its kind. The number is the value of the hole plus `plus`, and in a repetition grows by `growth` per round.
 */
export type NamePart =
  | string
  | { readonly of: 'name' }
  | { readonly of: 'level' }
  | { readonly of: 'number'; readonly hole: number; readonly plus: number; readonly growth: number };

/** The variable that counts the rounds of a repetition. */
export interface RoundVariable {
  readonly name: string;
  /** Its value in the first round. */
  readonly first: 0 | 1;
}

/** The values of the parts of names. */
export interface NameParts {
  /** The start of the names of the layers, if no variable has it. */
  readonly name?: string;
  /** The first number of a kind of layer: a number, or a variable. */
  first(hole: number): number | string;
  readonly round?: RoundVariable;
}

/** The code of a layer's name: a string, or a template literal with variables. */
export function nameCode(parts: readonly NamePart[], about: NameParts): string {
  const codes = parts.map((part) => partCode(part, about));
  const [only, ...more] = codes;
  if (only?.isCode && more.length === 0) return only.text;
  if (codes.every(({ isCode }) => !isCode)) return quoted(codes.map(({ text }) => text).join(''));
  return `\`${codes.map(({ text, isCode }) => (isCode ? `\${${text}}` : text)).join('')}\``;
}

function partCode(part: NamePart, about: NameParts): { readonly text: string; readonly isCode: boolean } {
  if (typeof part === 'string') return { text: part, isCode: false };
  switch (part.of) {
    case 'name':
      return { text: about.name ?? 'name', isCode: about.name === undefined };
    case 'level':
      return { text: 'level', isCode: true };
    case 'number':
      return numberCode(part, about);
    default:
      return part satisfies never;
  }
}

function numberCode(
  { hole, plus, growth }: Extract<NamePart, { readonly of: 'number' }>,
  { first, round }: NameParts,
): { readonly text: string; readonly isCode: boolean } {
  const start = first(hole);
  const number = typeof start === 'number' ? start : 0;
  const terms = typeof start === 'number' ? [] : [start];
  if (growth > 0 && round) terms.push(growth === 1 ? round.name : `${growth} * ${round.name}`);
  const shift = number + plus - growth * (round?.first ?? 0);
  if (terms.length === 0) return { text: String(shift), isCode: false };
  const end = shift === 0 ? '' : shift > 0 ? ` + ${shift}` : ` - ${-shift}`;
  return { text: `${terms.join(' + ')}${end}`, isCode: true };
}

/** Names that no variable and no function of a module may have. */
export const reservedWords: ReadonlySet<string> = new Set(
  (
    'await break case catch class const continue debugger default delete do else enum export extends false ' +
    'finally for function if implements import in instanceof interface let new null package private protected ' +
    'public return static super switch this throw true try typeof undefined var void while with yield ' +
    'arguments eval async of type NaN Infinity'
  ).split(' '),
);
