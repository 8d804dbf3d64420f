import type { Command } from 'commander';
import { type Failure, failure } from '../../diagnostics/failure.js';

/** Options that define the classes of the values of masks. */
export interface LabelOptions {
  readonly label: readonly string[];
  readonly ignore?: string;
}

export function addLabelOptions(command: Command): Command {
  return command
    .option(
      '--label <value=class>',
      'the class of a gray value or a colour, as 255=1 or #ff0000=2; may be given several times',
      addTo,
      [],
    )
    .option('--ignore <value>', 'the value of unlabelled positions');
}

/** Collects the values of an option that may be given several times. */
function addTo(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** The class of each value; undefined without the option. */
export function readLabels({ label }: LabelOptions): Readonly<Record<string, number>> | undefined | Failure {
  const labels: Record<string, number> = {};
  for (const text of label) {
    const match = /^(.+)=(\d{1,3})$/.exec(text);
    if (match === null) {
      return failure('invalid-option-value', { option: '--label', value: text, wanted: { form: 'label' } });
    }
    labels[match[1] ?? ''] = Number(match[2]);
  }
  return label.length === 0 ? undefined : labels;
}
