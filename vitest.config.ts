import { defineConfig } from 'vitest/config';

export default defineConfig({
  define: { __VERSION__: JSON.stringify('0.0.0-test') },
  test: {
    testTimeout: 60_000,
    // Vitest leaves a processor free; most tests use one thread, and two cores are all that some machines have.
    maxWorkers: '100%',
    projects: [
      { extends: true, test: { name: 'default', include: ['test/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          // What holds on every engine, on TensorFlow's own library: see test/native/README.md.
          name: 'native',
          include: ['test/tfjs/{ops,specs,random-networks,gradients,fit,save-load}.test.ts'],
          env: { UNET_TEST_ENGINE: 'native' },
          testTimeout: 600_000,
        },
      },
      { extends: true, test: { name: 'peers', include: ['test/**/*.peers.ts'] } },
      { extends: true, test: { name: 'full', include: ['test/**/*.full.ts'], testTimeout: 1_200_000 } },
    ],
  },
});
