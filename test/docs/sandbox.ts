import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import sharp from 'sharp';
import { root } from './markdown.js';

export interface Outcome {
  /** Standard output and standard error, as a terminal shows them. */
  readonly output: string;
  readonly code: number;
}

/** A folder in which the commands of one page run: with the specs, an image, and `unet` on the path. */
export class Sandbox {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'unet-docs-')));

  static async create(): Promise<Sandbox> {
    const sandbox = new Sandbox();
    cpSync(join(root, 'specs'), join(sandbox.folder, 'specs'), { recursive: true });
    sandbox.write(
      '.bin/unet',
      `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'bin/unet.js')}" "$@"\n`,
      0o755,
    );
    const pixels = Uint8Array.from({ length: 300 * 200 }, (_, i) => (i * 7 + (i >> 4)) % 256);
    await sharp(pixels, { raw: { width: 300, height: 200, channels: 1 } })
      .png()
      .toFile(join(sandbox.folder, 'image.png'));
    return sandbox;
  }

  write(path: string, text: string, mode = 0o644): void {
    const target = join(this.folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text, { mode });
  }

  /** Runs a shell's commands. */
  sh(commands: string): Promise<Outcome> {
    return this.run('sh', ['-c', `{ ${commands}\n} 2>&1`]);
  }

  /** Runs a module that is in the folder. */
  node(path: string): Promise<Outcome> {
    return this.run('sh', ['-c', `exec "${process.execPath}" "${path}" 2>&1`]);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private run(file: string, args: readonly string[]): Promise<Outcome> {
    const path = `${join(this.folder, '.bin')}${delimiter}${process.env.PATH ?? ''}`;
    const env = {
      ...process.env,
      PATH: path,
      NO_COLOR: '1',
      FORCE_COLOR: undefined,
      NODE_OPTIONS: undefined,
    };
    return new Promise((resolve) => {
      execFile(file, args, { cwd: this.folder, env, maxBuffer: 1 << 26 }, (error, stdout) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ output: stdout, code });
      });
    });
  }
}

/** The built package, which `npm test` makes; made here where it is not. */
export async function ensureBuilt(): Promise<void> {
  if (existsSync(join(root, 'dist/index.js'))) return;
  const env = { ...process.env, UNET_SKIP_TYPES: '1' };
  await new Promise<void>((resolve, reject) => {
    execFile(process.execPath, [join(root, 'scripts/build.js')], { cwd: root, env }, (error) =>
      error ? reject(error) : resolve(),
    );
  });
}
