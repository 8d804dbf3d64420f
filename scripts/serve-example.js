// Serves the page of examples/browser to the browsers of this machine, until it is ended.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const usage = 'usage: node scripts/serve-example.js [--port NUMBER]   (a free port where it is left out)';
const root = fileURLToPath(new URL('..', import.meta.url));
const page = '/examples/browser/';
/** All that is served. */
const folders = [page, '/dist/', '/node_modules/@tensorflow/'];
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm',
};
const headers = {
  // WebAssembly has threads only in a page that is isolated from other origins.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'X-Content-Type-Options': 'nosniff',
  // A build may have changed every file.
  'Cache-Control': 'no-cache',
};

const port = portOf(process.argv.slice(2));
if (port === undefined) {
  console.error(usage);
  process.exit(2);
}
if (!existsSync(join(root, 'dist', 'tfjs.js'))) {
  console.error('the library is not built: run npm run build first');
  process.exit(1);
}
const server = createServer(answer);
server.on('error', (error) => {
  const taken = error.code === 'EADDRINUSE';
  console.error(taken ? `port ${port} is taken: choose another with --port` : error.message);
  process.exit(1);
});
server.listen(port, '127.0.0.1', () => {
  console.log(`the example is at http://127.0.0.1:${server.address().port}${page} (end it with Ctrl+C)`);
});

function portOf(args) {
  try {
    const { port = '0' } = parseArgs({ args, options: { port: { type: 'string' } } }).values;
    return /^\d{1,5}$/.test(port) && Number(port) < 65536 ? Number(port) : undefined;
  } catch {
    return undefined;
  }
}

function answer({ method, url = '' }, response) {
  const [path = ''] = url.split('?');
  if (method !== 'GET' && method !== 'HEAD') return end(response, 405, { Allow: 'GET, HEAD' });
  if (path === '/' || path === page.slice(0, -1)) return end(response, 302, { Location: page });
  const file = fileOf(path === page ? `${page}index.html` : path);
  const stats = file && statSync(file, { throwIfNoEntry: false });
  if (!file || !stats?.isFile()) return end(response, 404);
  const type = types[extname(file)] ?? 'application/octet-stream';
  response.writeHead(200, { ...headers, 'Content-Type': type, 'Content-Length': stats.size });
  if (method === 'HEAD') return response.end();
  // A file that goes away meanwhile ends the connection, not the server.
  return createReadStream(file)
    .on('error', () => response.destroy())
    .pipe(response);
}

/**
 * The file that a path names, or undefined. All of its parts must be plain names: none of them is `..`, begins with
 * a dot, or has an escaped character in it, so that no path leaves the folders.
 */
function fileOf(path) {
  const isPlain = /^(\/[\w@][\w@.-]*)+$/.test(path);
  return isPlain && folders.some((folder) => path.startsWith(folder)) ? join(root, path) : undefined;
}

function end(response, status, more = {}) {
  response.writeHead(status, { ...headers, ...more, 'Content-Length': 0 });
  response.end();
}
