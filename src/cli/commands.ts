import type { CommandModule } from './command.js';

interface Entry {
  readonly summary: string;
  load(): Promise<CommandModule>;
}

/** All commands, each with a summary and its module. */
export const commands: Readonly<Record<string, Entry>> = {
  check: {
    summary: 'check specs, and report what is wrong',
    load: async () => (await import('./commands/check.js')).command,
  },
  table: {
    summary: 'list the stages, shapes and costs of a network',
    load: async () => (await import('./commands/table.js')).command,
  },
  sizes: {
    summary: 'list the input sizes that fit',
    load: async () => (await import('./commands/sizes.js')).command,
  },
  diff: {
    summary: 'compare two networks',
    load: async () => (await import('./commands/diff.js')).command,
  },
  fmt: { summary: 'format specs', load: async () => (await import('./commands/fmt.js')).command },
  build: { summary: 'write a model', load: async () => (await import('./commands/build.js')).command },
  train: {
    summary: 'train a network on images and masks',
    load: async () => (await import('./commands/train.js')).command,
  },
  run: {
    summary: 'run a model on an image or a volume',
    load: async () => (await import('./commands/inference/run.js')).command,
  },
  predict: {
    summary: 'predict images and volumes of any size with a trained network',
    load: async () => (await import('./commands/inference/predict.js')).command,
  },
  view: {
    summary: 'show an image with masks as a web page',
    load: async () => (await import('./commands/results/view.js')).command,
  },
  evaluate: {
    summary: 'measure predictions against their true masks',
    load: async () => (await import('./commands/results/evaluate.js')).command,
  },
  weights: {
    summary: 'convert weights between formats',
    load: async () => (await import('./commands/weights.js')).command,
  },
  data: {
    summary: 'make and check data sets',
    load: async () => (await import('./commands/data.js')).command,
  },
  draw: {
    summary: 'draw a network as an SVG',
    load: async () => (await import('./commands/draw.js')).command,
  },
  explain: {
    summary: 'explain a diagnostic or a failure',
    load: async () => (await import('./commands/explain.js')).command,
  },
  doctor: {
    summary: 'show which engines work',
    load: async () => (await import('./commands/doctor.js')).command,
  },
  engine: { summary: 'install engines', load: async () => (await import('./commands/engine.js')).command },
  init: {
    summary: 'start a project',
    load: async () => (await import('./commands/init.js')).command,
  },
};
