import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runProcess } from '../../../src/runtime/tfjs/engines/run-process.js';

const cwd = tmpdir();

function node(script: string, options: Partial<Parameters<typeof runProcess>[2]> = {}) {
  return runProcess(process.execPath, ['-e', script], { cwd, silenceMs: 60_000, ...options });
}

test('gives the code and both outputs', async () => {
  const result = await node("console.log('a'); console.error('b'); process.exitCode = 3;");
  expect({ ...result, output: result.output.split('\n').sort() }).toEqual({
    code: 3,
    output: ['', 'a', 'b'],
    silent: false,
  });
});

test('says why a command can not be started', async () => {
  const result = await runProcess(join(cwd, 'no-such-command'), [], { cwd, silenceMs: 60_000 });
  expect(result).toMatchObject({ code: null, notStarted: 'ENOENT', silent: false });
});

test('ends a process that is silent', async () => {
  const result = await node('setInterval(() => {}, 1000);', { silenceMs: 200 });
  expect(result).toMatchObject({ code: null, silent: true });
});

test('a changing pulse keeps a silent process going', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'unet-pulse-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'go');
  let [pulse, ticks] = [0, 0];
  const seen: number[] = [];
  const result = await node(
    `const { existsSync } = require('fs'); const t = setInterval(() => { if (existsSync(${JSON.stringify(file)})) clearInterval(t); }, 10);`,
    {
      silenceMs: 100,
      pulse: () => pulse++,
      onTick: (value) => {
        seen.push(value);
        if (++ticks === 5) writeFileSync(file, '');
      },
    },
  );
  expect(existsSync(file)).toBe(true);
  expect(result).toMatchObject({ code: 0, silent: false });
  // The first value was taken before the first tick.
  expect(seen.slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
});
