import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { Failure } from '../../src/diagnostics/failure.js';
import { decodeElements, elementBytes, type StoredData, type StoredType } from '../../src/formats/element.js';
import { readArray, readHeader } from '../../src/formats/read.js';

/** A file as a peer wrote it, and what the peer says that it stores: see peers/cases.py. */
export interface FormatCase {
  /** The file, and after "#" which page or array of it. */
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly refused?: string;
  readonly args?: Readonly<Record<string, unknown>>;
  readonly axes?: readonly (readonly [string, number])[];
  readonly type?: StoredType;
  readonly data?: string;
  readonly page?: number;
  readonly array?: string;
  readonly tolerance?: number;
  readonly bits?: number;
  readonly format?: string;
  readonly colour?: string;
  readonly palette?: readonly (readonly number[])[];
  readonly notes?: readonly string[];
  readonly affine?: readonly (readonly number[])[];
  readonly orientation?: string;
  readonly spacing?: readonly number[];
  readonly unit?: string;
  readonly scale?: { readonly slope: number; readonly intercept: number } | null;
}

export function casesIn(path: string): FormatCase[] {
  // The peers' script writes the file, and a wrong field fails its test.
  return JSON.parse(readFileSync(path, 'utf8')) as FormatCase[];
}

const closeTo = (values: readonly number[]) =>
  values.map((value) => expect.closeTo(value, Math.abs(value) > 1 ? 4 : 6));

function expectData(data: StoredData, wanted: StoredData, tolerance: number): void {
  expect(data.length).toBe(wanted.length);
  expect(data.constructor.name).toBe(wanted.constructor.name);
  const wrong: string[] = [];
  for (let i = 0; i < data.length && wrong.length < 5; i++) {
    const [a, b] = [data[i], wanted[i]];
    const same = tolerance > 0 ? Math.abs(Number(a) - Number(b)) <= tolerance : Object.is(a, b);
    if (!same) wrong.push(`[${i}] ${a} for ${b}`);
  }
  expect(wrong).toEqual([]);
}

/** Writes the files of a case to a folder and compares what is read with what the peer says. */
export async function checkCase(one: FormatCase): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'unet-formats-'));
  try {
    for (const [name, bytes] of Object.entries(one.files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), Buffer.from(bytes, 'base64'));
    }
    const path = join(folder, one.name.replace(/#.*/, ''));
    const options = {
      ...(one.page === undefined ? {} : { page: one.page }),
      ...(one.array === undefined ? {} : { array: one.array }),
    };
    const read = await readArray(path, options);
    if (one.refused !== undefined) {
      expect(read).toMatchObject({ code: one.refused, args: { path, ...one.args } });
      return;
    }
    if (read instanceof Failure) throw new Error(`${read.code}: ${read.message}`);
    const { header, data } = read;
    expect(await readHeader(path, options)).toEqual(header);
    expect(header.axes.map(({ name, size }) => [name, size])).toEqual(one.axes);
    expect(header.type).toBe(one.type);
    const type = one.type ?? 'uint8';
    const bytes = Buffer.from(one.data ?? '', 'base64');
    const size = type === 'float16' ? 4 : elementBytes[type];
    const wanted = decodeElements(bytes, type === 'float16' ? 'float32' : type, bytes.length / size, true);
    expectData(data, wanted, one.tolerance ?? 0);
    const { geometry } = header;
    if (one.bits !== undefined) expect(header.bits).toBe(one.bits);
    if (one.format !== undefined) expect(header.format).toBe(one.format);
    if (one.colour !== undefined) expect(header.colour).toBe(one.colour);
    if (one.palette !== undefined) expect(header.palette?.colours).toEqual(one.palette);
    if (one.notes !== undefined) expect(header.notes.map(({ kind }) => kind)).toEqual(one.notes);
    if (one.scale !== undefined) expect(header.scale ?? null).toEqual(one.scale);
    if (one.affine !== undefined) expect(geometry?.affine).toEqual(one.affine.map(closeTo));
    if (one.orientation !== undefined) expect(geometry?.orientation).toBe(one.orientation);
    if (one.spacing !== undefined) expect(geometry?.spacing).toEqual(closeTo(one.spacing));
    if (one.unit !== undefined) expect(geometry?.unit).toBe(one.unit);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
