import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { failure } from '../../src/diagnostics/failure.js';
import { makeFolder } from '../../src/runtime/files/folders.js';

let work = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'unet-folder-'));
});
afterEach(() => rmSync(work, { recursive: true }));

describe('makeFolder', () => {
  test('makes all that is missing, and leaves what is there', () => {
    const path = join(work, 'a/b/c');
    expect(makeFolder(path)).toBeUndefined();
    expect(statSync(path).isDirectory()).toBe(true);
    expect(makeFolder(path)).toBeUndefined();
    expect(makeFolder(relative(process.cwd(), join(work, 'd/e')))).toBeUndefined();
    expect(existsSync(join(work, 'd/e'))).toBe(true);
  });

  test('a link to a folder is one', () => {
    mkdirSync(join(work, 'real'));
    symlinkSync('real', join(work, 'link'));
    expect(makeFolder(join(work, 'link/below'))).toBeUndefined();
    expect(existsSync(join(work, 'real/below'))).toBe(true);
  });

  test('a file in the way', () => {
    const file = join(work, 'file');
    writeFileSync(file, '');
    for (const path of [file, join(file, 'below'), join(file, 'far/below')]) {
      expect(makeFolder(path)).toEqual(failure('file-unwritable', { path, cause: 'ENOTDIR' }));
    }
  });

  test('a link to nothing', () => {
    symlinkSync('nowhere', join(work, 'link'));
    expect(makeFolder(join(work, 'link'))).toEqual(
      failure('file-unwritable', { path: join(work, 'link'), cause: 'EEXIST' }),
    );
  });

  test.skipIf(!existsSync('/proc/self'))('a file system that takes no folders', () => {
    expect(makeFolder('/proc/unet')).toEqual(
      failure('file-unwritable', { path: '/proc/unet', cause: 'no-new-folder' }),
    );
    expect(makeFolder('/proc/unet/a/b', '/proc/unet/a/b/x')).toEqual(
      failure('file-unwritable', { path: '/proc/unet/a/b/x', cause: 'no-new-folder' }),
    );
  });
});
