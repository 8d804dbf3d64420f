import { type CodeText, call, list, object, property, STEP, written } from '../template/layout.js';
import { type NamePart, nameCode, type RoundVariable } from '../template/names.js';
import {
  type ArgumentTemplate,
  type CallTemplate,
  isNumbering,
  type LayerTemplate,
  type Ref,
  type RepeatTemplate,
  type StepTemplate,
} from '../template/template.js';

/** What the code around a template knows of it. */
export interface BodyEnvironment {
  /** The code of a hole; undefined where the layer's standard says the same. */
  hole(hole: number): CodeText | undefined;
  /** What goes around the steps of a repetition. */
  loop(step: RepeatTemplate): { readonly head: string; readonly round: RoundVariable };
  /** The variable of a value from outside. */
  outer(index: number): string;
  callee(number: number): Callee;
  /** The first number of a kind of layer that is in a hole: a number, or the variable that has it. */
  first(hole: number): number | string;
  /** What the names of the layers begin with, where no variable has it. */
  readonly name?: string;
}

/** How a function is called. */
export interface Callee {
  readonly name: string;
  /** Whether it takes what the names of its layers begin with: one that is used once has that written out. */
  readonly named: boolean;
}

/** Only functions have repetitions, and layers that they number. */
export const outsideOfFunctions: Pick<BodyEnvironment, 'loop' | 'first'> = {
  loop: () => {
    throw new Error('a repetition outside of a function');
  },
  first: () => {
    throw new Error('a number of a layer that no function gives');
  },
};

/** What becomes of the values of a template's steps. */
export interface Values {
  /** The variable of a step's value, where it needs one: asked for once. A round of a repetition has its own template. */
  name(template: readonly StepTemplate[], step: number): string;
  /** The steps whose values are used outside. */
  readonly kept: ReadonlySet<number>;
  /** The step whose value is the result, and what is in front of it: `return`, `x =`. */
  readonly result?: { readonly step: number; readonly as: string };
  /** Lines that come as soon as a step's value is there. */
  after?(step: number): readonly string[];
}

/** Variables of repetitions, in the order in which they are needed. */
const running = ['x', 'y', 'z'];

/** The statements of a template's steps. Layers that follow each other are one statement. */
export function bodyOf(
  template: readonly StepTemplate[],
  around: BodyEnvironment,
  values: Values,
  indent: number,
): string {
  return new BodyWriter(template, around, values, indent).write();
}

class BodyWriter {
  private readonly users: readonly (readonly number[])[];
  private readonly variables = new Map<number, string>();
  private readonly declared: string[] = [];
  private text = '';

  constructor(
    private readonly template: readonly StepTemplate[],
    private readonly around: BodyEnvironment,
    private readonly values: Values,
    private readonly indent: number,
    private readonly round?: RoundVariable,
  ) {
    const users: number[][] = template.map(() => []);
    for (const [user, { inputs }] of template.entries()) {
      const steps = inputs.flatMap((input) => ('step' in input ? [input.step] : []));
      for (const step of new Set(steps)) users[step]?.push(user);
    }
    this.users = users;
  }

  write(): string {
    for (const [index, step] of this.template.entries()) {
      if (step.kind === 'repeat') this.repeat(index, step);
      else if (!this.isPart(index)) this.statement(index, step);
      for (const line of this.values.after?.(index) ?? []) this.line(line);
    }
    return this.text;
  }

  /** Whether a step is written inside of the statement of the next one. */
  private isPart(index: number): boolean {
    const [user, ...more] = this.users[index] ?? [];
    const next = this.template[index + 1];
    if (user !== index + 1 || more.length > 0 || this.values.kept.has(index)) return false;
    if (this.values.result?.step === index || this.template[index]?.kind === 'repeat') return false;
    return next !== undefined && next.kind !== 'call' && next.inputs.length === 1;
  }

  private statement(index: number, step: LayerTemplate | CallTemplate): void {
    const code = this.expression(step);
    const { result } = this.values;
    if (result?.step === index) this.code([`${result.as} `, code, ';']);
    else {
      const name = this.values.name(this.template, index);
      this.variables.set(index, name);
      this.code([`const ${name} = `, code, ';']);
    }
  }

  private repeat(index: number, step: RepeatTemplate): void {
    const [input] = step.inputs;
    if (!input) throw new Error('a repetition needs a value');
    const start = this.value(input);
    const variable = this.runningVariable(index, input);
    if (start !== variable) {
      const isNew = !this.declared.includes(variable);
      this.code([`${isNew ? 'let ' : ''}${variable} = `, start, ';']);
      if (isNew) this.declared.push(variable);
    }
    const { head, round } = this.around.loop(step);
    this.line(`${head} {`);
    const around = { ...this.around, outer: () => variable };
    const last = step.body.length - 1;
    const result = { step: last, as: `${variable} =` };
    const values = { name: this.values.name, kept: new Set<number>(), result };
    this.text += new BodyWriter(step.body, around, values, this.indent + STEP, round).write();
    this.line('}');
    this.variables.set(index, variable);
    if (this.values.result?.step === index) this.line(`${this.values.result.as} ${variable};`);
  }

  /** A variable of a repetition again where nobody needs what it holds. */
  private runningVariable(index: number, input: Ref): string {
    const start = this.value(input);
    const free = this.declared.find((variable) => {
      if (variable === start) return 'step' in input && (this.users[input.step] ?? []).length === 1;
      const holders = [...this.variables].filter(([, name]) => name === variable).map(([holder]) => holder);
      return holders.every((holder) => (this.users[holder] ?? []).every((user) => user < index));
    });
    return free ?? running[this.declared.length] ?? `x${this.declared.length + 1}`;
  }

  private expression(step: LayerTemplate | CallTemplate): CodeText {
    if (step.kind === 'call') {
      const callee = this.around.callee(step.function);
      const inputs = step.inputs.map((input) => this.value(input));
      const name = callee.named ? [this.name(step.name)] : [];
      return call(callee.name, [...inputs, ...this.callArguments(step, name)]);
    }
    // From the last one back to where the chain begins.
    const layers: CodeText[] = [this.layer(step)];
    let inputs = step.inputs;
    for (;;) {
      const [input] = inputs;
      const before =
        input && 'step' in input && this.isPart(input.step) ? this.template[input.step] : undefined;
      if (inputs.length !== 1 || before?.kind !== 'layer') break;
      layers.push(this.layer(before));
      inputs = before.inputs;
    }
    const [only, ...more] = inputs.map((input) => this.value(input));
    const on = only !== undefined && more.length === 0 ? only : list([only ?? '', ...more]);
    return call('apply', [on, ...layers.reverse()]);
  }

  /** The arguments of a function, its layers' `name` in front of those that may be left out. */
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
    const { name, first } = this.around;
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
    if ('hole' in argument) return this.around.hole(argument.hole);
    return list(argument.holes.map((hole) => this.around.hole(hole) ?? ''));
  }

  private value(ref: Ref): CodeText {
    if ('outer' in ref) return this.around.outer(ref.outer);
    const step = this.template[ref.step];
    const variable = this.variables.get(ref.step);
    if (variable !== undefined) return variable;
    if (!step || step.kind === 'repeat') throw new Error('a value is used before it is there');
    return this.expression(step);
  }

  private line(text: string): void {
    this.text += `${' '.repeat(this.indent)}${text}\n`;
  }

  private code(code: CodeText): void {
    this.line(written(code, this.indent));
  }
}
