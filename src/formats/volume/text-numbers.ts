import { newData, type StoredData, type StoredType } from '../element.js';

/** Numbers in text, separated by spaces or commas; undefined where there are fewer than `count` or one is invalid. */
export function numbersInText(text: string, type: StoredType, count: number): StoredData | undefined {
  const words = text.match(/[^\s,]+/g) ?? [];
  if (words.length < count) return undefined;
  const data = newData(type, count);
  for (let i = 0; i < count; i++) {
    const word = words[i] ?? '';
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
      if (!/^[+-]?\d+$/.test(word)) return undefined;
      data[i] = BigInt(word);
    } else {
      const value = /^[+-]?(nan|inf(inity)?)$/i.test(word) ? infinite(word) : Number(word);
      if (Number.isNaN(value) && !/nan/i.test(word)) return undefined;
      data[i] = value;
    }
  }
  return data;
}

function infinite(word: string): number {
  if (/nan/i.test(word)) return Number.NaN;
  return word.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
