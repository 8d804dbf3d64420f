import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { printStep } from '../../src/autodiff/print-step.js';
import { type CompileResult, compile } from '../../src/compiler/compile.js';
import { printGraphs } from '../../src/compiler/print/print-graph.js';
import { printSpec } from '../../src/compiler/print/print-spec.js';
import { nodeHost } from '../../src/runtime/files/node-host.js';

// After a change that is meant, read the new text and write it with `vitest -u`.

function compiled(path: string): CompileResult {
  return compile(path, readFileSync(path, 'utf8'), { host: nodeHost });
}

function artifactsOf(path: string, name?: string) {
  const { artifacts } = compiled(path);
  const found = artifacts.find((one) => name === undefined || one.name === name);
  if (!found?.spec || !found.graphs) throw new Error(`${path} does not compile`);
  return { spec: found.spec, graphs: found.graphs };
}

describe('--print graph', () => {
  test.each([
    ['unet2d', 'specs/unet2d.unet'],
    ['unet3d', 'specs/unet3d.unet'],
  ])('%s', async (name, path) => {
    const text = printGraphs(artifactsOf(path).graphs);
    await expect(text).toMatchFileSnapshot(`expected/${name}.graph.txt`);
  });

  test('has a line for each op of both graphs, where training has its own', () => {
    const { artifacts } = compiled('specs/unet-plus-plus/unet-plus-plus.unet');
    const graphs = artifacts.map((one) => one.graphs).find((one) => one && one.training !== one.graph);
    if (!graphs) throw new Error('no network is supervised inside');
    const text = printGraphs(graphs);
    for (const graph of [graphs.graph, graphs.training]) {
      for (const { path } of graph.nodes) expect(text).toContain(`\n${path} `);
    }
    expect(text.match(/^graph .*/gm)).toEqual([
      `graph ${graphs.graph.name} for inference`,
      `graph ${graphs.graph.name} for training`,
    ]);
  });
});

describe('--print spec', () => {
  test('names the line of each setting, of a base too', async () => {
    const { spec } = artifactsOf('specs/unet2d-padded.unet', 'UNet2DPaddedBilinear');
    await expect(printSpec(spec)).toMatchFileSnapshot('expected/unet2d-padded-bilinear.spec.txt');
  });

  test('prints blocks and params of the user', async () => {
    const text = `param width = 8
block Own(c, w = width) { input -> conv(3x3, w) -> conv(1x1, c) }
unet Net {
  input = 1 x 32 x 32
  classes = 2
  depth = 2
  channels = 4 * level
  padding = same
  block = Own(w: width + 1)
  skip[2] = none
}
`;
    const [artifacts] = compile('net.unet', text).artifacts;
    if (!artifacts?.spec) throw new Error('the spec is not resolved');
    await expect(printSpec(artifacts.spec)).toMatchFileSnapshot('expected/own-block.spec.txt');
  });
});

describe('--print step', () => {
  const text = `unet Net { input = 1 x 8 x 8; classes = 1; head = sigmoid; depth = 1; channels = 2; repeat = 1; padding = same }
training Quick { optimizer = sgd(lr: 0.1); loss = bce; batch = 2 }
training Wrong { patch = 7 x 8 }
`;

  test('lists inputs, operators with their shapes, and outputs', () => {
    const { networks, recipes } = compile('net.unet', text);
    const [network, recipe] = [networks[0], recipes[0]];
    if (!network || !recipe) throw new Error('the spec does not compile');
    const step = printStep(network, { recipe });
    if (!step.ok) throw new Error('the step is not built');
    const lines = step.text.split('\n');
    const cells = lines.map((line) => line.split(/ {2,}/));
    expect(lines[0]).toBe('training step of Net, recipe Quick');
    expect(cells).toContainEqual(['input', 'image', '2 x 1 x 8 x 8']);
    expect(cells).toContainEqual(['encoder[1].relu[1]', 'Relu', 'encoder[1].conv[1]', '2 x 2 x 8 x 8']);
    expect(cells).toContainEqual([
      'decoder[1].concat[1]',
      'Concat axis=1',
      expect.any(String),
      '2 x 4 x 8 x 8',
    ]);
    expect(cells).toContainEqual(['loss/Mul', 'Mul', 'loss/Cast, -2', '2 x 1 x 8 x 8']);
    expect(cells).toContainEqual(['loss', 'loss', expect.any(String), 'scalar']);
    expect(cells.map((line) => line.at(-1))).not.toContain('?');
  });

  test('says what is wrong with a recipe', () => {
    const { networks, recipes } = compile('net.unet', text);
    const [network] = networks;
    if (!network) throw new Error('the spec does not compile');
    expect(printStep(network, { recipe: recipes[1] })).toMatchObject({
      ok: false,
      problems: [{ kind: 'patch' }],
    });
  });
});

describe('artifacts', () => {
  test('are there up to the first error', () => {
    const at = (attributes: string) => {
      const spec = `unet Net { input = 1 x 64 x 64; classes = 2; padding = same; ${attributes} }`;
      const [artifacts] = compile('net.unet', spec).artifacts;
      return [artifacts?.spec !== undefined, artifacts?.graphs !== undefined];
    };
    expect(at('skip = cancat')).toEqual([false, false]);
    expect(at('up = nearest; skip = add')).toEqual([true, false]);
    expect(at('depth = 7')).toEqual([true, true]);
  });
});
