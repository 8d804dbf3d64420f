import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Failure } from '../../src/diagnostics/failure.js';
import { processMark } from '../../src/train/run-folder/process-mark.js';
import { LOCK, lockRunFolder, runFolderInUse } from '../../src/train/run-folder/run-lock.js';
import { unet } from '../cli/unet.js';
import { endOf, network, recipe, startUnet, trainArguments, workFolder } from './cells-run.js';

let work = '';
let folder = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'unet-lock-'));
  folder = join(work, 'run');
});
afterEach(() => rmSync(work, { recursive: true }));

/** A lock as a process leaves it that is killed. */
function leave(owner: object): void {
  mkdirSync(join(folder, LOCK), { recursive: true });
  writeFileSync(join(folder, LOCK, 'owner.json'), JSON.stringify(owner));
}

function locked() {
  const lock = lockRunFolder(folder);
  if (lock instanceof Failure) throw new Error(lock.message);
  return lock;
}

const mine = { pid: process.pid, host: hostname(), start: processMark(process.pid) ?? null, date: 'today' };

/** The number of a process that has ended. */
function endedPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

describe('the lock of a run folder', () => {
  test('keeps a second one out until it is released', () => {
    const lock = locked();
    const second = lockRunFolder(folder);
    expect(second).toBeInstanceOf(Failure);
    expect(second).toEqual(runFolderInUse(folder));
    expect(second).toMatchObject({
      message: expect.stringMatching(
        new RegExp(`run is in use: process ${process.pid} trains there since \\d{4}-.*; wait for it`),
      ),
    });
    lock.release();
    expect(runFolderInUse(folder)).toBeUndefined();
    locked().release();
  });

  test('a folder that it made goes with it, unless something was written there', () => {
    locked().release();
    expect(existsSync(folder)).toBe(false);
    const lock = locked();
    writeFileSync(join(folder, 'run.json'), '{}');
    lock.release();
    expect(readdirSync(folder)).toEqual(['run.json']);
    rmSync(join(folder, 'run.json'));
    locked().release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    ['a process that is gone', () => ({ ...mine, pid: endedPid() })],
    ['an earlier process with the number of one that is there', () => ({ ...mine, start: 'earlier' })],
    ['nobody: it is damaged', () => ({ pid: 'x' })],
  ])('that of %s is taken over', (_, owner) => {
    leave(owner());
    expect(runFolderInUse(folder)).toBeUndefined();
    const lock = locked();
    expect(runFolderInUse(folder)?.message).toContain(`process ${process.pid}`);
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('an empty one, of a process that died in the middle, is taken over', () => {
    mkdirSync(join(folder, LOCK), { recursive: true });
    locked().release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('that of another machine stays, and a person has to say that it is gone', () => {
    leave({ ...mine, host: 'elsewhere', pid: 7 });
    expect(lockRunFolder(folder)).toEqual(
      new Failure(
        `${folder} is in use: process 7 of the machine elsewhere trains there since today; if it is gone, remove ${join(folder, LOCK)}`,
      ),
    );
    expect(existsSync(join(folder, LOCK))).toBe(true);
  });

  test('where the system does not say when a process was started, its number has to do', () => {
    leave({ ...mine, start: null });
    expect(lockRunFolder(folder)).toMatchObject({
      message: expect.stringMatching(/is another program, remove .*lock$/),
    });
  });

  test('a file where the folder should be', () => {
    writeFileSync(folder, '');
    expect(lockRunFolder(folder)).toEqual(
      new Failure(`cannot write ${folder}: a part of its path is a file, not a folder`),
    );
  });
});

test.skipIf(process.platform !== 'linux')(
  'a process that has ended and was not waited for is gone',
  async () => {
    // The shell becomes `sleep`, which waits for no children; then its child reads the end of a pipe, and ends.
    const child = spawn('sh', ['-c', 'cat <&3 & echo $!; exec sleep 20 3<&-'], {
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    });
    const pid = await new Promise<number>((done) => child.stdout?.once('data', (text) => done(Number(text))));
    const until = async (holds: () => boolean) => {
      while (!holds()) await new Promise((done) => setTimeout(done, 10));
    };
    await until(() => readFileSync(`/proc/${child.pid}/comm`, 'utf8') === 'sleep\n');
    child.stdio[3]?.destroy();
    await until(() => /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
    expect(processMark(pid)).toBe('gone');
    child.kill('SIGKILL');
  },
);

test('a second training into the folder of one that runs is refused, and disturbs nothing', async () => {
  const place = workFolder(network + recipe.replace('epochs    = 3', 'epochs = 1000'));
  const first = startUnet(trainArguments('out'), place);
  let refusals: readonly (readonly [number | null, string])[] = [];
  const { signal } = await endOf(first, (text) => {
    if (!/epoch +1\//.test(text) || refusals.length > 0) return;
    refusals = [[], ['--resume']].map((more) => {
      const { code, stderr } = unet(trainArguments('out', ...more), place);
      return [code, stderr] as const;
    });
    first.kill('SIGKILL');
  });
  expect(signal).toBe('SIGKILL');
  const said = expect.stringMatching(
    new RegExp(`^unet: out is in use: process ${first.pid} trains there since [^\n]*\n$`),
  );
  expect(refusals).toEqual([
    [1, said],
    [1, said],
  ]);
  // Killed, it keeps nobody out any more.
  expect(unet(trainArguments('out'), place).stderr).toContain('--resume goes on with it');
  rmSync(place, { recursive: true });
});
