import type { Ref, StepTemplate } from './template.js';

/** A word for a value of a block that several steps, or a step that joins values, take. */
export function branchName(template: readonly StepTemplate[], step: number): string {
  const users = template.filter(({ inputs }) => inputs.some((input) => isStep(input, step)));
  const [user, ...more] = users;
  if (more.length > 0 || user?.kind !== 'layer') return 'features';
  const last = template[step];
  switch (user.layer) {
    case 'add': {
      const [first, second] = user.inputs.map((input) => convs(template, input));
      const isSecond = isStep(user.inputs[1] ?? { outer: 0 }, step);
      return isSecond === (second ?? 0) <= (first ?? 0) ? 'shortcut' : 'main';
    }
    case 'multiply':
      return last?.kind === 'layer' && last.layer === 'activation' ? 'gate' : 'features';
    default:
      return 'branch';
  }
}

function isStep(ref: Ref, step: number): boolean {
  return 'step' in ref && ref.step === step;
}

/** How many convolutions and blocks lead to a value, back to where values are joined. */
function convs(template: readonly StepTemplate[], ref: Ref): number {
  const step = 'step' in ref ? template[ref.step] : undefined;
  if (!step) return 0;
  const own = step.kind === 'layer' ? Number(/conv/i.test(step.layer)) : 2;
  const [input, ...more] = step.inputs;
  return more.length === 0 && input ? own + convs(template, input) : own;
}
