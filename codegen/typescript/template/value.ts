/** A value that the module writes as a literal. */
export type LiteralValue = number | string | boolean | readonly LiteralValue[];

export function sameValue(a: LiteralValue | undefined, b: LiteralValue | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The literal of a value: `64`, `1e-5`, `'same'`, `[1, 3, 3]`. */
export function literal(value: LiteralValue): string {
  switch (typeof value) {
    case 'number':
      return numberText(value);
    case 'string':
      return quoted(value);
    case 'boolean':
      return String(value);
    default:
      return `[${value.map(literal).join(', ')}]`;
  }
}

/** A text in single quotes. */
export function quoted(text: string): string {
  // JSON escapes all characters that a literal must not contain; only the quotes differ.
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** The shorter of `0.00001` and `1e-5`. */
function numberText(value: number): string {
  const plain = String(value);
  const exponent = value.toExponential().replace('e+', 'e');
  return exponent.length < plain.length && Math.abs(value) < 1e-3 ? exponent : plain;
}

/** The type of all of these values: `number`, `[number, number]`, `'same' | 'valid'`. */
export function typeOf(values: readonly LiteralValue[]): string {
  const types = [...new Set(values.map(typeOfOne))];
  return types.sort((a, b) => a.length - b.length || (a < b ? -1 : 1)).join(' | ');
}

function typeOfOne(value: LiteralValue): string {
  switch (typeof value) {
    case 'number':
    case 'boolean':
      return typeof value;
    case 'string':
      return quoted(value);
    default:
      return `[${value.map(typeOfOne).join(', ')}]`;
  }
}

/** The number that all entries of a list equal, also in nested lists; undefined if they differ. */
export function uniform(value: LiteralValue): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' || typeof value === 'boolean') return undefined;
  const [first, ...rest] = value.map(uniform);
  return rest.every((entry) => entry === first) ? first : undefined;
}
