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
    case 'attention': {
      const roles = ['query', 'key', 'value'].filter((_, i) => isStep(user.inputs[i] ?? { outer: 0 }, step));
      return roles.length === 1 && roles[0] !== undefined ? roles[0] : 'features';
    }
    default:
      return 'branch';
  }
}

function isStep(ref: Ref, step: number): boolean {
  return 'step' in ref && ref.step === step;
}

/** How many convolutions and blocks lead to a value, back to where values are joined. */
function convs(template: readonly StepTemplate[], ref: Ref): number {
  let count = 0;
  let next: Ref | undefined = ref;
  while (next && 'step' in next) {
    const step: StepTemplate | undefined = template[next.step];
    if (!step) break;
    count += step.kind === 'layer' ? Number(/conv/i.test(step.layer)) : 2;
    next = step.inputs.length === 1 ? step.inputs[0] : undefined;
  }
  return count;
}
