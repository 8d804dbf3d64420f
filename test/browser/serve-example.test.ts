import { spawnSync } from 'node:child_process';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../cli/unet.js';
import { type ExampleServer, startServer } from './example-server.js';

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly length: number;
}

let server: ExampleServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

/** Asks for a path exactly as it is written; fetch would tidy it up. */
function ask(path: string, method = 'GET'): Promise<Answer> {
  const { hostname, port } = new URL(server.origin);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, agent: false }, (response) => {
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, length }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('the server of the example', () => {
  test.each([
    ['/examples/browser/', 'text/html; charset=utf-8'],
    ['/examples/browser/page.js', 'text/javascript; charset=utf-8'],
    ['/examples/browser/page.css', 'text/css; charset=utf-8'],
    ['/dist/index.js?again', 'text/javascript; charset=utf-8'],
    ['/node_modules/@tensorflow/tfjs/dist/tf.min.js', 'text/javascript; charset=utf-8'],
    [
      '/node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm',
      'application/wasm',
    ],
  ])('%s is %s', async (path, type) => {
    const { status, headers, length } = await ask(path);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe(type);
    expect(length).toBe(Number(headers['content-length']));
    expect(length).toBeGreaterThan(100);
    expect(headers['cross-origin-opener-policy']).toBe('same-origin');
    expect(headers['cross-origin-embedder-policy']).toBe('require-corp');
  });

  test('the root leads to the page', async () => {
    const { status, headers } = await ask('/');
    expect([status, headers.location]).toEqual([302, '/examples/browser/']);
  });

  test.each([
    '/package.json',
    '/src/index.ts',
    '/.git/config',
    '/node_modules/playwright-core/package.json',
    '/examples/browser/../../package.json',
    '/examples/browser/%2e%2e/%2e%2e/package.json',
    '/examples/browser/..%2f..%2fpackage.json',
    '/examples/browser/..\\..\\package.json',
    '/examples/browser/..%5c..%5cpackage.json',
    '/examples/browser//etc/passwd',
    '//etc/passwd',
    '/dist/./../package.json',
    '/dist/%00',
    '/dist/%',
    '/dist',
    '/dist/',
    '/dist/browser',
    '/distant/index.js',
    '/dist/index.js/',
    '/node_modules/@tensorflow/../playwright-core/package.json',
    'http://127.0.0.1/package.json',
    '/examples/browser/missing.js',
  ])('%s is not there', async (path) => {
    expect(await ask(path)).toMatchObject({ status: 404, length: 0 });
  });

  test('it only reads', async () => {
    expect((await ask('/examples/browser/', 'POST')).status).toBe(405);
    const head = await ask('/examples/browser/', 'HEAD');
    expect([head.status, head.length]).toEqual([200, 0]);
  });

  test('it is reached from this machine only', () =>
    expect(server.origin).toMatch(/^http:\/\/127\.0\.0\.1:/));

  test.each([[['--port', 'many']], [['--port', '65536']], [['--other']]])('%j is bad usage', (args) => {
    const { status, stderr } = serve(args);
    expect(stderr).toMatch(/^usage: /);
    expect(status).toBe(2);
  });

  test('a port that is taken is said, without a stack trace', () => {
    const { status, stderr } = serve(['--port', new URL(server.origin).port]);
    expect(stderr).toMatch(/^port \d+ is taken: choose another with --port\n$/);
    expect(status).toBe(1);
  });
});

function serve(args: readonly string[]): { readonly status: number | null; readonly stderr: string } {
  return spawnSync(process.execPath, [join(root, 'scripts/serve-example.js'), ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
}
