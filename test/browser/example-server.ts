import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../cli/unet.js';

export interface ExampleServer {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  readonly page: string;
  stop(): Promise<void>;
}

/** Starts scripts/serve-example.js as a user does, and waits until it has said where the page is. */
export async function startServer(...args: readonly string[]): Promise<ExampleServer> {
  const server = spawn(process.execPath, [join(root, 'scripts/serve-example.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const page = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      text += chunk;
      const [found] = /http:\S+/.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    };
    server.stdout.on('data', read);
    server.stderr.on('data', (chunk) => {
      text += chunk;
    });
    server.on('exit', (code) => reject(new Error(`the server ended with ${code}: ${text}`)));
  });
  const stop = async () => {
    server.removeAllListeners('exit');
    const ended = once(server, 'exit');
    server.kill();
    await ended;
  };
  return { origin: new URL(page).origin, page, stop };
}
