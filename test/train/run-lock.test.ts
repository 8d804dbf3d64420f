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

/** The lock of a process that was killed. */
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
  test('keeps a second process out until it is released', () => {
    const lock = locked();
    const second = lockRunFolder(folder);
    expect(second).toBeInstanceOf(Failure);
    expect(second).toEqual(runFolderInUse(folder));
    expect(second).toMatchObject({
      code: 'run-in-use',
      args: {
        folder,
        owner: {
          case: 'this-machine',
          pid: process.pid,
          since: expect.stringMatching(/^\d{4}-/),
          isCertain: true,
        },
      },
    });
    lock.release();
    expect(runFolderInUse(folder)).toBeUndefined();
    locked().release();
  });

  test('the folder that it made is removed with it, unless something was written there', () => {
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
    ['an earlier process with the number of a process that runs', () => ({ ...mine, start: 'earlier' })],
    ['nobody, because it is damaged', () => ({ pid: 'x' })],
  ])('the lock of %s is taken over', (_, owner) => {
    leave(owner());
    expect(runFolderInUse(folder)).toBeUndefined();
    const lock = locked();
    expect(runFolderInUse(folder)).toMatchObject({ args: { owner: { pid: process.pid } } });
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('an empty lock, of a process that died while it took it, is taken over', () => {
    mkdirSync(join(folder, LOCK), { recursive: true });
    locked().release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('the lock of another machine stays until a person removes it', () => {
    leave({ ...mine, host: 'elsewhere', pid: 7 });
    expect(lockRunFolder(folder)).toMatchObject({
      code: 'run-in-use',
      args: { folder, owner: { case: 'other-machine', pid: 7, host: 'elsewhere', since: 'today' } },
      help: expect.stringContaining(`remove ${join(folder, LOCK)}`),
    });
    expect(existsSync(join(folder, LOCK))).toBe(true);
  });

  test('if the system does not give the start of a process, its number decides', () => {
    leave({ ...mine, start: null });
    expect(lockRunFolder(folder)).toMatchObject({
      args: { owner: { case: 'this-machine', isCertain: false } },
      help: expect.stringMatching(/remove .*lock$/),
    });
  });

  test('a file in place of the folder', () => {
    writeFileSync(folder, '');
    expect(lockRunFolder(folder)).toMatchObject({ message: expect.stringContaining(folder) });
  });
});

test.skipIf(process.platform !== 'linux')(
  'a process that has ended and that its parent did not wait for is gone',
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

test('a second training into the folder of a running one fails, and disturbs nothing', async () => {
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
  const inUse = expect.stringMatching(new RegExp(`out is in use: process ${first.pid} `));
  expect(refusals).toEqual([
    [1, inUse],
    [1, inUse],
  ]);
  // A killed process keeps nobody out any more.
  expect(unet(trainArguments('out'), place).stderr).toContain('--resume');
  rmSync(place, { recursive: true });
});
