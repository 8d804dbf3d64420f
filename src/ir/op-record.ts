import type { AxisMap } from './axis-map.js';
import type { Initializer, ParameterRole } from './parameter.js';

/** A parameter before the node that owns it has a name. */
export interface ParameterShape {
  readonly role: ParameterRole;
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  readonly trainable: boolean;
}

/** What an op's backward pass reads: its inputs, its output, or nothing but the gradient. */
export type Saved = 'inputs' | 'output' | 'nothing';

/** What an op requires of its inputs. */
export interface InputRules {
  /** `many` is two or more. */
  readonly count: number | 'many';
  /**
   * `equal`: along each axis, all inputs have the same size. `equal-or-one`: an input after the first may have a single
   * position instead, which applies to every position of the first.
   */
  readonly sizes: 'equal' | 'equal-or-one';
  /**
   * `any`: no rule. `equal`: all inputs have the same channels. `equal-or-one`: an input after the first may have one
   * channel instead, which applies to every channel of the first. `one`: each input has one channel.
   */
  readonly channels: 'any' | 'equal' | 'equal-or-one' | 'one';
}

/**
 * Everything the compiler knows about an op kind, its constraints included: the verifier, the builder, the admissible
 * sizes and the backends read it here. Backends add only how to lower the op.
 */
export interface OpRecord<A> {
  /** Which input of the network the op is. Such an op is a stage of its own; the image is node 0 of every graph. */
  readonly source?: 'image' | 'time';
  readonly inputs: InputRules;
  /** The channels of the output, from the channels of the inputs (N, C, ...spatial). */
  channels(attributes: A, inputs: readonly number[]): number;
  /** A divisor of the channels of the first input and of the output: groups, heads. */
  groups?(attributes: A): number;
  /** What happens to a spatial axis of the first input. */
  axis(attributes: A, axis: number): AxisMap;
  /** The fewest positions that the op takes along an axis, if that is more than `axis` implies. */
  leastSize?(attributes: A, axis: number): number;
  /** The only sizes that the op takes, one entry per axis. */
  pinnedSize?(attributes: A): readonly number[];
  /** The parameters, in the order of the weight files. */
  parameters(attributes: A, inputChannels: number, rank: number): readonly ParameterShape[];
  /**
   * Multiply-adds of one sample. Only convs, transposed convs and matrix products count; a bias, a norm,
   * an activation or a resize is not a multiply-add. `positions` are the spatial positions of
   * the input and of the output.
   */
  macs(attributes: A, io: MacsInput): number;
  /**
   * Numbers of one sample that the op computes between its input and its output, such as the weights of an attention.
   * They stay in memory while the op runs, and its backward pass reads them.
   */
  workspace?(attributes: A, io: MacsInput): number;
  readonly saves: Saved;
  /** `float32`: the op computes in float32 in a model of any type, with float32 parameters. */
  readonly precision: 'model' | 'float32';
}

export interface MacsInput {
  readonly inputChannels: number;
  readonly inputPositions: number;
  readonly outputPositions: number;
}
