import { defineConfig } from 'vitest/config';

/**
 * Test files that need a thread of their own. They replace a module of Node's, or they change what all copies of
 * TensorFlow.js in a process share (its backends, kernels and gradients), or expect these unchanged.
 */
const isolated = [
  'test/native/*.test.ts',
  'test/runtime/tfjs/*.test.ts',
  'test/runtime/write-file.test.ts',
  'test/tfjs/kernel-patches/*.test.ts',
  'test/train/checkpoint{,-power-cut}.test.ts',
  'test/train/{decode,checks}-once.test.ts',
  'test/data/{disk-full,loader}.test.ts',
];

export default defineConfig({
  define: { __VERSION__: JSON.stringify('0.0.0-test') },
  test: {
    testTimeout: 60_000,
    setupFiles: 'test/take-turns.ts',
    // Vitest leaves a processor free; most tests use one thread, and two cores are all that some machines have.
    maxWorkers: '100%',
    // A worker loads each module once, not once a test file: loading took more time than most tests.
    pool: 'forks',
    poolOptions: { forks: { isolate: false }, threads: { isolate: true } },
    projects: [
      { extends: true, test: { name: 'default', include: ['test/**/*.test.ts'], exclude: isolated } },
      {
        extends: true,
        // After the others: two pools at once would have twice as many workers as there are processors.
        test: { name: 'isolated', include: isolated, pool: 'threads', sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: {
          // What holds on every engine, on TensorFlow's own library: see test/native/README.md.
          name: 'native',
          include: [
            'test/tfjs/{ops,specs,gradients,fit,save-load}.test.ts',
            'test/tfjs/{specs,random-networks,fit}.full.ts',
          ],
          env: { UNET_TEST_ENGINE: 'native' },
          testTimeout: 600_000,
        },
      },
      // A file may replace modules that the others use.
      { extends: true, test: { name: 'peers', include: ['test/**/*.peers.ts'], pool: 'threads' } },
      { extends: true, test: { name: 'full', include: ['test/**/*.full.ts'], testTimeout: 1_200_000 } },
    ],
  },
});
