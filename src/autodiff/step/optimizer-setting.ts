/** How parameters follow their gradients. The learning rate is an input of each step. */
export type OptimizerSetting =
  | {
      readonly kind: 'sgd';
      readonly momentum: number;
      readonly nesterov: boolean;
      readonly weight_decay: number;
    }
  | { readonly kind: 'adam'; readonly weight_decay: number }
  | { readonly kind: 'adamw'; readonly weight_decay: number };
