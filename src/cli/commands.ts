import type { CommandModule } from './command.js';

interface Entry {
  readonly summary: string;
  load(): Promise<CommandModule>;
}

/** All commands: what they do, and where they are. */
export const commands: Readonly<Record<string, Entry>> = {
  check: {
    summary: 'check specs and say what is wrong',
    load: async () => (await import('./commands/check.js')).command,
  },
  table: {
    summary: 'stages, shapes, parameters, multiply-adds and receptive fields',
    load: async () => (await import('./commands/table.js')).command,
  },
  sizes: {
    summary: 'all input sizes that fit, and what they give',
    load: async () => (await import('./commands/sizes.js')).command,
  },
  diff: {
    summary: 'two networks side by side',
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
    load: async () => (await import('./commands/run.js')).command,
  },
  weights: {
    summary: 'weights from and to other formats',
    load: async () => (await import('./commands/weights.js')).command,
  },
  data: {
    summary: 'make data sets, and check them',
    load: async () => (await import('./commands/data.js')).command,
  },
  draw: {
    summary: 'draw the network as an SVG',
    load: async () => (await import('./commands/draw.js')).command,
  },
  explain: {
    summary: 'explain a diagnostic code',
    load: async () => (await import('./commands/explain.js')).command,
  },
  doctor: {
    summary: 'which engines work here',
    load: async () => (await import('./commands/doctor.js')).command,
  },
  engine: { summary: 'add engines', load: async () => (await import('./commands/engine.js')).command },
  init: {
    summary: 'start a project in a folder',
    load: async () => (await import('./commands/init.js')).command,
  },
};
