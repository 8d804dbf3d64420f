import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { seededWeights } from '../../src/weights/initialize.js';
import { modelBytes, relativeError, runOnnx } from '../onnx/run-onnx.js';
import { compiled } from './networks.js';

interface Values {
  readonly shape: number[];
  readonly data: Float32Array;
}

/** What the page keeps for whoever looks into it. */
interface ExampleWindow {
  readonly unetExample: {
    readonly compiledText: string;
    readonly lastRun: { readonly input: Values; readonly output: Values };
  };
}

/** The page of the example, as a user sees it. */
export class ExamplePage {
  constructor(readonly page: Page) {}

  text(selector: string): Promise<string> {
    return this.page.locator(selector).innerText();
  }

  spec(): Promise<string> {
    return this.page.locator('#spec').inputValue();
  }

  /** Puts a text in the place of the one that is there, and waits until it is compiled. */
  async typeSpec(spec: string): Promise<void> {
    await this.page.locator('#spec').fill(spec);
    await this.page.waitForFunction(
      (text) => (window as unknown as ExampleWindow).unetExample.compiledText === text,
      spec,
    );
  }

  /** Waits until a diagnostic is listed. */
  seeError(code: string): Promise<void> {
    return this.page
      .locator('#diagnostics > li', { hasText: `error[${code}]` })
      .first()
      .waitFor();
  }

  seeSummary(summary: string): Promise<void> {
    return this.page.locator('#summary', { hasText: summary }).waitFor();
  }

  /** What the page shows for `Parameters`, `Output` and so on. */
  fact(name: string): Promise<string> {
    return this.page.locator('#counts div', { hasText: name }).locator('dd').innerText();
  }

  /** Clicks, waits until the work is done, and gives what the page says of it. */
  async click(button: 'run' | 'save'): Promise<string> {
    await this.page.locator('#status').evaluate((status) => {
      status.textContent = '';
    });
    await this.page.click(`#${button}`);
    await this.page.locator('#status:not(:empty)', { hasNotText: ' ...' }).waitFor();
    return this.text('#status');
  }

  /** What the page fed its network last, and what came out. */
  async lastRun(): Promise<{ readonly input: Values; readonly output: Values }> {
    const run = await this.page.evaluate(() => {
      const { unetExample } = window as unknown as ExampleWindow;
      const plain = ({ shape, data }: Values) => ({ shape, data: Array.from(data) });
      return { input: plain(unetExample.lastRun.input), output: plain(unetExample.lastRun.output) };
    });
    const values = ({ shape, data }: { shape: number[]; data: number[] }): Values => ({
      shape,
      data: Float32Array.from(data),
    });
    return { input: values(run.input), output: values(run.output) };
  }

  /** The relative error of the last run against onnxruntime, with the text in the page and the weights of a seed. */
  async distanceFromOnnxruntime(seed: number): Promise<number> {
    const { input, output } = await this.lastRun();
    const { graph } = compiled(await this.spec());
    const weights = seededWeights(seed);
    const expected = (await runOnnx(modelBytes(graph, { weights }), input)).get('output');
    expect(output.shape).toEqual(expected?.shape);
    return relativeError(output.data, expected?.data ?? []);
  }
}
