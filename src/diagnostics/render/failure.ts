import picocolors from 'picocolors';
import type { Failure } from '../failure.js';
import type { TextOptions } from './text.js';
import { printable } from './text-cells.js';

/** A failure for people: the code, the message, which may have several lines, and the remedy. */
export function renderFailure({ code, message, help }: Failure, { color }: TextOptions): string {
  const colors = picocolors.createColors(color);
  const [first = '', ...more] = message.split('\n').map(printable);
  const head = colors.bold(colors.red(`error[${code}]`));
  const remedy = help === undefined ? [] : `${colors.green('help')}: ${help}`.split('\n');
  return [`unet: ${head}: ${colors.bold(first)}`, ...more, ...remedy].join('\n');
}
