import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { tfjsBackend } from '../../codegen/tfjs/tfjs-backend.js';
import { problemText, type WeightsFormat } from '../../src/diagnostics/codes/weights/weights.js';
import { type Graph, parametersOf } from '../../src/ir/graph.js';
import { readSafetensors } from '../../src/weights/bind/read-safetensors.js';
import { readWeights } from '../../src/weights/bind/read-weights.js';
import { writeSafetensors } from '../../src/weights/formats/safetensors-write.js';
import type { WeightSource } from '../../src/weights/weight-source.js';
import { exampleWeights } from '../onnx/example-graphs.js';
import { bytesOf, modelBytes } from '../onnx/run-onnx.js';
import { fittedNetwork } from '../random/fitted.js';
import { fileOf, folderOf } from './files-in-memory.js';

/** Random networks that are small, with each kind of parameter among them. */
function networks(count: number): readonly { readonly graph: Graph; readonly note: string }[] {
  const found: { graph: Graph; note: string }[] = [];
  for (let seed = 4000; found.length < count; seed += 1) {
    const fitted = fittedNetwork(seed);
    if (!fitted || fitted.network.facts.parameters > 1e6) continue;
    found.push({ graph: fitted.network.graph, note: fitted.note });
  }
  return found;
}

const many = networks(40);
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const safetensors = (graph: Graph, weights: WeightSource) => bytesOf(writeSafetensors(graph, weights).chunks);

function reread(graph: Graph, format: WeightsFormat, bytes: Uint8Array, files = {}): WeightSource {
  const file = fileOf(bytes);
  const reading = readWeights({ format, file, openBeside: folderOf(files) }, graph);
  if (!reading.ok) throw new Error(reading.problems.map(problemText).join('\n'));
  return reading.weights;
}

describe('weights of random networks come back to the byte', () => {
  test('there are all roles among them', () => {
    const roles = many.flatMap(({ graph }) => parametersOf(graph).map(({ role }) => role));
    expect([...new Set(roles)].sort()).toEqual(
      ['bias', 'mean', 'scale', 'shift', 'slope', 'variance', 'weight'].sort(),
    );
  });

  test('safetensors -> ONNX -> safetensors', () => {
    for (const { graph, note } of many) {
      const first = safetensors(graph, exampleWeights);
      const reading = readSafetensors(fileOf(first), graph);
      if (!reading.ok) throw new Error(note);
      for (const opset of [13, 17]) {
        const model = modelBytes(graph, { weights: reading.weights, opset });
        expect(digest(safetensors(graph, reread(graph, 'onnx', model))), note).toBe(digest(first));
      }
    }
  });

  test('safetensors -> TensorFlow.js -> safetensors', () => {
    for (const { graph, note } of many) {
      const first = safetensors(graph, exampleWeights);
      const built = tfjsBackend.emit(graph, { weights: reread(graph, 'safetensors', first) });
      if (!built.ok) throw new Error(note);
      const files = Object.fromEntries(built.files.map(({ path, chunks }) => [path, bytesOf(chunks)]));
      const json = files['model.json'] ?? new Uint8Array();
      expect(digest(safetensors(graph, reread(graph, 'tfjs', json, files))), note).toBe(digest(first));
    }
  });
});
