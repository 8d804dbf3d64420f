import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');
export const bin = join(root, 'bin/unet.js');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built `unet` as a user would, in a folder (the repository's unless given). */
export function unet(
  args: readonly string[],
  cwd = root,
  env: Readonly<Record<string, string>> = {},
): Outcome {
  if (!existsSync(join(root, 'dist/cli.js'))) throw new Error('build first: npm run build');
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { code: status, stdout, stderr };
}

/** A fresh folder below the system's temporary one. */
export function freshFolder(): string {
  return mkdtempSync(join(tmpdir(), 'unet-cli-'));
}
