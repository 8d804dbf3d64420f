import type { Command } from 'commander';
import type { DataSetOptions } from '../../data/open-data-set.js';
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
      'the class of a value (255=1), a range (1..9=1), a colour (#ff0000=2) or all other values ("*=1"); "*=*": every ' +
        'value is a class; may be given several times',
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
export function readLabels({ label }: LabelOptions): DataSetOptions['labels'] | Failure {
  if (label.length === 1 && label[0]?.trim() === '*=*') return 'values';
  const labels: Record<string, number> = {};
  for (const text of label) {
    const match = /^(.+)=(\d{1,5})$/.exec(text);
    if (match === null) {
      return failure('invalid-option-value', { option: '--label', value: text, wanted: { form: 'label' } });
    }
    labels[match[1] ?? ''] = Number(match[2]);
  }
  return label.length === 0 ? undefined : labels;
}
