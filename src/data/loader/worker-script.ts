/** The bundled worker.ts: it lies beside the file that the bundler puts this module into. */
export function workerScript(): URL {
  return new URL('./loader-worker.js', import.meta.url);
}
