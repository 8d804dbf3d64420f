import { type CodeText, call, INDENT, list, object, property, written } from '../template/layout.js';
import { type NamePart, nameCode, type RoundVariable } from '../template/names.js';
import {
  type ArgumentTemplate,
  type CallTemplate,
  isNumbering,
  type LayerTemplate,
  type Ref,
  type RepeatTemplate,
  type StatementTemplate,
} from '../template/template.js';

/** What the code around a template provides. */
export interface BodyEnvironment {
  /** The code of a hole; undefined if its value is the layer's default. */
  hole(hole: number): CodeText | undefined;
  /** The loop around the statements of a repetition. */
  loop(statement: RepeatTemplate): { readonly head: string; readonly round: RoundVariable };
  /** The variable of a value from outside. */
  outer(index: number): string;
  callee(number: number): Callee;
  /** The first number of a kind of layer, which a hole has: a number, or the variable that contains it. */
  first(hole: number): number | string;
  /** The start of the names of the layers, if no variable has it. */
  readonly name?: string;
}

/** How a function is called. */
export interface Callee {
  readonly name: string;
  /** Whether it takes the start of the names of its layers. A function that is used once contains it instead. */
  readonly named: boolean;
}

/** Only functions have repetitions and numbered layers. */
export const outsideOfFunctions: Pick<BodyEnvironment, 'loop' | 'first'> = {
  loop: () => {
    throw new Error('a repetition outside of a function');
  },
  first: () => {
    throw new Error('a number of a layer that no function gives');
  },
};

/** How the values of a template's statements are used. */
export interface Values {
  /**
   * The variable of a statement's value, if it needs one. Called once per value. A round of a repetition has its own
   * template.
   */
  name(template: readonly StatementTemplate[], statement: number): string;
  /** The statements whose values are used outside. */
  readonly kept: ReadonlySet<number>;
  /** The statement whose value is the result, and the code before it: `return`, `x =`. */
  readonly result?: { readonly statement: number; readonly as: string };
  /** Lines that follow a statement directly. */
  after?(statement: number): readonly string[];
}

/** Variables of repetitions, in the order in which they are needed. */
const running = ['x', 'y', 'z'];

/** The code of a template. Consecutive layers are one call of `apply`. */
export function bodyOf(
  template: readonly StatementTemplate[],
  environment: BodyEnvironment,
  values: Values,
  indent: number,
): string {
  return new BodyWriter(template, environment, values, indent).write();
}

class BodyWriter {
  private readonly users: readonly (readonly number[])[];
  private readonly variables = new Map<number, string>();
  private readonly declared: string[] = [];
  private text = '';

  constructor(
    private readonly template: readonly StatementTemplate[],
    private readonly environment: BodyEnvironment,
    private readonly values: Values,
    private readonly indent: number,
    private readonly round?: RoundVariable,
  ) {
    const users: number[][] = template.map(() => []);
    for (const [user, { inputs }] of template.entries()) {
      const statements = inputs.flatMap((input) => ('statement' in input ? [input.statement] : []));
      for (const statement of new Set(statements)) users[statement]?.push(user);
    }
    this.users = users;
  }

  write(): string {
    for (const [index, statement] of this.template.entries()) {
      if (statement.kind === 'repeat') this.repeat(index, statement);
      else if (!this.isPart(index)) this.assignment(index, statement);
      for (const line of this.values.after?.(index) ?? []) this.line(line);
    }
    return this.text;
  }

  /** Whether a statement is written inside the code of the next one. */
  private isPart(index: number): boolean {
    const [user, ...more] = this.users[index] ?? [];
    const next = this.template[index + 1];
    if (user !== index + 1 || more.length > 0 || this.values.kept.has(index)) return false;
    if (this.values.result?.statement === index || this.template[index]?.kind === 'repeat') return false;
    return next !== undefined && next.kind !== 'call' && next.inputs.length === 1;
  }

  private assignment(index: number, statement: LayerTemplate | CallTemplate): void {
    const code = this.expression(statement);
    const { result } = this.values;
    if (result?.statement === index) this.code([`${result.as} `, code, ';']);
    else {
      const name = this.values.name(this.template, index);
      this.variables.set(index, name);
      this.code([`const ${name} = `, code, ';']);
    }
  }

  private repeat(index: number, statement: RepeatTemplate): void {
    const [input] = statement.inputs;
    if (!input) throw new Error('a repetition needs a value');
    const start = this.value(input);
    const variable = this.runningVariable(index, input);
    if (start !== variable) {
      const isNew = !this.declared.includes(variable);
      this.code([`${isNew ? 'let ' : ''}${variable} = `, start, ';']);
      if (isNew) this.declared.push(variable);
    }
    const { head, round } = this.environment.loop(statement);
    this.line(`${head} {`);
    const environment = { ...this.environment, outer: () => variable };
    const last = statement.body.length - 1;
    const result = { statement: last, as: `${variable} =` };
    const values = { name: this.values.name, kept: new Set<number>(), result };
    this.text += new BodyWriter(statement.body, environment, values, this.indent + INDENT, round).write();
    this.line('}');
    this.variables.set(index, variable);
    if (this.values.result?.statement === index) this.line(`${this.values.result.as} ${variable};`);
  }

  /** The variable of a repetition: an earlier one if its value is no longer needed, or a new one. */
  private runningVariable(index: number, input: Ref): string {
    const start = this.value(input);
    const free = this.declared.find((variable) => {
      if (variable === start) return 'statement' in input && (this.users[input.statement] ?? []).length === 1;
      const holders = [...this.variables].filter(([, name]) => name === variable).map(([holder]) => holder);
      return holders.every((holder) => (this.users[holder] ?? []).every((user) => user < index));
    });
    return free ?? running[this.declared.length] ?? `x${this.declared.length + 1}`;
  }

  private expression(statement: LayerTemplate | CallTemplate): CodeText {
    if (statement.kind === 'call') {
      const callee = this.environment.callee(statement.function);
      const inputs = statement.inputs.map((input) => this.value(input));
      const name = callee.named ? [this.name(statement.name)] : [];
      return call(callee.name, [...inputs, ...this.callArguments(statement, name)]);
    }
    // Collect the layers from the last one back to the start of the chain.
    const layers: CodeText[] = [this.layer(statement)];
    let inputs = statement.inputs;
    for (;;) {
      const [input] = inputs;
      const before =
        input && 'statement' in input && this.isPart(input.statement)
          ? this.template[input.statement]
          : undefined;
      if (inputs.length !== 1 || before?.kind !== 'layer') break;
      layers.push(this.layer(before));
      inputs = before.inputs;
    }
    const [only, ...more] = inputs.map((input) => this.value(input));
    const on = only !== undefined && more.length === 0 ? only : list([only ?? '', ...more]);
    return call('apply', [on, ...layers.reverse()]);
  }

  /** The arguments of a function call, with the `name` of its layers before the optional arguments. */
  private callArguments({ args }: CallTemplate, name: readonly CodeText[]): readonly CodeText[] {
    const first = args.findIndex(({ key }) => isNumbering(key));
    const needed = first < 0 ? args : args.slice(0, first);
    const optional = args.slice(needed.length).map((argument) => this.argument(argument));
    const given = optional.slice(0, optional.findLastIndex((code) => code !== undefined) + 1);
    return [
      ...needed.map((argument) => this.argument(argument) ?? ''),
      ...name,
      ...given.map((code) => code ?? '1'),
    ];
  }

  private name(parts: readonly NamePart[]): CodeText {
    const { name, first } = this.environment;
    return nameCode(parts, {
      first,
      ...(name === undefined ? {} : { name }),
      ...(this.round ? { round: this.round } : {}),
    });
  }

  private layer({ source, layer, args, name }: LayerTemplate): CodeText {
    const properties = args.flatMap((argument) => {
      const code = this.argument(argument);
      return code === undefined ? [] : [property(argument.key, code)];
    });
    const factory = source === 'tfjs' ? `tf.layers.${layer}` : `layers.${layer}`;
    return call(factory, [object([...properties, property('name', this.name(name))])]);
  }

  private argument(argument: ArgumentTemplate): CodeText | undefined {
    if ('hole' in argument) return this.environment.hole(argument.hole);
    return list(argument.holes.map((hole) => this.environment.hole(hole) ?? ''));
  }

  private value(ref: Ref): CodeText {
    if ('outer' in ref) return this.environment.outer(ref.outer);
    const statement = this.template[ref.statement];
    const variable = this.variables.get(ref.statement);
    if (variable !== undefined) return variable;
    if (!statement || statement.kind === 'repeat') throw new Error('a value is used before it is there');
    return this.expression(statement);
  }

  private line(text: string): void {
    this.text += `${' '.repeat(this.indent)}${text}\n`;
  }

  private code(code: CodeText): void {
    this.line(written(code, this.indent));
  }
}
