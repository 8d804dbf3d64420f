/** Numbers by name: the captures of a pattern, and `depth`. */
export type Numbers = Readonly<Record<string, number>>;

/** A name that captures numbers: `encoder[{l}].conv[{n}]`. */
export interface NamePattern {
  readonly text: string;
  /** The names of the captured numbers, without the numbers that are known before. */
  readonly captures: readonly string[];
  /** The numbers of a name that matches; undefined for any other name. */
  match(name: string, known: Numbers): Numbers | undefined;
}

/** A name with formulas: `up{depth + 1 - l}.conv`. */
export interface NameTemplate {
  /** The names of the numbers that its formulas use. */
  readonly uses: readonly string[];
  /** The name for these numbers; undefined if a formula gives a negative or fractional number. */
  fill(numbers: Numbers): string | undefined;
}

/** A text split at its braces: literal parts and the contents of `{...}`, alternating. Undefined if a brace has no partner. */
function cut(text: string): readonly string[] | undefined {
  const parts = text.split(/\{([^{}]*)\}/);
  return parts.some((part, i) => i % 2 === 0 && /[{}]/.test(part)) ? undefined : parts;
}

const NAME = /^[a-z]\w*$/i;

/** Why a text is not a pattern or not a template. */
type Malformed =
  | { readonly case: 'unpaired-brace' }
  | { readonly case: 'no-capture-name' | 'no-formula'; readonly text: string };

export function readPattern(text: string, known: readonly string[]): NamePattern | Malformed {
  const parts = cut(text);
  if (!parts) return { case: 'unpaired-brace' };
  const names = parts.filter((_, i) => i % 2 === 1);
  const wrong = names.find((name) => !NAME.test(name));
  if (wrong !== undefined) return { case: 'no-capture-name', text: wrong };
  const source = parts.map((part, i) => (i % 2 === 1 ? '(\\d+)' : part.replace(/[^\w]/g, '\\$&')));
  const expression = new RegExp(`^${source.join('')}$`);
  return {
    text,
    captures: [...new Set(names)].filter((name) => !known.includes(name)),
    match(name, before) {
      const found = expression.exec(name);
      if (!found) return undefined;
      const numbers: Record<string, number> = { ...before };
      for (const [i, capture] of names.entries()) {
        const number = Number(found[i + 1]);
        if (Object.hasOwn(numbers, capture) && numbers[capture] !== number) return undefined;
        numbers[capture] = number;
      }
      return numbers;
    },
  };
}

export function readTemplate(text: string): NameTemplate | Malformed {
  const parts = cut(text);
  if (!parts) return { case: 'unpaired-brace' };
  const uses = new Set<string>();
  const pieces: ((numbers: Numbers) => string | undefined)[] = [];
  for (const [i, part] of parts.entries()) {
    if (i % 2 === 0) {
      pieces.push(() => part);
      continue;
    }
    const formula = readFormula(part, uses);
    if (!formula) return { case: 'no-formula', text: part };
    pieces.push((numbers) => {
      const value = formula(numbers);
      return Number.isSafeInteger(value) && value >= 0 ? String(value) : undefined;
    });
  }
  return {
    uses: [...uses],
    fill(numbers) {
      const filled = pieces.map((piece) => piece(numbers));
      return filled.includes(undefined) ? undefined : filled.join('');
    },
  };
}

type Formula = (numbers: Numbers) => number;

const operations: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};

/**
 * sum = product (("+" | "-") product)*, product = atom (("*" | "/") atom)*, atom = number | name | "(" sum ")".
 * Undefined for a text that is not a formula.
 */
function readFormula(text: string, uses: Set<string>): Formula | undefined {
  const tokens = text.match(/\d+|\w+|[^\s]/g) ?? [];
  let position = 0;
  const formula = sum(0);
  return position === tokens.length ? formula : undefined;

  function chain(signs: string, next: () => Formula | undefined): Formula | undefined {
    let left = next();
    while (left) {
      const sign = tokens[position] ?? '';
      const operation = sign !== '' && signs.includes(sign) ? operations[sign] : undefined;
      if (!operation) return left;
      position += 1;
      const [before, after] = [left, next()];
      left = after && ((numbers) => operation(before(numbers), after(numbers)));
    }
    return undefined;
  }

  function sum(depth: number): Formula | undefined {
    return chain('+-', () => chain('*/', () => atom(depth)));
  }

  function atom(depth: number): Formula | undefined {
    const token = tokens[position] ?? '';
    position += 1;
    if (/^\d+$/.test(token)) return () => Number(token);
    if (NAME.test(token)) {
      uses.add(token);
      return (numbers) => numbers[token] ?? Number.NaN;
    }
    // No real formula is nested deeply; the limit keeps a hostile file from exhausting the stack.
    if (token !== '(' || depth > 20) return undefined;
    const inner = sum(depth + 1);
    const closing = tokens[position];
    position += 1;
    return closing === ')' ? inner : undefined;
  }
}
