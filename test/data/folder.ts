import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { expect } from 'vitest';
import { Failure } from '../../src/diagnostics/failure.js';

/** A fresh folder below the system's temporary one. */
export function freshFolder(): string {
  return mkdtempSync(join(tmpdir(), 'unet-data-'));
}

export function put(path: string, bytes: Uint8Array | string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

/** Writes a gray PNG, or an RGB one for three numbers a pixel. */
export async function putPng(
  path: string,
  values: readonly number[],
  width: number,
  channels: 1 | 3 = 1,
  bits: 8 | 16 = 8,
): Promise<string> {
  const height = values.length / width / channels;
  const data = bits === 8 ? Uint8Array.from(values) : Uint16Array.from(values);
  const space = channels === 3 ? (bits === 8 ? 'srgb' : 'rgb16') : bits === 8 ? 'b-w' : 'grey16';
  const png = sharp(data, { raw: { width, height, channels } }).toColourspace(space).png();
  return put(path, await png.toBuffer());
}

/** All files below a folder, relative to it. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

export function ok<T>(result: T | Failure): T {
  if (result instanceof Failure) throw new Error(result.message);
  return result;
}

/** The problems that a failure of a data set collects. */
export function problemsOf(result: unknown): readonly unknown[] {
  expect(result).toMatchObject({ code: 'data-set-invalid', args: { problems: expect.any(Array) } });
  const { args = {} }: { args?: { problems?: readonly unknown[] } } = { ...Object(result) };
  return args.problems ?? [];
}
