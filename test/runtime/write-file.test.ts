import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { failure } from '../../src/diagnostics/failure.js';
import { writeFileAtomically, writeFilesAtomically } from '../../src/runtime/files/write-file.js';

// The file functions as they are, except where a test makes one of them fail.
vi.mock('node:fs', { spy: true });

let folder = '';
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'unet-write-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(folder, { recursive: true, force: true });
});

const text = (value: string) => new TextEncoder().encode(value);
const read = (name: string) => fs.readFileSync(join(folder, name), 'utf8');

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code, errno: -1 });
}

describe('writeFileAtomically', () => {
  test('writes chunks of all sizes in order, into a folder that it creates', () => {
    const sizes = [0, 1, 5, 1 << 20, 3, (1 << 20) - 1, 2, 0, (1 << 20) + 1, 700_000, 700_000, 1];
    const chunks = sizes.map((size, i) => Uint8Array.from({ length: size }, (_, j) => (i * 31 + j) % 251));
    expect(writeFileAtomically(join(folder, 'a/b/x.bin'), chunks)).toBeUndefined();
    expect(Buffer.concat(chunks).equals(fs.readFileSync(join(folder, 'a/b/x.bin')))).toBe(true);
    expect(fs.readdirSync(join(folder, 'a/b'))).toEqual(['x.bin']);
  });

  test('small chunks become few writes, and a chunk may be reused by its maker', () => {
    function* chunks() {
      const chunk = new Uint8Array(1000);
      for (let i = 0; i < 5000; i++) yield chunk.fill(i % 256);
    }
    const spy = vi.mocked(fs.writeSync);
    spy.mockClear();
    expect(writeFileAtomically(join(folder, 'x.bin'), chunks())).toBeUndefined();
    expect(spy.mock.calls.length).toBeLessThanOrEqual(5);
    const bytes = fs.readFileSync(join(folder, 'x.bin'));
    expect(bytes.length).toBe(5_000_000);
    for (let i = 0; i < 5000; i++) expect(bytes[i * 1000 + 999]).toBe(i % 256);
  });

  test('goes on after a write that took a part', () => {
    let calls = 0;
    const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
    const written: number[] = [];
    vi.mocked(fs.writeSync).mockImplementation(((
      _fd: number,
      data: Uint8Array,
      offset: number,
      length: number,
    ) => {
      calls++;
      const count = Math.min(7, length);
      written.push(...data.subarray(offset, offset + count));
      return count;
    }) as typeof fs.writeSync);
    expect(writeFileAtomically(join(folder, 'x.bin'), [bytes])).toBeUndefined();
    expect(calls).toBe(15);
    expect(written).toEqual(Array.from(bytes));
  });

  test('replaces a file and keeps its mode, unless told not to', () => {
    const path = join(folder, 'x');
    fs.writeFileSync(path, 'old', { mode: 0o640 });
    expect(writeFileAtomically(path, [text('new')], { overwrite: false })).toEqual(
      failure('file-unwritable', { path, cause: 'EEXIST' }),
    );
    expect(read('x')).toBe('old');
    expect(writeFileAtomically(path, [text('new')])).toBeUndefined();
    expect(read('x')).toBe('new');
    if (process.platform !== 'win32') expect(fs.statSync(path).mode & 0o777).toBe(0o640);
  });

  test.skipIf(process.platform === 'win32')('a symbolic link stays, its file is replaced', () => {
    fs.writeFileSync(join(folder, 'x'), 'old');
    fs.symlinkSync('x', join(folder, 'link'));
    expect(writeFileAtomically(join(folder, 'link'), [text('new')])).toBeUndefined();
    expect(read('x')).toBe('new');
    expect(fs.lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
  });

  test('a folder, and a file where a folder should be', () => {
    fs.mkdirSync(join(folder, 'sub'));
    fs.writeFileSync(join(folder, 'file'), '');
    expect(writeFileAtomically(join(folder, 'sub'), [])).toEqual(
      failure('file-unwritable', { path: join(folder, 'sub'), cause: 'EISDIR' }),
    );
    const below = join(folder, 'file', 'x');
    expect(writeFileAtomically(below, [])).toEqual(
      failure('file-unwritable', { path: below, cause: 'ENOTDIR' }),
    );
  });

  test('a name that is too long', () => {
    const path = join(folder, 'x'.repeat(300));
    expect(writeFileAtomically(path, [])).toEqual(
      failure('file-unwritable', { path, cause: 'ENAMETOOLONG' }),
    );
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  for (const cause of ['ENOSPC', 'EDQUOT', 'EIO', 'EWEIRD'] as const) {
    test(`${cause} in the middle leaves the old file and nothing else`, () => {
      const path = join(folder, 'x.onnx');
      fs.writeFileSync(path, 'old');
      let calls = 0;
      vi.mocked(fs.writeSync).mockImplementation(((
        _fd: number,
        _data: Uint8Array,
        _offset: number,
        length: number,
      ) => {
        if (++calls === 2) throw systemError(cause);
        return length;
      }) as typeof fs.writeSync);
      const chunks = [new Uint8Array(1 << 20), new Uint8Array(1 << 20)];
      expect(writeFileAtomically(path, chunks)).toEqual(failure('file-unwritable', { path, cause }));
      expect(fs.readdirSync(folder)).toEqual(['x.onnx']);
      expect(read('x.onnx')).toBe('old');
    });
  }

  test('no permission for the folder', () => {
    vi.mocked(fs.mkdirSync).mockImplementation(() => {
      throw systemError('EACCES');
    });
    expect(writeFileAtomically('/out/x.onnx', [])).toEqual(
      failure('file-unwritable', { path: '/out/x.onnx', cause: 'EACCES' }),
    );
  });

  test('a device is written directly and is not replaced', (context) => {
    // Who may replace the system's own device gets one in a folder of the test.
    let device = '/dev/full';
    if (process.getuid?.() === 0) {
      device = join(folder, 'full');
      if (spawnSync('mknod', [device, 'c', '1', '7']).status !== 0) context.skip();
    }
    if (!fs.existsSync(device)) context.skip();
    const full = failure('file-unwritable', { path: device, cause: 'ENOSPC' });
    expect(writeFileAtomically(device, [text('x')])).toEqual(full);
    expect(writeFileAtomically(device, [text('x')], { overwrite: false })).toEqual(full);
    expect(writeFileAtomically(device, [])).toBeUndefined();
    expect(fs.statSync(device).isCharacterDevice()).toBe(true);
  });

  test('an error in the making of the bytes is passed on, without a trace on the disk', () => {
    function* chunks() {
      yield text('x');
      throw new Error('a bug of ours');
    }
    expect(() => writeFileAtomically(join(folder, 'x'), chunks())).toThrow('a bug of ours');
    expect(fs.readdirSync(folder)).toEqual([]);
  });
});

describe('writeFilesAtomically', () => {
  test('gives all files their names, or none', () => {
    const [a, b] = [join(folder, 'a'), join(folder, 'sub/b')];
    expect(
      writeFilesAtomically([
        { path: a, chunks: [text('1')] },
        { path: b, chunks: [text('2')] },
      ]),
    ).toBeUndefined();
    expect([read('a'), read('sub/b')]).toEqual(['1', '2']);
    const refused = writeFilesAtomically([
      { path: a, chunks: [text('3')] },
      { path: join(folder, 'sub'), chunks: [text('4')] },
    ]);
    expect(refused).toEqual(failure('file-unwritable', { path: join(folder, 'sub'), cause: 'EISDIR' }));
    expect([read('a'), read('sub/b')]).toEqual(['1', '2']);
    expect(fs.readdirSync(folder).sort()).toEqual(['a', 'sub']);
  });

  test('no file has its name before the last byte is written', () => {
    function* second() {
      expect(fs.existsSync(join(folder, 'a'))).toBe(false);
      yield text('2');
    }
    const files = [
      { path: join(folder, 'a'), chunks: [text('1')] },
      { path: join(folder, 'b'), chunks: second() },
    ];
    expect(writeFilesAtomically(files)).toBeUndefined();
    expect([read('a'), read('b')]).toEqual(['1', '2']);
  });
});
