import type { Normalization, OneNormalization } from './normalization.js';

type Fields = Readonly<Record<string, 'number' | 'boolean'>>;
const extent = { nonzero: 'boolean', per_channel: 'boolean' } as const;

/** The fields of each kind besides `kind`. */
const fieldsOf: { readonly [K in OneNormalization['kind']]: Fields } = {
  none: {},
  minmax: extent,
  zscore: extent,
  percentile: { low: 'number', high: 'number', clip: 'boolean', ...extent },
  range: { low: 'number', high: 'number', clip: 'boolean' },
  ct: { low: 'number', high: 'number', mean: 'number', std: 'number' },
  ct_auto: {},
};

/** A normalisation as the metadata of a model holds it. */
export function writeNormalization(normalization: Normalization): string {
  return JSON.stringify(normalization);
}

/** The normalisation that writeNormalization wrote; undefined for any other text. */
export function readNormalization(text: string): Normalization | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (kindOf(parsed) !== 'channels') return isOne(parsed) ? parsed : undefined;
  const channels = fieldOf(parsed, 'channels');
  return Array.isArray(channels) && channels.every(isOne) ? { kind: 'channels', channels } : undefined;
}

function isOne(value: unknown): value is OneNormalization {
  const kind = kindOf(value);
  const fields = Object.entries(fieldsOf).find(([one]) => one === kind)?.[1];
  if (!fields) return false;
  return Object.entries(fields).every(([name, type]) => typeof fieldOf(value, name) === type);
}

function kindOf(value: unknown): unknown {
  return fieldOf(value, 'kind');
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
