/** What a training step is made of, for the bench: no door of the package yet. */
export { trainingStep } from './autodiff/training-step.js';
export { lossWriter } from './train/loss-writer.js';
export { Trainer } from './train/trainer.js';
