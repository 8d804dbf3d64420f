import type { Argument } from '../../../grammar/ast.js';
import type { Span } from '../../diagnostics/span.js';
import { type Scope, valueText } from '../expressions/values.js';
import type { ChoiceSchema, ChoiceValue, Words } from './choice-schema.js';
import type { ValueSchema, WordSchema } from './value-schema.js';

/** The name of a block with its arguments, which are evaluated when the block is expanded. */
export interface BlockUse {
  readonly kind: 'block-use';
  readonly name: string;
  readonly nameSpan: Span;
  readonly args: readonly Argument[];
  readonly scope: Scope;
  readonly span: Span;
}

/** Reads the name of a block. Whether a block of that name exists is checked when the name is resolved. */
export const blockUse: ValueSchema<BlockUse> = {
  expected: 'the name of a block, such as `double` or `residual`',
  read(value, context) {
    if (value.type === 'symbol') {
      const { name, nameSpan, scope, span } = value;
      return { kind: 'block-use', name, nameSpan, args: value.args ?? [], scope, span };
    }
    return context.reporter.report('wrong-kind', value.span, {
      what: `\`${context.what}\``,
      expected: blockUse.expected,
      found: valueText(value),
    });
  },
};

/** Reads one of the words of a choice, or the name of a block. */
export interface WordOrBlockSchema<W extends Words>
  extends ValueSchema<ChoiceValue<W> | BlockUse>,
    WordSchema {
  readonly optionsOf: W;
  readonly takesBlocks: true;
}

/** One of the words of a choice. Any other name is the name of a block that replaces the words. */
export function orBlock<W extends Words>(choice: ChoiceSchema<W>): WordOrBlockSchema<W> {
  return {
    words: choice.words,
    optionsOf: choice.optionsOf,
    takesBlocks: true,
    expected: `${choice.expected}, or the name of a block`,
    read(value, context) {
      const isName = value.type === 'symbol' && !choice.words.includes(value.name);
      return isName ? blockUse.read(value, context) : choice.read(value, context);
    },
  };
}
