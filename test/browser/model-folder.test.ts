import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { seededWeights } from '../../src/weights/initialize.js';
import { freshFolder, unet } from '../cli/unet.js';
import { exampleInput } from '../onnx/example-graphs.js';
import { modelBytes, relativeError, runOnnx } from '../onnx/run-onnx.js';
import { useBrowser } from './browser-session.js';
import { TOLERANCE } from './compare-in-page.js';
import type { InPage } from './in-page.js';
import { compiled, specOf } from './networks.js';

const session = useBrowser();

const html = `<!doctype html>
<title>A model from files</title>
<link rel="icon" href="data:,">
<script src="/node_modules/@tensorflow/tfjs/dist/tf.min.js"></script>
<script src="/dist/browser/tfjs-layers.js"></script>
`;

test('a model that the command line wrote runs in a page that has no more than two script tags', async () => {
  const folder = freshFolder();
  const spec = join(folder, 'custom.unet');
  writeFileSync(spec, specOf('Custom2D'));
  const built = unet(['build', spec, '--target', 'tfjs', '--seed', '5', '-o', join(folder, 'model')]);
  expect(built.code, built.stderr).toBe(0);

  const { page, complaints } = await session().newPage();
  const { origin } = session().server;
  await page.route(`${origin}/loaded/**`, (route) => {
    const [, name = ''] = route.request().url().split('/loaded/');
    if (name === '') return route.fulfill({ body: html, contentType: 'text/html' });
    return route.fulfill({ path: join(folder, name) });
  });
  await page.goto(`${origin}/loaded/`);

  const { graph } = compiled(specOf('Custom2D'));
  const input = exampleInput(graph, 2);
  const expected = (await runOnnx(modelBytes(graph, { weights: seededWeights(5) }), input)).get('output');
  const found = await page.evaluate(
    async ({ shape, data }) => {
      // The script tags have put them there.
      const { tf, unetLayers } = window as unknown as InPage & {
        readonly unetLayers: typeof import('../../src/tfjs-layers.js');
      };
      await tf.setBackend('cpu');
      unetLayers.registerLayers(tf);
      const model = await tf.loadLayersModel('model/model.json');
      const output = model.predict(tf.transpose(tf.tensor(data, shape), [0, 2, 3, 1]));
      const [first] = [output].flat();
      return first ? Array.from(await tf.transpose(first, [0, 3, 1, 2]).data()) : [];
    },
    { shape: [...input.shape], data: Array.from(input.data) },
  );
  expect(relativeError(found, expected?.data ?? [])).toBeLessThanOrEqual(TOLERANCE);
  expect(complaints).toEqual([]);
}, 120_000);
