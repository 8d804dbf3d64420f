import type { Random } from './random.js';

/**
 * A token of a random program with what may stand before it: anything; only what keeps it on its line;
 * one blank; nothing at all; or what ends an item.
 */
interface Part {
  readonly text: string;
  readonly before: 'any' | 'line' | 'blank' | 'tight' | 'item';
}

const names = ['a', 'conv', 'skip', 'x', 'x3', 'x_', 'level', 'block', 'unet', 'from', 'of', 'within', 'h2'];
const numbers = ['0', '1', '572', '31_030_658', '0.5', '1e-3', '1.76um', '2px', '3µm'];
const blanks = ['', ' ', ' ', '  ', '\t', '\n', '\n\n', '\r\n', '\n\n\n  ', '\r'];
const comments = [
  ' // why\n',
  '// \t end  \n\n',
  '\n// own line\n',
  '/* in */',
  ' /* in */ ',
  '\n/* a\n   b */\n',
  '\n\n  /*\r\n * star\r\n */ ',
];

/** The text of a random program that the grammar allows (but for rare `x`s that read another way). */
export function randomProgram(random: Random, commentChance: number): string {
  const parts: Part[] = [];
  const add = (text: string, before: Part['before'] = 'any'): void => {
    parts.push({ text, before });
  };
  const name = (before: Part['before'] = 'any'): void => add(random.pick(names), before);
  const times = (most: number, what: (i: number) => void): void => {
    for (let i = 0, count = random.below(most + 1); i < count; i += 1) what(i);
  };
  const list = (most: number, what: () => void): void =>
    times(most, (i) => {
      if (i > 0) add(',');
      what();
    });
  const dims = (): void => {
    const tight = random.chance(0.5);
    add(random.pick(tight ? ['3', '1', '572'] : numbers));
    for (let i = 0; i <= random.below(3); i += 1) {
      add(random.chance(0.2) ? '×' : 'x', tight ? 'tight' : 'any');
      add(random.pick(tight ? ['3', '1', '572'] : [...numbers, 'c']), tight ? 'tight' : 'blank');
    }
  };
  const reference = (depth: number, before: Part['before']): void => {
    name(before);
    const tail = random.below(5);
    if (tail === 0) {
      add('(', 'line');
      list(3, () => {
        if (random.chance(0.3)) {
          name();
          add(':');
        }
        expression(depth + 1);
      });
      add(')');
    } else if (tail === 1) {
      add('[', 'line');
      expression(depth + 1);
      if (random.chance(0.3)) {
        add(',');
        expression(depth + 1);
      }
      add(']');
    }
    if (random.chance(0.1)) {
      add('.');
      add('crop');
    }
  };
  const primary = (depth: number, before: Part['before'] = 'any'): void => {
    const choice = random.below(depth > 3 ? 4 : 7);
    if (choice === 0) add(random.pick(numbers), before);
    else if (choice === 1) dims();
    else if (choice === 2) add(random.pick(['"x"', '""', '"// no \\" comment"']), before);
    else if (choice < 5) reference(depth, before);
    else if (choice === 5) {
      add('(', before);
      expression(depth + 1);
      add(')');
    } else {
      add('[', before);
      list(4, () => expression(depth + 1));
      add(']');
    }
  };
  const sum = (depth: number, before: Part['before'] = 'any'): void => {
    if (random.chance(0.1)) {
      add('-', before);
      primary(depth);
    } else primary(depth, before);
    times(random.chance(0.3) ? 3 : 0, () => {
      add(random.pick(['+', '-', '*', '/', '%', '^']));
      if (random.chance(0.1)) add('-');
      primary(depth + 1);
    });
  };
  const expression = (depth: number, before: Part['before'] = 'any'): void => {
    sum(depth, before);
    if (random.chance(0.1)) {
      add('..');
      sum(depth);
    }
    times(random.chance(0.2) ? 3 : 0, () => {
      add('->');
      sum(depth);
    });
  };
  const attribute = (before: Part['before'] = 'item'): void => {
    name(before);
    if (random.chance(0.2)) {
      add('[');
      expression(2);
      add(']');
    }
    add('=');
    expression(0);
  };
  const row = (): void => {
    sum(0, 'item');
    if (random.chance(0.2)) return;
    add(random.pick(['==', '!=', '<=', '>=', '<', '>']));
    sum(0);
    if (random.chance(0.2)) {
      add('within');
      sum(0);
    }
  };
  const body = (what: () => void): void => {
    add('{');
    times(4, what);
    add('}', 'item');
  };
  const declarations: Record<string, () => void> = {
    import: () => {
      add('{');
      list(3, () => name());
      add('}');
      add('from');
      add('"./a.unet"');
    },
    param: () => {
      name();
      add('=');
      expression(0);
    },
    unet: () => {
      name();
      if (random.chance(0.3)) {
        add('extends');
        name();
      }
      body(() => {
        if (random.chance(0.7)) return attribute();
        add('expect', 'item');
        body(() => row());
      });
    },
    block: () => {
      name();
      if (random.chance(0.7)) {
        add('(');
        list(3, () => {
          name();
          if (random.chance(0.5)) {
            add('=');
            expression(2);
          }
        });
        add(')');
      }
      add('{');
      times(3, () => {
        name('item');
        add('=');
        expression(0);
      });
      expression(0, 'item');
      add('}', 'item');
    },
    training: () => {
      name();
      body(() => attribute());
    },
    ablation: () => {
      name();
      add('of');
      name();
      if (random.chance(0.3)) {
        add('with');
        name();
      }
      body(() => {
        const choice = random.below(3);
        if (choice === 0) return attribute();
        add(choice === 1 ? 'vary' : 'variant', 'item');
        if (choice === 1) return attribute('any');
        name();
        body(() => attribute());
      });
    },
  };
  times(5, () => {
    const keyword = random.pick(Object.keys(declarations));
    add(keyword, parts.length === 0 ? 'any' : 'item');
    declarations[keyword]?.();
    if (random.chance(0.1)) add(';');
  });
  return textOf(parts, random, commentChance);
}

function textOf(parts: readonly Part[], random: Random, commentChance: number): string {
  let text = random.chance(0.1) ? '\ufeff' : '';
  // Some programs are dense, so that bodies on one line occur.
  const dense = random.chance(0.3);
  for (const part of parts) {
    text += separator(part.before);
    text += part.text;
  }
  return text + random.pick(['', '\n', '\r\n\n', ' // the end', '\n\n/* the end */']);

  function separator(before: Part['before']): string {
    const commented = random.chance(commentChance);
    switch (before) {
      case 'tight':
        return '';
      case 'blank':
        return random.pick([' ', '\t']);
      case 'line':
        return commented ? '/* here */' : random.pick(['', '', ' ']);
      case 'item':
        if (commented) return `${random.pick([';', '', '\n'])}${random.pick(comments)}${dense ? '' : '\n'}`;
        return dense ? random.pick([' ; ', ';']) : random.pick(['\n', '\n\n', '\r\n', ';\n', '\n\n\n', ';;']);
      case 'any':
        // A blank, since two words must not grow together.
        return `${random.pick(commented ? comments : dense ? ['', ' '] : blanks)} `;
    }
  }
}
