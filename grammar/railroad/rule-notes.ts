/** A sentence about each rule of the grammar, for the page of diagrams. */
export const ruleNotes: Readonly<Record<string, string>> = {
  declaration: 'A file is a sequence of declarations.',
  languageVersion: 'The version of the language that the file uses. It comes first in a file.',
  importDeclaration: 'Names that another file declares: `import { UNet2D } from "./unet2d.unet"`.',
  paramDeclaration: 'A constant of the file, which the command line can set: `param base = 64`.',
  unetDeclaration:
    'A network. With `extends` it inherits all attributes of another network that it does not set.',
  attribute: 'A setting. Brackets contain the levels for which it holds: `skip[1..3] = attention`.',
  expectBlock: 'Claims about a network, which the compiler checks.',
  expectRow: 'A claim: `output == 2 x 388 x 388`. Without a comparison, the value must be true.',
  blockDeclaration: 'A block of layers. Its last line is its result.',
  blockParameter: 'A parameter of a block, with its default if it has one.',
  binding: 'A name for a value inside a block: `h = input -> conv(k, c)`.',
  trainingDeclaration: 'A recipe for training.',
  ablationDeclaration: 'A set of variants of a network.',
  vary: 'A variant for each value of a list: `vary skip = [concat, add]`.',
  variant: 'A variant with a name of its own.',
  attributes: 'Settings in braces.',
  expression: 'A value, or a pipeline: `input -> conv(3x3, c) -> norm`.',
  range: 'All integers from one number to another, including both: `1..4`.',
  sum: 'Sums and differences, evaluated from left to right.',
  product: 'Products, quotients and remainders, evaluated from left to right.',
  power: 'Powers, evaluated from right to left.',
  negation: 'A value with a minus sign.',
  dims: 'Sizes: `1 x 572 x 572` or `3x3`. Between two operands `x` is the sign of a product; elsewhere it is a name.',
  primary: 'A single value.',
  list: 'Values in brackets: `[64, 128]`.',
  reference:
    'A name, a call, or a name with indices. `skip[4].crop` has a member. The bracket must be on the line of its name.',
  argument:
    'An argument of a call, identified by its position or by its name: `transpose(2x2, bias: false)`.',
  identifier: 'A name. Where a name is expected, a keyword is a name too.',
};
