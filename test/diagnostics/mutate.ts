/** A seeded generator of whole numbers (mulberry32, Tommy Ettinger): the same seed gives the same mutations. */
export class Random {
  constructor(private state: number) {}

  /** A whole number from 0 to `count` - 1. */
  below(count: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * count);
  }

  pick<T>(items: readonly T[]): T | undefined {
    return items[this.below(items.length)];
  }
}

const numbers = [
  '0',
  '1',
  '2',
  '3',
  '7',
  '-1',
  '0.5',
  '12',
  '571',
  '1_000_000',
  '9e15',
  '1e308',
  '99999999999999999999',
];
const words =
  'unet block param input classes depth channels skip up pool norm kernel padding repeat block = == -> { } ( ) [ ] , : ; .. x + - * / ^ % < "a" // /* none concat add same valid batch group conv input c level extends expect vary variant'.split(
    ' ',
  );

/** Words, numbers, blanks and signs, such that joining them gives the text again. */
function tokensOf(text: string): string[] {
  return text.match(/\s+|[A-Za-z_][A-Za-z_0-9]*|\d[\d_.]*|./gsu) ?? [];
}

/** One to four random changes: tokens swapped, deleted, doubled, replaced, numbers changed, lines moved or cut off. */
export function mutate(text: string, random: Random): string {
  let mutated = text;
  for (let changes = 1 + random.below(4); changes > 0; changes -= 1) mutated = change(mutated, random);
  return mutated;
}

function change(text: string, random: Random): string {
  const tokens = tokensOf(text);
  if (tokens.length === 0) return 'unet';
  const solid = tokens.map((token, i) => (/^\s/.test(token) ? -1 : i)).filter((i) => i >= 0);
  const at = random.pick(solid) ?? 0;
  const other = random.pick(solid) ?? 0;
  const put = (index: number, token: string) => tokens.with(index, token).join('');
  switch (random.below(8)) {
    case 0:
      return tokens
        .with(at, tokens[other] ?? '')
        .with(other, tokens[at] ?? '')
        .join('');
    case 1:
      return put(at, '');
    case 2:
      return put(at, `${tokens[at]} ${tokens[at]}`);
    case 3:
      return put(at, ` ${random.pick(words)} `);
    case 4: {
      const digits = solid.filter((i) => /^\d/.test(tokens[i] ?? ''));
      const number = random.pick(digits);
      return number === undefined ? text : put(number, random.pick(numbers) ?? '0');
    }
    case 5: {
      const lines = text.split('\n');
      const [line] = lines.splice(random.below(lines.length), 1);
      lines.splice(random.below(lines.length + 1), 0, line ?? '');
      return lines.join('\n');
    }
    case 6: {
      const names = solid.filter((i) => /^[A-Za-z]/.test(tokens[i] ?? ''));
      const name = random.pick(names);
      const replacement = random.pick(names);
      return name === undefined || replacement === undefined ? text : put(name, tokens[replacement] ?? '');
    }
    default:
      return text.slice(0, random.below(text.length));
  }
}
