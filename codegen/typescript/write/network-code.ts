import { sourceOf } from '../../../src/ir/node-record.js';
import { inputSizes } from '../../tfjs/topology.js';
import type { StageStatements } from '../analyse/block-functions.js';
import type { Network } from '../analyse/items.js';
import type { Part } from '../analyse/level-loops.js';
import { layersOfStatement } from '../analyse/statements.js';
import { valueCode } from '../template/columns.js';
import { call, INDENT, list, object, property, written } from '../template/layout.js';
import { reservedWords, unused } from '../template/names.js';
import { instanceOf, type StatementTemplate, writtenOut } from '../template/template.js';
import { literal, quoted } from '../template/value.js';
import { valueName } from '../template/variable-names.js';
import { type BodyEnvironment, bodyOf, type Callee, outsideOfFunctions } from './body-writer.js';
import { Comments } from './comments.js';
import type { TableCode } from './loop-code.js';
import { LoopWriter, RUNNING } from './loop-code.js';

export interface NetworkCode {
  readonly tables: readonly TableCode[];
  /** The code that builds the network. */
  readonly body: string;
}

/** The code of a network's parts. With `dynamic`, its spatial sizes are free. */
export function networkCode(
  network: Network,
  parts: readonly Part[],
  callees: readonly Callee[],
  dynamic: boolean,
): NetworkCode {
  return new NetworkWriter(network, parts, callees, dynamic).write();
}

class NetworkWriter {
  private readonly variables = new Map<string, string>();
  private readonly taken: Set<string>;
  private readonly comments: Comments;
  private readonly loops: LoopWriter;
  private isRunning = false;
  private text = '';

  constructor(
    private readonly network: Network,
    private readonly parts: readonly Part[],
    private readonly callees: readonly Callee[],
    private readonly dynamic: boolean,
  ) {
    const words = `tf layers apply input timeStep output name level levels ${RUNNING}`.split(' ');
    this.taken = new Set([...reservedWords, ...words, ...callees.map(({ name }) => name)]);
    this.comments = new Comments(network, dynamic);
    this.loops = new LoopWriter(parts, this.comments, {
      callee: (number) => this.callee(number),
      variable: (value) => this.variable(value),
      taken: this.taken,
    });
  }

  write(): NetworkCode {
    this.input();
    for (const [index, part] of this.parts.entries()) {
      this.text += '\n';
      if (part.kind === 'loop') {
        const { text, result } = this.loops.write(part);
        this.text += text;
        this.variables.set(result, RUNNING);
      } else {
        const { stages, before } = part.run;
        const after = stages.at(-1)?.statements.at(-1)?.output ?? before;
        const names = stages.map(({ stage }) => stage);
        this.line(`// ${this.comments.stages(names, before, after)}`);
        for (const stage of stages) this.stage(stage, this.parts[index + 1]);
      }
    }
    this.model();
    return { tables: this.loops.tables, body: this.text };
  }

  private input(): void {
    const { graph, inputs } = this.network;
    for (const { name, node } of inputs) {
      const sizes = inputSizes(graph, node, this.dynamic).map((size) =>
        size === null ? 'null' : literal(size),
      );
      const shape = list([...sizes, literal(node.channels)]);
      const config = object([property('shape', shape), property('name', quoted(name))]);
      const variable = sourceOf(node) === 'image' ? 'input' : 'timeStep';
      this.variables.set(name, variable);
      this.line(written([`const ${variable} = `, call('tf.input', [config]), ';'], INDENT));
    }
    const [first] = this.parts;
    if (first?.kind === 'loop') this.start('input');
  }

  private model(): void {
    const { graph, outputs } = this.network;
    const inputs = this.network.inputs.map(({ name }) => this.variable(name));
    const variables = outputs.map((value) => this.variable(value));
    const [only, ...more] = variables;
    const model = object([
      property('inputs', inputs.length === 1 ? 'input' : list(inputs)),
      property('outputs', only !== undefined && more.length === 0 ? only : list(variables)),
      property('name', quoted(graph.name)),
    ]);
    this.line(written(['return ', call('tf.model', [model]), ';'], INDENT));
  }

  /** A stage, with one variable for each value that other code needs. */
  private stage({ stage, statements }: StageStatements, next: Part | undefined): void {
    const { template, holes, outers } = instanceOf(statements, writtenOut);
    const own = new Set(statements.flatMap(layersOfStatement));
    const usersOf = (value: string) =>
      [...(this.network.users.get(value) ?? [])].filter((user) => !own.has(user));
    const environment: BodyEnvironment = {
      hole(index) {
        const hole = holes[index];
        return hole && valueCode(hole.value, hole.rule);
      },
      ...outsideOfFunctions,
      outer: (index) => this.variable(outers[index] ?? ''),
      callee: (number) => this.callee(number),
    };
    const last = statements.length - 1;
    const result = statements[last]?.output ?? '';
    const starts = next?.kind === 'loop' && next.before === result;
    // A value that only the first round of a loop needs goes directly into the loop's variable.
    const first = starts ? this.loops.firstRound(next) : undefined;
    const goesOn = first !== undefined && usersOf(result).every((user) => first.layers.has(user));
    const name = (made: readonly StatementTemplate[], index: number) => {
      const value = statements[index]?.output ?? '';
      const isOutput = this.network.outputs.length === 1 && this.network.outputs[0] === value;
      const proposed = isOutput
        ? 'output'
        : valueName(stage, made[index], index === last, (number) => this.callee(number).name);
      const variable = isOutput ? proposed : unused(proposed, this.taken);
      this.variables.set(value, variable);
      return variable;
    };
    const kept = new Set(
      statements.flatMap(({ output }, index) => (usersOf(output).length > 0 ? [index] : [])),
    );
    const assigned = { statement: last, as: `${this.isRunning ? '' : 'let '}${RUNNING} =` };
    this.text += bodyOf(
      template,
      environment,
      { name, kept, ...(goesOn ? { result: assigned } : {}) },
      INDENT,
    );
    if (goesOn) {
      this.variables.set(result, RUNNING);
      this.isRunning = true;
    } else if (starts) this.start(this.variable(result));
  }

  /** Assigns the start value of a loop to the loop's variable. */
  private start(variable: string): void {
    this.line(`${this.isRunning ? '' : 'let '}${RUNNING} = ${variable};`);
    this.isRunning = true;
  }

  private variable(value: string): string {
    const variable = this.variables.get(value);
    if (variable === undefined) throw new Error(`no variable has the value of ${value}`);
    return variable;
  }

  private callee(number: number): Callee {
    const callee = this.callees[number];
    if (!callee) throw new Error(`there is no function ${number}`);
    return callee;
  }

  private line(text: string): void {
    this.text += `${' '.repeat(INDENT)}${text}\n`;
  }
}
