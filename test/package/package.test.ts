import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { freshFolder, root } from '../cli/unet.js';

/** Packs the package and installs the tarball in an empty folder, as a user's machine does. */
function install(): string {
  const folder = freshFolder();
  const npm = (args: readonly string[], cwd: string) =>
    execFileSync('npm', [...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const [packed] = JSON.parse(npm(['pack', '--json', '--pack-destination', folder], root));
  writeFileSync(join(folder, 'package.json'), '{ "name": "user", "private": true, "type": "module" }\n');
  // onnxruntime-node's install script would fetch CUDA libraries from a host that a user need not reach.
  writeFileSync(join(folder, '.npmrc'), 'ignore-scripts=true\n');
  npm(['install', '--no-audit', '--no-fund', '--prefer-offline', join(folder, packed.filename)], folder);
  return folder;
}

describe('the packed package', () => {
  const folder = install();

  test('npx unet check works where it is installed', () => {
    cpSync(join(root, 'specs/unet2d.unet'), join(folder, 'net.unet'));
    const check = spawnSync('npx', ['--no-install', 'unet', 'check', 'net.unet'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(check.stderr).toContain('1 network in 1 file: no errors');
    expect(check.status).toBe(0);
    const explain = spawnSync('npx', ['--no-install', 'unet', 'explain', 'odd-crop'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(explain.stdout).toMatch(/^# /);
  });

  test('both entry points can be imported, and run', () => {
    const program = `
      import { compile, shapeTable, version } from 'unet-lang';
      import { nodeHost, onnxRuntimeEngine } from 'unet-lang/node';
      const result = compile('a.unet', 'unet A { input = 1 x 572 x 572 classes = 2 }', { host: nodeHost });
      console.log(JSON.stringify({ params: shapeTable(result.networks[0].facts).params, version, engine: onnxRuntimeEngine().name }));
    `;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: folder,
      encoding: 'utf8',
    });
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(JSON.parse(output)).toMatchObject({ params: 31_030_658, version });
  });

  test('the TensorFlow.js entry points build a model with the copy that is installed', () => {
    const program = `
      import * as tf from '@tensorflow/tfjs';
      import { compile, seededWeights } from 'unet-lang';
      import { buildTfjs, patchEngine } from 'unet-lang/tfjs';
      import { registerLayers } from 'unet-lang/tfjs-layers';
      import { typescriptBackend } from 'unet-lang/typescript';
      await tf.setBackend('cpu');
      patchEngine(tf);
      registerLayers(tf);
      const text = 'unet A { input = 1 x 8 x 12 classes = 2 depth = 1 channels = 2 padding = same norm = instance }';
      const [{ graph }] = compile('a.unet', text).networks;
      const model = await buildTfjs(graph, { tf, weights: seededWeights(1) });
      const { files } = typescriptBackend.emit(graph, {});
      console.log(JSON.stringify({ shape: model.predict(tf.zeros([3, 8, 12, 1])).shape, files: files.length }));
    `;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const result = output.split('\n').find((line) => line.startsWith('{')) ?? '';
    expect(JSON.parse(result)).toEqual({ shape: [3, 8, 12, 2], files: 1 });
  });

  const tsc = (name: string, text: string, ...more: readonly string[]) => {
    writeFileSync(join(folder, name), text);
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', ''];
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const args = [compiler, ...options, ...more, name];
    const { stdout, status } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    return { stdout, status };
  };

  test('the declarations of the core hold under strict TypeScript, with nothing else installed', () => {
    const text = `
      import { buildEvaluationModel, buildOnnx, buildTrainingStep, checkRecipe, compile, lossText, seededWeights } from 'unet-lang';
      import type { Diagnostic, LossTerm, OptimizerSetting, TrainingInput, TrainingStep } from 'unet-lang';
      const result = compile('a.unet', '');
      const diagnostics: readonly Diagnostic[] = result.diagnostics;
      const network = result.networks[0];
      if (network) {
        const built = buildOnnx(network.graph, { weights: seededWeights(0), fileName: 'a.onnx' });
        if (built.ok) for (const part of built.files) part.path.toUpperCase();
        const [recipe] = result.recipes;
        if (recipe) checkRecipe(network, recipe).map(({ code }) => code);
        const loss: readonly LossTerm[] = [{ weight: 1, loss: { kind: 'cross_entropy' } }];
        const optimizer: OptimizerSetting = { kind: 'adam', weight_decay: 0 };
        const step = buildTrainingStep(network, { recipe, loss, optimizer, patch: [8, 8], clip: 1 });
        if (step.ok) feed(step);
        else step.problems.map(({ kind, message }): 'loss' | 'patch' | 'batch' | 'clip' | 'norm' => (message.trim(), kind));
        const evaluation = buildEvaluationModel(network, { loss });
        if (evaluation.ok) evaluation.prediction.shape.map((size) => size.toFixed());
        lossText(loss).trim();
      }
      function feed({ model, inputs, outputs, state }: TrainingStep): Uint8Array {
        const sizes = (input: TrainingInput): readonly number[] =>
          input.kind === 'labels' ? input.scale : input.kind === 'mask' ? [input.rate] : input.shape;
        inputs.map(sizes);
        for (const output of outputs) if (output.kind === 'next') output.of.trim();
        for (const { name, parameter } of state) name.concat(parameter.name);
        return model;
      }
      // @ts-expect-error: where nothing could be resolved, everything would be allowed
      buildTrainingStep(1).ok.nothing;
      export { diagnostics };
    `;
    expect(tsc('core.ts', text)).toEqual({ stdout: '', status: 0 });
    expect(tsc('wrong.ts', `import { compile } from 'unet-lang'; compile(1);`).stdout).toContain('TS2554');
  });

  test('declarations of the TensorFlow.js entry points too, as far as its own types hold', () => {
    const text = `
      import * as tf from '@tensorflow/tfjs';
      import { compile, seededWeights } from 'unet-lang';
      import { buildTfjs, patchEngine, stageLayers } from 'unet-lang/tfjs';
      import { registerLayers } from 'unet-lang/tfjs-layers';
      const [net] = compile('a.unet', '').networks;
      patchEngine(tf);
      const layer: tf.layers.Layer = registerLayers(tf).cropping({ cropping: [[1, 1], [2, 0]] });
      if (net) {
        const model: tf.LayersModel = await buildTfjs(net.graph, { tf, weights: seededWeights(0) });
        model.summary();
        stageLayers(net.graph).get(layer.name);
      }
    `;
    expect(tsc('tfjs.ts', text, '--skipLibCheck')).toEqual({ stdout: '', status: 0 });
  });

  test('those of the Node door too, where the types of Node and sharp are left to their owners', () => {
    const text = `
      import { compile, weightsFromTensors } from 'unet-lang';
      import { Failure, openDataSet, planFit, readRun, splitBySeed, train, Trainer } from 'unet-lang/node';
      import type { TrainOptions, TrainingBatch } from 'unet-lang/node';
      const plan = planFit([{ axis: 'H', fixed: 4 }], [0], [4]);
      if (!(plan instanceof Failure)) plan.summary.trim();
      const { networks: [network], recipes: [recipe], sources } = compile('a.unet', '');
      const dataSet = await openDataSet('set', { channels: 1 });
      if (!network || dataSet instanceof Failure) throw new Error();
      const split = splitBySeed(dataSet.samples, 0.2, 0);
      if (split instanceof Failure) throw new Error(split.message);
      const options: TrainOptions = { network, sources, recipe, dataSet, split, folder: 'run', resume: true, epochs: 3 };
      const result = await train({
        ...options,
        signal: new AbortController().signal,
        onStart: ({ title, settings }) => console.log(title.trim(), settings.epochs.toFixed()),
        onStep: ({ loss }) => console.log(loss.toFixed()),
        onEpoch: ({ foregroundDice }, isBest: boolean) => console.log(foregroundDice?.toFixed(), isBest),
      });
      if (!(result instanceof Failure)) result.epochs.map(({ trainLoss }) => trainLoss?.toFixed());
      const run = readRun('run');
      const path: string | undefined = run instanceof Failure ? run.message : run.model;
      const trainer = await Trainer.open({ network, recipe, batch: 2, seed: 1, threads: 1 });
      if (trainer instanceof Failure) throw new Error(trainer.message);
      const tensor = { shape: [2, 1, 8, 8], data: new Float32Array(128) };
      const batch: TrainingBatch = { images: tensor, labels: tensor };
      const loss: number | Failure = await trainer.train(batch, 0, 1e-3);
      weightsFromTensors(trainer.parameters);
      await trainer.close();
      // @ts-expect-error: where nothing could be resolved, everything would be allowed
      trainer.step.nothing;
      // @ts-expect-error
      await train({ network });
      export { loss, path };
    `;
    expect(tsc('node.ts', text, '--skipLibCheck')).toEqual({ stdout: '', status: 0 });
  });

  test('the declarations name no package that is not installed with this one', () => {
    const installed = join(folder, 'node_modules/unet-lang');
    const { exports, ...manifest } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    const { dependencies, optionalDependencies, peerDependencies } = manifest;
    const packages = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
    const outside = new Map<string, string>();
    const seen = new Set<string>();
    const visit = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      // Declarations have their imports at the beginning of lines, and types of other files as import('...').
      const specifiers = readFileSync(path, 'utf8').matchAll(
        /(?:^(?:import|export)\s[^;'"]*?from\s*|^import\s*|\bimport\()['"]([^'"]+)['"]/gm,
      );
      for (const [, specifier = ''] of specifiers) {
        if (specifier.startsWith('.')) visit(join(dirname(path), specifier.replace(/\.js$/, '.d.ts')));
        else outside.set(specifier, path.slice(installed.length + 1));
      }
    };
    const entries = Object.values<string | { readonly types: string }>(exports);
    for (const entry of entries) if (typeof entry !== 'string') visit(join(installed, entry.types));
    expect(seen.size).toBeGreaterThan(100);
    expect(existsSync(join(folder, 'node_modules/onnx-proto'))).toBe(false);
    // The format of SARIF is a package of types alone.
    const known = (name: string) =>
      isBuiltin(name) || packages.includes(name) || packages.includes(`@types/${name}`);
    expect([...outside].filter(([name]) => !known(name))).toEqual([]);
    expect(outside.has('onnxruntime-node')).toBe(true);
  });
});
