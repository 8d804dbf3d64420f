import type { LayerCall } from '../../codegen/tfjs/lower/layer-call.js';
import { lowerModel } from '../../codegen/tfjs/lower/lowerings.js';
import type { Graph } from '../../src/ir/graph.js';
import { runBuilder } from './emitted.js';

/** A layer that a module applied: its factory, its arguments, and the layers whose outputs it was applied to. */
interface Applied {
  readonly factory: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inputs: readonly unknown[];
}

/** A stand-in for a symbolic tensor. */
interface Value {
  readonly layer: string;
}

/** What a module asks of tfjs, without tfjs: quick enough for many networks, whatever their size. */
interface Recording {
  readonly inputs: readonly Readonly<Record<string, unknown>>[];
  readonly applied: ReadonlyMap<string, Applied>;
  readonly model: Readonly<Record<string, unknown>>;
}

function record(text: string): Recording {
  const applied = new Map<string, Applied>();
  const inputs: Readonly<Record<string, unknown>>[] = [];
  const factories = (source: string) =>
    new Proxy<Record<string, unknown>>(
      {},
      {
        get: (_, layer) => (config: Readonly<Record<string, unknown>>) => ({
          apply(values: Value | readonly Value[]): Value {
            const { name, ...rest } = config;
            const list: readonly (Value | undefined)[] = Array.isArray(values) ? values : [values];
            const inputs = list.map((value) => value?.layer);
            if (applied.has(String(name))) throw new Error(`two layers are called ${name}`);
            applied.set(String(name), { factory: `${source} ${String(layer)}`, config: rest, inputs });
            return { layer: String(name) };
          },
        }),
      },
    );
  const tf = {
    layers: factories('tfjs'),
    initializers: { constant: (config: unknown) => ({ className: 'Constant', config }) },
    input: (config: Readonly<Record<string, unknown>>): Value => {
      inputs.push(config);
      return { layer: String(config.name) };
    },
    model: (config: unknown) => config,
  };
  const model = runBuilder(text, {
    '@tensorflow/tfjs': tf,
    'unet-lang/tfjs-layers': { registerLayers: () => factories('unet') },
  });
  return { inputs, applied, model: Object.fromEntries(Object.entries(Object(model))) };
}

/** What differs between the model that a module builds and the lowered graph; empty where nothing does. */
export function recordedProblems(text: string, graph: Graph): readonly string[] {
  const { inputs, applied, model } = record(text);
  const lowered = lowerModel(graph);
  const problems: string[] = [];
  const same = (what: string, found: unknown, expected: unknown) => {
    if (JSON.stringify(found) !== JSON.stringify(expected)) {
      problems.push(`${what} is ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`);
    }
  };
  const places = graph.nodes.filter(({ kind }) => kind === 'input' || kind === 'time');
  const expectedInputs = places.map(({ kind, channels, id }) => ({
    shape: [...(kind === 'time' ? graph.inputSize.map(() => 1) : graph.inputSize), channels],
    name: lowered.layers[id],
  }));
  same('the inputs', inputs, expectedInputs);
  const outputs = graph.outputs.map(({ value }) => ({ layer: lowered.layers[value] }));
  same('the model', model, {
    inputs: oneOrAll(expectedInputs.map(({ name }) => ({ layer: name }))),
    outputs: oneOrAll(outputs),
    name: graph.name,
  });
  same('the number of layers', applied.size, lowered.calls.length);
  for (const call of lowered.calls) {
    const found = applied.get(call.name);
    same(`the factory of ${call.name}`, found?.factory, `${call.source} ${call.layer}`);
    same(`what ${call.name} works on`, found?.inputs, call.inputs);
    const expected: Readonly<Record<string, unknown>> = { ...call.config };
    for (const key of new Set([...Object.keys(expected), ...Object.keys(found?.config ?? {})])) {
      const [a, b] = [found?.config ?? {}, expected].map((config) => inFull(key, config, call, graph.rank));
      same(`${key} of ${call.name}`, a, b);
    }
  }
  return problems;
}

function oneOrAll(list: readonly unknown[]): unknown {
  return list.length === 1 ? list[0] : list;
}

/** The documented standards of tfjs: what it takes where an argument is left out. */
const standards: Readonly<Record<string, unknown>> = {
  strides: 1,
  dilationRate: 1,
  padding: 'valid',
  useBias: true,
  depthMultiplier: 1,
  center: true,
  scale: true,
  interpolation: 'nearest',
  alignCorners: false,
};

/** An argument with its standard put in and its short forms written out. */
function inFull(
  key: string,
  config: Readonly<Record<string, unknown>>,
  { layer }: LayerCall,
  rank: number,
): unknown {
  const standard = key === 'strides' && /Pooling/.test(layer) ? config.poolSize : standards[key];
  const given = config[key] ?? (key === 'axis' && layer !== 'softmax' ? -1 : standard);
  const all = (entry: unknown) => Array.from({ length: rank }, () => entry);
  if (/^(cropping|padding|zeroPadding)/.test(layer) && (key === 'cropping' || key === 'padding')) {
    const list: readonly unknown[] = Array.isArray(given) ? given : all(given);
    return list.map((entry) => (typeof entry === 'number' ? [entry, entry] : entry));
  }
  const isList = ['kernelSize', 'strides', 'dilationRate', 'poolSize', 'size', 'change'].includes(key);
  return isList && typeof given === 'number' ? all(given) : given;
}
