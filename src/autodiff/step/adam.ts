/** How much the moments of Adam keep (Kingma & Ba 2014, arXiv:1412.6980, section 2, the values it proposes). */
export const BETA1 = 0.9;
export const BETA2 = 0.999;

/** The corrections of Adam's moments at a step, from 1 on (Kingma & Ba 2014, algorithm 1). */
export function adamCorrections(step: number): { readonly first: number; readonly second: number } {
  return { first: 1 / (1 - BETA1 ** step), second: 1 / (1 - BETA2 ** step) };
}
