// Apart from optimizers.ts: the package's declarations name these, and must not name the ONNX types of the step builder.

/** How gradients change the parameters. The learning rate is an input of each step. */
export type OptimizerSetting =
  | {
      readonly kind: 'sgd';
      readonly momentum: number;
      readonly nesterov: boolean;
      readonly weight_decay: number;
    }
  | { readonly kind: 'adam'; readonly weight_decay: number }
  | { readonly kind: 'adamw'; readonly weight_decay: number };

/** How much of Adam's moments stays in each step (Kingma & Ba 2014, arXiv:1412.6980, section 2, the proposed values). */
export const BETA1 = 0.9;
export const BETA2 = 0.999;

/** The corrections of Adam's moments in a step, counted from 1 (Kingma & Ba 2014, algorithm 1). */
export function adamCorrections(step: number): { readonly first: number; readonly second: number } {
  return { first: 1 / (1 - BETA1 ** step), second: 1 / (1 - BETA2 ** step) };
}
