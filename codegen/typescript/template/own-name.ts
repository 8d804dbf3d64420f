import type { PathSegment } from '../../../src/ir/stage-path.js';

/** The part of a layer's name after a prefix that several layers share: blocks, op, and the layer's part of the op. */
export interface OwnName {
  readonly segments: readonly PathSegment[];
  readonly part?: string;
}

/** An own name as the text before its first number, that number, and the text after it: `.conv_`, 2, `.pad`. */
export interface NumberedName {
  readonly before: string;
  readonly number?: number;
  readonly after: string;
}

export function numberedName({ segments: [first, ...more], part }: OwnName): NumberedName {
  const texts = more.map(({ name, number }) => `.${name}_${number}`);
  const rest = [...texts, part === undefined ? '' : `.${part}`].join('');
  return first
    ? { before: `.${first.name}_`, number: first.number, after: rest }
    : { before: '', after: rest };
}

export function ownNameText(own: OwnName): string {
  const { before, number = '', after } = numberedName(own);
  return `${before}${number}${after}`;
}
