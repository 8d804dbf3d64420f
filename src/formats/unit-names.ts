import type { LengthUnit } from './geometry.js';

const UNITS: Readonly<Record<string, LengthUnit>> = {
  pixel: 'pixel',
  pixels: 'pixel',
  micron: 'um',
  microns: 'um',
  micrometer: 'um',
  um: 'um',
  // Both signs are in use: micro and mu.
  '\u00b5m': 'um',
  '\u03bcm': 'um',
  // ImageJ escapes what is not ASCII.
  '\\u00B5m': 'um',
  nm: 'nm',
  mm: 'mm',
  cm: 'cm',
  m: 'm',
  inch: 'inch',
};

export function unitNamed(text: string | undefined): LengthUnit | undefined {
  return text === undefined ? undefined : UNITS[text.trim()];
}
