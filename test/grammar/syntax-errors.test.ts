import { expect, test } from 'vitest';
import { read } from './reading.js';

/** Each diagnostic as `line:character message`, counted from 1, with its help in brackets. */
function errorsOf(text: string): string[] {
  const { file, diagnostics } = read(text);
  return diagnostics.map(({ span, message, help }) => {
    const { line, character } = file.positionAt(span.start);
    return `${line + 1}:${character + 1} ${message}${help === undefined ? '' : ` [${help}]`}`;
  });
}

const inBody = 'an attribute `name = value`, `expect { ... }` or `}`';

test.each<[string, string[]]>([
  ['unet A {\n  depth =\n  channels = 64\n}', ['2:10 expected a value after `depth =`, found `channels`']],
  ['unet A {\n  skip[4] =\n  depth = 3\n}', ['2:12 expected a value after `skip[4] =`, found `depth`']],
  ['unet A {\n  skip =\n  kernel[1] = 3\n}', ['2:9 expected a value after `skip =`, found `kernel`']],
  ['unet A {\n  depth = \n}', ['2:10 expected a value after `depth =`, found `}`']],
  ['unet A {\n  depth 4\n  channels = 64\n}', ['2:9 expected `=` after `depth`, found `4`']],
  [
    'unet A {\n  depth: 4\n  channels = 64\n}',
    ['2:8 expected `=` after `depth`, found `:` [an attribute is set with `=`]'],
  ],
  [
    'unet A {\n  depth == 4\n}',
    ['2:9 expected `=` after `depth`, found `==` [an attribute is set with `=`]'],
  ],
  ['unet A {\n  depth += 4\n}', ['2:9 expected `=` after `depth`, found `+`']],
  [
    'unet A {\n  depth = 4,\n  channels = 64\n}',
    [`2:12 expected ${inBody}, found \`,\` [commas stand only in lists and between arguments]`],
  ],
  ['unet A\n  depth = 4\n}', ['1:7 expected `{` after `A`, found `depth`']],
  ['unet {\n  depth = 4\n}', ['1:6 expected a name after `unet`, found `{`']],
  ['unet A extends {\n  depth = 4\n}', ['1:16 expected a name after `extends`, found `{`']],
  [
    'unet 2D {\n  depth = 4\n}',
    ['1:6 expected a name after `unet`, found `2` [a name begins with a letter]'],
  ],
  ['unet A {\n  depth = 4', ['2:12 expected `}`, found the end of the file']],
  ['unet A {\n  depth = 4\nunet B { depth = 3 }', ['2:12 expected `}`, found the next declaration']],
  ['unet A { depth = 2 }}\nunet B { depth = 3 }', ['1:21 `}` closes nothing']],
  ['unet A {\n  up = transpose(2x2))\n}', ['2:22 `)` closes nothing']],
  ['unet A {\n  c = [64, 128\n  depth = 2\n}', ['2:15 expected `,` or `]` after `128`, found `depth`']],
  ['unet A {\n  c = [64 128]\n}', ['2:11 expected `,` or `]` after `64`, found `128`']],
  ['unet A {\n  c = [64, , 128]\n}', ['2:12 expected a value after `,`, found `,`']],
  ['unet A {\n  c = [64, 128,]\n}', ['2:16 expected a value after `,`, found `]`']],
  ['unet A {\n  up = f(2\n  depth = 2\n}', ['2:11 expected `,` or `)` after `2`, found `depth`']],
  [
    'unet A {\n  up = f(2, channels = keep)\n}',
    ['2:22 expected `:` after `channels`, found `=` [an argument is named with `:`]'],
  ],
  ['unet A {\n  a = (2 + 3\n}', ['2:13 expected `)` after `3`, found `}`']],
  ['unet A {\n  a = 2 +\n}', ['2:10 expected a value after `+`, found `}`']],
  ['unet A {\n  a = 1..\n}', ['2:10 expected a value after `..`, found `}`']],
  ['unet A {\n  lr = .5\n}', ['2:8 expected a value after `lr =`, found `.` [write `0.5`]']],
  ['unet A {\n  input = 1 x 572 x\n  depth = 2\n}', ['2:20 expected a size after `x`, found `depth`']],
  [
    'unet A {\n  input = 1 x 572 x572\n}',
    [
      '2:19 unexpected `x572` after `572` [write the `x` of a product with blanks on both sides, or without any]',
    ],
  ],
  [
    'unet A {\n  spacing = 1.76 um x 1.76 um\n}',
    ['2:18 unexpected `um` after `1.76` [a unit stands right behind its number: `1.76um`]'],
  ],
  ['unet A {\n  spacing = 1.76nm\n}', ['2:17 `nm` is no unit [the units are `um`, `mm` and `px`]']],
  ['unet A {\n  skip[4 = none\n}', ['2:10 expected `,` or `]` after `4`, found `=`']],
  ['unet A {\n  skip[] = none\n}', ['2:8 expected a value after `[`, found `]`']],
  ['unet A {\n  skip(4) = none\n}', ['2:7 expected `=` after `skip`, found `(`']],
  ['unet A {\n  expect {\n    output = 2 x 3\n  }\n}', ['3:12 a row compares with `==`, found `=`']],
  [
    'unet A {\n  expect {\n    output ==\n    skip[1].crop == 3\n  }\n}',
    ['3:14 expected a value after `output ==`, found `skip`'],
  ],
  [
    'unet A {\n  expect {\n    output == 3 == 4\n  }\n}',
    ['3:17 a row holds one comparison, found a second `==`'],
  ],
  ['unet A {\n  expect {\n    a == 2 within\n  }\n}', ['3:18 expected a value after `within`, found `}`']],
  ['unet A {\n  expect\n    output == 3\n  }\n}', ['2:9 expected `{` after `expect`, found `output`']],
  [
    'expect {\n  output == 3\n}',
    [
      '1:1 expected a declaration (unet, block, param, import, training or ablation), found `expect` [`expect` stands inside of a unet]',
    ],
  ],
  [
    'unte A {\n  depth = 2\n}',
    [
      '1:1 expected a declaration (unet, block, param, import, training or ablation), found `unte` [did you mean `unet`?]',
    ],
  ],
  [
    'block B(c) {\n}',
    ['1:13 expected the result of the block, found `}` [the last line of a block is its result]'],
  ],
  [
    'block B(c) {\n  h = input -> conv(3, c)\n}',
    ['2:26 expected the result of the block, found `}` [the last line of a block is its result]'],
  ],
  ['block B(c) {\n  input -> -> norm\n}', ['2:12 expected a value after `->`, found `->`']],
  ['block B(c) {\n  input -> conv(3, c) ->\n}', ['2:25 expected a value after `->`, found `}`']],
  [
    'block B(c) {\n  input => norm\n}',
    ['2:10 expected a value after `input =`, found `>` [a pipeline is written with `->`]'],
  ],
  ['block B(c) {\n  input\n  norm\n}', ['2:8 expected an operator, `->` or `}`, found `norm`']],
  ['block B(c {\n  input -> conv(3, c)\n}', ['1:11 expected `,` or `)` after `c`, found `{`']],
  ['import UNet2D from "./a.unet"', ['1:8 expected `{` after `import`, found `UNet2D`']],
  ['import { UNet2D } "./a.unet"', ['1:19 expected `from` after `}`, found `"./a.unet"`']],
  [
    'import { UNet2D } from ./a.unet',
    ['1:24 expected a string after `from`, found `.` [write the path in double quotes]'],
  ],
  ['param base 64', ['1:12 expected `=` after `base`, found `64`']],
  ['param = 64', ['1:7 expected a name after `param`, found `=`']],
  [
    'param base =\nunet A { depth = 2 }',
    ['1:13 expected a value after `base =`, found the next declaration'],
  ],
  ['training T {\n  loss dice\n  epochs = 3\n}', ['2:8 expected `=` after `loss`, found `dice`']],
  ['ablation S UNet2D {\n  vary skip = [a]\n}', ['1:12 expected `of` after `S`, found `UNet2D`']],
  ['language\nunet A { depth = 2 }', ['1:9 expected a number after `language`, found the next declaration']],
  ['unet A {\n  depth = "2\n  channels = 3\n}', ['2:11 this string is never closed']],
  ['unet A {\n  depth = 2 # four\n}', ['2:13 unexpected character `#`']],
  ['unet A {\n  depth = 4\n}\n/* not closed', ['4:1 this comment is never closed']],
  ['unet', ['1:5 expected a name after `unet`, found the end of the file']],
])('%j', (text, messages) => {
  expect(errorsOf(text)).toEqual(messages);
});

test.each<[string, string[]]>([
  [
    'unet A {\n  a =\n  b =\n  c =\n}',
    [
      '2:6 expected a value after `a =`, found `b`',
      '3:6 expected a value after `b =`, found `c`',
      '4:6 expected a value after `c =`, found `}`',
    ],
  ],
  [
    'unet A {\n  a == 1\n  b = [1, 2\n  c = 3\n}\nblock B {\n  x =\n  y = 1\n  x\n}\nparam = 3\n',
    [
      '2:5 expected `=` after `a`, found `==` [an attribute is set with `=`]',
      '3:12 expected `,` or `]` after `2`, found `c`',
      '7:6 expected a value after `x =`, found `y`',
      '11:7 expected a name after `param`, found `=`',
    ],
  ],
  [
    'unet A {\n  depth = (4\n\nunet B {\n  depth = 4)\n}\n\nunet C {\n  depth 4\n  expect { output = 3 }\n}\n',
    [
      '2:13 expected `)` after `4`, found the next declaration',
      '5:12 `)` closes nothing',
      '9:9 expected `=` after `depth`, found `4`',
      '10:19 a row compares with `==`, found `=`',
    ],
  ],
  [
    'unet A { a = ; b = ; c = }',
    [
      '1:14 expected a value after `a =`, found `;`',
      '1:20 expected a value after `b =`, found `;`',
      '1:26 expected a value after `c =`, found `}`',
    ],
  ],
  [
    'training T {\n  a = f(1,)\n  b = 2 $\n  c = "x\n}\n',
    [
      '2:11 expected a value after `,`, found `)`',
      '3:9 unexpected character `$`',
      '4:7 this string is never closed',
    ],
  ],
])('separate mistakes are reported separately: %j', (text, messages) => {
  expect(errorsOf(text)).toEqual(messages);
});

test('what surrounds a mistake is still read', () => {
  const { tree, damaged } = read(
    'unet A {\n  depth 4\n  skip = add\n}\nunet B { depth = 3 }\nblock C(c) {\n  h = input -> -> norm\n  h\n}\nparam d = 1\n',
  );
  const names = tree.declarations.map((one) => ('name' in one ? one.name.name : one.kind));
  expect(names).toEqual(['A', 'B', 'C', 'd']);
  expect([...damaged].map((one) => ('name' in one ? one.name.name : one.kind))).toEqual(['A', 'C']);
  const [first] = tree.declarations;
  if (first?.kind !== 'unet') throw new Error('no network');
  expect(first.members.map((one) => (one.kind === 'attribute' ? one.name.name : one.kind))).toContain('skip');
});

test('a bracket that is never closed is shown', () => {
  const text = 'unet A {\n  channels = [64,\n    128\n  depth = 2\n}';
  const [error, ...others] = read(text).diagnostics;
  expect(others).toEqual([]);
  expect(error?.notes.map((note) => [note.message, note.span.start, note.span.end])).toEqual([
    ['`[` is opened here', text.indexOf('['), text.indexOf('[') + 1],
  ]);
});

test('a mistyped keyword has a fix', () => {
  const [error] = read('Block B(c) { input }').diagnostics;
  expect(error?.fixes.map((fix) => fix.edits.map((edit) => edit.newText))).toEqual([['block']]);
});
