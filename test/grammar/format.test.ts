import { expect, test } from 'vitest';
import { format } from '../../grammar/print/print.js';
import { read, specs } from './reading.js';

function formatted(text: string): string | undefined {
  return format(read(text));
}

test('a file with errors is left alone', () => {
  expect(formatted('unet A { depth = }')).toBeUndefined();
  expect(formatted('unet A { depth = 3 } §')).toBeUndefined();
  expect(formatted('unet A { depth = 3 } /* open')).toBeUndefined();
});

test.each([...specs()])('%s is formatted without an error', (_path, text) => {
  expect(formatted(text)?.length).toBeGreaterThan(100);
});

test.each<[string, string, string]>([
  [
    'indents, blanks and blank lines',
    '\n\nparam a=1\nunet A{depth=3\n\n\n\n   channels  =64\nexpect{output==1\n}\n\n}\nunet B{\n\nskip=add\n\n}',
    `param a = 1

unet A {
  depth = 3

  channels = 64
  expect {
    output == 1
  }
}

unet B {
  skip = add
}
`,
  ],
  [
    'operators, brackets and products',
    'unet A {\na = ( 1+2 )*-3^ 2 %4/ 5-b [ 1,2 ] . crop\nb = 1 .. 4\nc = f (x:1,3 x 3 ,3x3,-y)\nd = [1,2 ,3]\ne = 1×2\nf = 1 × c\ng = 1.5um×2um\nh = 1 x 2x3\ni = f ( )\nj = [ ]\n}',
    `unet A {
  a = (1 + 2) * -3^2 % 4 / 5 - b[1, 2].crop
  b = 1..4
  c = f(x: 1, 3 x 3, 3x3, -y)
  d = [1, 2, 3]
  e = 1x2
  f = 1 × c
  g = 1.5um x 2um
  h = 1 x 2 x 3
  i = f()
  j = []
}
`,
  ],
  [
    'operators and comments are aligned until a blank line, a comment, or an item of several lines',
    `unet A {
  a = 1 // one
  channels = 64
  skip[1..3] = add // two
  // own
  bc = 2 // three

  def = 4 // four
  list = [
    1
  ] // five
  ghij = 5 // six
  k = 6 // seven
}
`,
    `unet A {
  a          = 1   // one
  channels   = 64
  skip[1..3] = add // two
  // own
  bc = 2 // three

  def = 4 // four
  list = [
    1
  ] // five
  ghij = 5 // six
  k    = 6 // seven
}
`,
  ],
  [
    'calls and long left sides do not push the others',
    `unet A {
  expect {
    input == 1
    receptive_field(bottleneck) == 140 // why
    output.crop <= 2
    admissible(1 x 5)
    a_very_long_left_side_that_goes_on_and_on > 4
    x < 3
  }
}
`,
    `unet A {
  expect {
    input       == 1
    receptive_field(bottleneck) == 140 // why
    output.crop <= 2
    admissible(1 x 5)
    a_very_long_left_side_that_goes_on_and_on > 4
    x           < 3
  }
}
`,
  ],
  [
    'attributes, varied attributes and variants are aligned apart',
    'ablation S of A {\nseeds=[1]\nn=2\nvary skip=[add]\nvary a=[1]\nvariant V{skip=none}\nvariant Longer{skip=none}\n}',
    `ablation S of A {
  seeds = [1]
  n     = 2
  vary skip = [add]
  vary a    = [1]
  variant V { skip = none }
  variant Longer { skip = none }
}
`,
  ],
  [
    'a body on one line stays there while it fits',
    `unet A extends B {skip=add;up = bilinear }
unet C {}
unet D {
}
block E(c){input->conv(3,c)}
training F { optimizer = adam(learning_rate: 0.001); loss = dice; epochs = 100; batch = 8; seed = 12 }
ablation G of A { variant H { skip = none } }
ablation I of A { seeds = [1, 2, 3]; vary skip = [concat, add, attention]; variant J { skip = none } }
`,
    `unet A extends B { skip = add; up = bilinear }
unet C {}

unet D {
}

block E(c) { input -> conv(3, c) }

training F {
  optimizer = adam(learning_rate: 0.001)
  loss      = dice
  epochs    = 100
  batch     = 8
  seed      = 12
}

ablation G of A { variant H { skip = none } }

ablation I of A {
  seeds = [1, 2, 3]
  vary skip = [concat, add, attention]
  variant J { skip = none }
}
`,
  ],
  [
    'line breaks before arrows and between elements are kept, others are not',
    `block B(
c,
k = 3) {
h =
input
-> conv(3,
c) -> repeat(2, a
-> b,
[1,
2])
->
norm
h +
h
}
import {
A, B
} from
"x"
`,
    `block B(
  c,
  k = 3
) {
  h = input
    -> conv(3,
      c) -> repeat(2, a
        -> b,
        [1,
          2])
    -> norm
  h + h
}

import {
  A, B
} from "x"
`,
  ],
  [
    'imports, params and declarations of one line and kind stay together where they are',
    'import {A} from "a"\nimport {B} from "b"\nparam a = 1 // one\nparam long = 2 // two\n\n\n\nparam b = 3\nunet A {\n}\nparam c = 4\nunet B {}\nunet C {}\n\n\nunet D {}\nblock E { a }',
    `import { A } from "a"
import { B } from "b"
param a    = 1 // one
param long = 2 // two

param b = 3

unet A {
}

param c = 4

unet B {}
unet C {}

unet D {}

block E { a }
`,
  ],
  [
    'comments stay at their places',
    `/* first */ // and second
language 1 // version
// about A
unet /* name */ A { // brace
// own


// before depth
depth = 3 /* unit */ // trailing
/* leading */ list = [ // open
1, /* in */ 2, // two
// own in list
3 // three
// last in list
]
p = a // a
// arrow
-> b(/* none */) // b
/* end of body */ }
// after A

unet B { /* empty */ }
unet C {
// only
}
unet D { // brace
}
/* of E */ unet E {} // line of E
// last`,
    `/* first */ // and second
language 1 // version

// about A
unet /* name */ A { // brace
  // own

  // before depth
  depth = 3 /* unit */ // trailing
  /* leading */ list = [ // open
    1, /* in */ 2, // two
    // own in list
    3 // three
    // last in list
  ]
  p = a // a
    // arrow
    -> b(/* none */) // b
  /* end of body */
}
// after A

unet B { /* empty */ }

unet C {
  // only
}

unet D { // brace
}

/* of E */ unet E {} // line of E
// last
`,
  ],
  [
    'a comment of several lines keeps its drawing, and its stars are put below each other',
    'unet A {\n  /* a\n | b |\t\r\n*/\n      /* a\n      * b\n  */\n  depth = 3\n}\n',
    'unet A {\n  /* a\n | b |\n*/\n  /* a\n   * b\n   */\n  depth = 3\n}\n',
  ],
  [
    'semicolons go where they say nothing',
    'unet A {;a = 1;\n;b = 2 // c\n;\nexpect { d;\n-1 < 2;\nx (3) == 4;\nwithin == 2; }\n};;\nparam c = 3;\n',
    `unet A {
  a = 1
  b = 2 // c
  expect {
    d;
    -1     < 2;
    x(3) == 4;
    within == 2
  }
}

param c = 3
`,
  ],
  [
    'line ends and a byte order mark',
    '\ufeffparam a = 1\r\n// c \r\n\r\rparam b = 2',
    'param a = 1\n// c\n\nparam b = 2\n',
  ],
])('%s', (_what, text, expected) => {
  expect(formatted(text)).toBe(expected);
  expect(formatted(expected)).toBe(expected);
});
