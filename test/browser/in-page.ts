import type { Page } from 'playwright-core';
import type { Tf } from '../../codegen/tfjs/tf.js';

/** The library as a page sees it, and TensorFlow.js from its script tags. */
export interface InPage {
  readonly library: typeof import('../../src/index.js') & typeof import('../../src/tfjs.js');
  readonly tf: Tf & { readonly wasm: typeof import('@tensorflow/tfjs-backend-wasm') };
}

/** Numbers that travel between Node and a page. */
export interface PlainTensor {
  readonly shape: number[];
  readonly data: number[];
}

/** Gives a page of the example's server the built library as `window.library`. */
export async function loadLibrary(page: Page): Promise<void> {
  await page.addScriptTag({
    type: 'module',
    content: `
      import * as compiler from '/dist/index.js';
      import * as tfjs from '/dist/tfjs.js';
      window.library = { ...compiler, ...tfjs };
    `,
  });
  await page.waitForFunction(() => 'library' in window);
}

export interface ModelRun {
  readonly text: string;
  readonly engine: string;
  /** By parameter name. */
  readonly weights: Readonly<Record<string, number[]>>;
  readonly input: PlainTensor;
}

/** Compiles a text in a page that has the library, and runs its network there on an engine; (N, C, ...spatial). */
export function runInPage(page: Page, run: ModelRun): Promise<PlainTensor & { readonly left: number }> {
  return page.evaluate(async ({ text, engine, weights, input }) => {
    // loadLibrary and the page's script tags have put them there.
    const { library, tf } = window as unknown as InPage;
    if (engine === 'wasm') tf.wasm.setWasmPaths('/node_modules/@tensorflow/tfjs-backend-wasm/dist/');
    if (!(await tf.setBackend(engine))) throw new Error(`no ${engine}`);
    library.patchEngine(tf);
    const [network] = library.compile('page.unet', text).networks;
    if (!network) throw new Error('the text has errors');
    const before = tf.memory().numTensors;
    const tensors = Object.entries(weights).map(([name, values]): [string, Float32Array] => [
      name,
      Float32Array.from(values),
    ]);
    const model = await library.buildTfjs(network.graph, {
      tf,
      weights: library.weightsFromTensors(new Map(tensors)),
    });
    const spatial = input.shape.slice(2).map((_, axis) => axis);
    const output = tf.tidy(() => {
      const x = tf.transpose(tf.tensor(input.data, input.shape), [0, ...spatial.map((axis) => axis + 2), 1]);
      const [y] = [model.predict(x)].flat();
      if (!y) throw new Error('the model gave nothing');
      return tf.transpose(y, [0, y.rank - 1, ...spatial.map((axis) => axis + 1)]);
    });
    const result = { shape: output.shape, data: Array.from(await output.data()) };
    output.dispose();
    model.dispose();
    return { ...result, left: tf.memory().numTensors - before };
  }, run);
}
