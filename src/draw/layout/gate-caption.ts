import type { Gate } from '../picture.js';

/** What is written at a gate: the channels it works in, and its parameters. */
export function gateCaption(gate: Gate | undefined): readonly string[] {
  if (!gate) return [];
  const name = gate.count === 1 ? 'gate' : `${gate.count} gates`;
  const inside = gate.channels === undefined ? '' : `: ${gate.channels} channels`;
  return [`${name}${inside}`, `${gate.parameters.toLocaleString('en-US')} parameters`];
}
