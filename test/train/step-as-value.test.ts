import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import {
  type BatchInput,
  buildEvaluationModel,
  buildTrainingStep,
  type CompiledNetwork,
  compile,
  type LossTerm,
  readTensor,
  type StepOptions,
  seededWeights,
} from '../../src/index.js';

/** Adds the embedding of a time step to what a convolution gives. */
const timed = 'block Timed(c) { h = input -> conv(3, c) t = time -> conv(1, c) h + t -> activation }';

function networkOf(text: string): CompiledNetwork {
  const blocks = text.includes('Timed') ? timed : '';
  const { networks, diagnostics } = compile('net.unet', `${blocks} unet Net { ${text} }`);
  const [network] = networks;
  if (!network || diagnostics.length > 0)
    throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return network;
}

const small = 'input = 1 x 8 x 8  classes = 2  depth = 1  channels = 3  padding = same';
const terms = (text: string): readonly LossTerm[] => {
  const [recipe] = compile('r.unet', `training R { loss = ${text} }`).recipes;
  return recipe?.values.loss ?? [];
};

function stepOf(network: CompiledNetwork, options: StepOptions) {
  const step = buildTrainingStep(network, options);
  if (!step.ok) throw new Error(step.problems.map(({ message }) => message).join('\n'));
  return step;
}

function evaluationOf(network: CompiledNetwork, options: StepOptions) {
  const model = buildEvaluationModel(network, options);
  if (!model.ok) throw new Error(model.problems.map(({ message }) => message).join('\n'));
  return model;
}

/** An image, a mask in which a corner is class 1, and a part that nobody labelled. */
function fed({ kind, shape }: BatchInput): Float32Array {
  const length = shape.reduce((product, size) => product * size, 1);
  return Float32Array.from({ length }, (_, i) => {
    if (kind === 'image') return Math.sin(3 * i);
    if (kind === 'labels') return i % 8 < 3 ? 1 : 0;
    return i < 10 ? 0 : 1;
  });
}

const session = (model: Uint8Array) =>
  InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });

describe('a training step as a value', () => {
  test.each([
    ['sgd, cross-entropy', small, {}],
    [
      'adam, boundary',
      small,
      { optimizer: { kind: 'adam', weight_decay: 0 }, loss: terms('dice + boundary') },
    ],
    ['dropout and batch norm', `${small}  norm = batch  bias = false  dropout = 0.5`, { clip: 1, batch: 3 }],
    [
      'deep supervision, a patch of its own',
      'input = 2 x 32 x 32  classes = 3  depth = 3  channels = 2  padding = same  deep_supervision = levels(n: 2)',
      { patch: [16, 24] },
    ],
    ['a time step', `${small}  time = time_embedding  block = Timed`, {}],
  ] as const satisfies readonly (readonly [
    string,
    string,
    StepOptions,
  ])[])('%s: the model has the inputs and outputs that are named, in their order', async (_, text, options) => {
    const network = networkOf(text);
    const step = stepOf(network, options);
    const opened = await session(step.model);
    expect(opened.inputNames).toEqual(step.inputs.map(({ name }) => name));
    expect(opened.outputNames).toEqual(step.outputs.map(({ name }) => name));
    const shapes = (all: typeof opened.inputMetadata) =>
      all.map((one) => (one.isTensor ? [one.name, [...one.shape]] : []));
    expect(shapes(opened.inputMetadata)).toEqual(step.inputs.map(({ name, shape }) => [name, [...shape]]));
    expect(shapes(opened.outputMetadata)).toEqual(step.outputs.map(({ name, shape }) => [name, [...shape]]));
    // Whatever comes out as "next" goes in, and all of the optimizer's state comes out.
    const carried = new Set(
      step.inputs.filter(({ kind }) => kind === 'parameter' || kind === 'state').map(({ name }) => name),
    );
    const next = step.outputs.flatMap((output) => (output.kind === 'next' ? [output.of] : []));
    for (const { name } of step.state) expect(next).toContain(name);
    const statistics = step.parameters.filter(({ trainable }) => !trainable).map(({ name }) => name);
    for (const name of next) if (!statistics.includes(name)) expect(carried).toContain(name);
    await opened.release();
  });

  test('a network that takes a time step has it as an input of both models', () => {
    const network = networkOf(`${small}  time = time_embedding  block = Timed`);
    const time = { kind: 'time', name: 'time', shape: [2, 1, 1, 1] };
    expect(stepOf(network, { batch: 2 }).inputs).toContainEqual(time);
    expect(evaluationOf(network, {}).inputs).toContainEqual({ ...time, shape: [1, 1, 1, 1] });
  });

  test('its loss is that of the evaluation model, and a step goes down its slope', async () => {
    const network = networkOf(small);
    const options = { loss: terms('cross_entropy + 0.5 * dice(smooth: 1)'), batch: 1 };
    const RATE = 0.5;
    const step = stepOf(network, {
      ...options,
      optimizer: { kind: 'sgd', momentum: 0, nesterov: false, weight_decay: 0 },
    });
    const evaluation = evaluationOf(network, options);
    const weights = new Map(
      step.parameters.map((parameter) => [parameter.name, readTensor(seededWeights(5), parameter)]),
    );
    const stepSession = await session(step.model);
    const feeds = Object.fromEntries(
      step.inputs.map((input) => {
        switch (input.kind) {
          case 'image':
          case 'labels':
          case 'weights':
            return [input.name, new Tensor('float32', fed(input), [...input.shape])];
          case 'learning_rate':
            return [input.name, new Tensor('float32', [RATE], [])];
          case 'parameter':
            return [input.name, new Tensor('float32', weights.get(input.name) ?? [], [...input.shape])];
          default:
            throw new Error(`this step takes no ${input.kind}`);
        }
      }),
    );
    const results = await stepSession.run(feeds);
    const numbers = (name: string) => results[name]?.data as Float32Array; // all outputs are float32
    const evaluationSession = await session(evaluation.model);
    const lossWith = async (changed: ReadonlyMap<string, Float32Array>) => {
      const inputs = evaluation.inputs.map((input) => {
        const data =
          input.kind === 'parameter' ? (changed.get(input.name) ?? weights.get(input.name)) : fed(input);
        return [input.name, new Tensor('float32', data ?? [], [...input.shape])];
      });
      const found = await evaluationSession.run(Object.fromEntries(inputs));
      return Number(found[evaluation.loss.name]?.data[0]);
    };
    expect(numbers('loss')[0]).toBeCloseTo(await lossWith(new Map()), 5);
    // The way of each parameter, by the rate, is the slope of the loss: central differences along it.
    for (const output of step.outputs) {
      if (output.kind !== 'next') continue;
      const start = weights.get(output.of) ?? new Float32Array();
      const gradient = start.map((value, i) => (value - (numbers(output.name)[i] ?? 0)) / RATE);
      const length = Math.hypot(...gradient);
      // A bias in front of nothing that shifts has a gradient of 0; there is none here.
      expect(length, output.of).toBeGreaterThan(1e-4);
      const along = (h: number) =>
        lossWith(new Map([[output.of, start.map((value, i) => value + (h * (gradient[i] ?? 0)) / length)]]));
      const slope = ((await along(0.01)) - (await along(-0.01))) / 0.02;
      expect(Math.abs(slope - length) / length, output.of).toBeLessThan(0.05);
    }
    await Promise.all([stepSession.release(), evaluationSession.release()]);
  });

  test('the same arguments give the same bytes; what a recipe says is what options say', () => {
    const { networks, recipes } = compile(
      'net.unet',
      `unet Net { ${small} }
       training R { loss = dice  optimizer = adamw(lr: 0.1)  batch = 2  patch = 16 x 12  clip = 3 }`,
    );
    const [[network], [recipe]] = [networks, recipes];
    if (!network) throw new Error('the spec has errors');
    const { model } = stepOf(network, { recipe });
    expect(stepOf(network, { recipe }).model).toEqual(model);
    const optimizer = { kind: 'adamw', weight_decay: 0.01 } as const;
    const said = { loss: terms('dice'), optimizer, batch: 2, patch: [16, 12], clip: 3 };
    expect(stepOf(network, said).model).toEqual(model);
    // An option goes before the recipe.
    expect(stepOf(network, { recipe, batch: 5 }).settings).toMatchObject({ batch: 5, clip: 3 });
  });

  test('without a recipe the standard settings hold, those of `unet train`', () => {
    expect(stepOf(networkOf(small), {}).settings).toMatchObject({
      loss: terms('0.5 * cross_entropy + 0.5 * dice(smooth: 1, batch: true)'),
      optimizer: { kind: 'adam', weight_decay: 0 },
      batch: 4,
      patch: [8, 8],
    });
    const one = networkOf(`${small.replace('classes = 2', 'classes = 1')}  head = sigmoid`);
    expect(stepOf(one, {}).settings.loss).toEqual(terms('0.5 * bce + 0.5 * dice(smooth: 1, batch: true)'));
  });

  test('a norm that would see one value of a channel is a problem of the step, not of an evaluation', () => {
    const network = networkOf(`${small}  norm = batch  bias = false`);
    const build = buildTrainingStep(network, { patch: [2, 2], batch: 1 });
    expect(build.ok ? [] : build.problems.map(({ message }) => message)).toEqual([
      'bottleneck.batchNorm[1] gets a single value of each channel from a patch of 2 x 2: take a larger patch, or a larger batch',
    ]);
    expect(buildTrainingStep(network, { patch: [2, 2], batch: 2 }).ok).toBe(true);
    expect(buildEvaluationModel(network, { patch: [2, 2] }).ok).toBe(true);
  });

  test.each([
    [
      { loss: terms('bce') },
      ['`bce` is a loss for `head = sigmoid`; for `head = softmax` use `cross_entropy`'],
    ],
    [{ loss: [] }, ['the loss has no term']],
    [
      { patch: [9, 8.5] },
      [
        'H = 9 does not fit Net; nearest that fit: 8, 10',
        'W = 8.5 does not fit Net; nearest that fit: 8, 10',
      ],
    ],
    [{ patch: [8, 8, 8] }, ['a patch of Net has 2 sizes, not 3']],
    [{ batch: 0, clip: Number.NaN }, [expect.stringContaining('a batch'), expect.stringContaining('clip')]],
  ] as const satisfies readonly (readonly [
    StepOptions,
    readonly string[],
  ])[])('%o: what does not fit is said, not thrown', (options, expected) => {
    const build = buildTrainingStep(networkOf(small), options);
    expect(build.ok ? [] : build.problems.map(({ message }) => message)).toEqual(expected);
  });
});
