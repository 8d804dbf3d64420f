import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Failure } from '../../src/diagnostics/failure.js';
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
      expect(makeFolder(path)).toEqual(
        new Failure(`cannot write ${path}: a part of its path is a file, not a folder`),
      );
    }
  });

  test('a link to nothing', () => {
    symlinkSync('nowhere', join(work, 'link'));
    expect(makeFolder(join(work, 'link'))).toEqual(
      new Failure(`cannot write ${join(work, 'link')}: it exists already`),
    );
  });

  test.skipIf(!existsSync('/proc/self'))('a file system that takes no folders', () => {
    expect(makeFolder('/proc/unet')).toEqual(
      new Failure('cannot write /proc/unet: the file system takes no new folder in /proc'),
    );
    expect(makeFolder('/proc/unet/a/b', '/proc/unet/a/b/x')).toEqual(
      new Failure('cannot write /proc/unet/a/b/x: the file system takes no new folder in /proc'),
    );
  });
});
