import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unetProcess as unet } from '../cli/unet.js';
import { resultsOf, trainArguments, workFolder } from './cells-run.js';

/** Mounts a file system of 520 KiB; false if we may not mount one. */
function mountSmall(folder: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=520k', 'tmpfs', folder]).status === 0;
}

test('a full disk is one clear line, and the run continues when there is room', ({ skip }) => {
  const work = workFolder();
  const small = join(work, 'small');
  mkdirSync(small);
  if (!mountSmall(small)) {
    rmSync(work, { recursive: true });
    skip();
    return;
  }
  try {
    expect(unet(trainArguments('whole'), work).code).toBe(0);
    // Once some checkpoints fit, once not even the first files.
    for (const kilobytes of [270, 490]) {
      writeFileSync(join(small, 'other'), new Uint8Array(kilobytes * 1024));
      const output = `small/${kilobytes}`;
      const { code, stderr } = unet(trainArguments(output), work);
      expect(code, `${kilobytes} KiB`).toBe(1);
      expect(stderr).toMatch(/error\[file-unwritable\]: .*small\/\S+: .*full\n/);
      rmSync(join(small, 'other'));
      expect(readdirSync(small, { recursive: true }).filter((name) => String(name).endsWith('.tmp'))).toEqual(
        [],
      );
      const again = unet(trainArguments(output, '--resume'), work);
      expect(again.stderr).toBe('');
      expect(resultsOf(join(small, String(kilobytes)))).toEqual(resultsOf(join(work, 'whole')));
      rmSync(join(small, String(kilobytes)), { recursive: true });
    }
  } finally {
    spawnSync('umount', [small]);
    rmSync(work, { recursive: true, force: true });
  }
});
