import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

  test('both doors can be imported, and run', () => {
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

  test('the TensorFlow.js doors build a model with the copy that is installed', () => {
    const program = `
      import * as tf from '@tensorflow/tfjs';
      import { compile, seededWeights } from 'unet-lang';
      import { buildTfjs, mendEngine } from 'unet-lang/tfjs';
      import { registerLayers } from 'unet-lang/tfjs-layers';
      import { typescriptBackend } from 'unet-lang/typescript';
      await tf.setBackend('cpu');
      mendEngine(tf);
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
      import { buildOnnx, compile, seededWeights, type Diagnostic } from 'unet-lang';
      const result = compile('a.unet', '');
      const diagnostics: readonly Diagnostic[] = result.diagnostics;
      const network = result.networks[0];
      if (network) {
        const built = buildOnnx(network.graph, { weights: seededWeights(0), fileName: 'a.onnx' });
        if (built.ok) for (const part of built.files) part.path.toUpperCase();
      }
      export { diagnostics };
    `;
    expect(tsc('core.ts', text)).toEqual({ stdout: '', status: 0 });
    expect(tsc('wrong.ts', `import { compile } from 'unet-lang'; compile(1);`).stdout).toContain('TS2554');
  });

  test('those of the TensorFlow.js doors too, as far as its own types hold', () => {
    const text = `
      import * as tf from '@tensorflow/tfjs';
      import { compile, seededWeights } from 'unet-lang';
      import { buildTfjs, mendEngine, stageLayers } from 'unet-lang/tfjs';
      import { registerLayers } from 'unet-lang/tfjs-layers';
      const [net] = compile('a.unet', '').networks;
      mendEngine(tf);
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
      import { Failure, planFit } from 'unet-lang/node';
      const plan = planFit([{ axis: 'H', fixed: 4 }], [0], [4]);
      if (!(plan instanceof Failure)) plan.summary.trim();
    `;
    expect(tsc('node.ts', text, '--skipLibCheck')).toEqual({ stdout: '', status: 0 });
  });
});
