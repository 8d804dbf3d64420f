import { type Affine, INPUT_SIZE, isOnePosition, sameAffine } from './affine.js';
import { mapAffine } from './axis-map.js';
import type { Node } from './graph.js';
import type { OpRecord } from './op-record.js';

/** A node, and the facts that its constraints need. */
export interface NodeContext {
  readonly node: Node;
  readonly record: OpRecord<unknown>;
  /** The nodes whose values it takes, without those that the graph lacks. */
  readonly inputs: readonly Node[];
  readonly rank: number;
}

/** A condition that the record of an op sets for its nodes. */
interface Constraint {
  /** Whether the record sets it. */
  isSetBy(record: OpRecord<unknown>): boolean;
  /** How a node breaks it, one phrase each. */
  problems(context: NodeContext): readonly string[];
}

const always = () => true;

/** Every constraint that a record can set, by name. */
export const constraints = {
  source: {
    isSetBy: always,
    problems: ({ node, record }) =>
      (record.source === 'image') === (node.id === 0) ? [] : ['only node 0 is the input'],
  },
  inputCount: {
    isSetBy: always,
    problems({ record, inputs: { length } }) {
      const { count } = record.inputs;
      return (count === 'many' ? length >= 2 : length === count) ? [] : [`${length} inputs`];
    },
  },
  inputSizes: {
    isSetBy: takesSeveral,
    problems({ record, inputs: [first, ...rest] }) {
      const differing = rest.filter(
        ({ spatial }) => !(record.inputs.sizes === 'equal-or-one' && isOnePosition(spatial)),
      );
      return (first?.spatial ?? []).flatMap((size, axis) =>
        differing.some(({ spatial }) => !isSame(size, spatial[axis]))
          ? [`inputs differ along axis ${axis}`]
          : [],
      );
    },
  },
  inputChannels: {
    isSetBy: ({ inputs }) => inputs.channels !== 'any',
    problems({ record, inputs }) {
      const channels = inputs.map((input) => input.channels);
      const [first, ...rest] = channels;
      const rule = record.inputs.channels;
      const fits =
        rule === 'any' ||
        (rule === 'one'
          ? channels.every((count) => count === 1)
          : rest.every((count) => count === first || (rule === 'equal-or-one' && count === 1)));
      return fits ? [] : [`inputs of ${channels.join(' and ')} channels`];
    },
  },
  groups: {
    isSetBy: ({ groups }) => groups !== undefined,
    problems({ node, record, inputs: [first] }) {
      const groups = record.groups?.(node.attributes) ?? 1;
      const divided = [first?.channels ?? 0, node.channels];
      return divided.every((count) => count % groups === 0)
        ? []
        : [`${divided.join(' and ')} channels do not divide into ${groups} groups`];
    },
  },
  pinnedSize: {
    isSetBy: ({ pinnedSize }) => pinnedSize !== undefined,
    problems({ node, record, rank }) {
      const { length } = record.pinnedSize?.(node.attributes) ?? [];
      return length === rank ? [] : [`a pinned size of ${length} axes`];
    },
  },
  channels: {
    isSetBy: always,
    problems({ node, record, inputs }) {
      const channels = record.channels(
        node.attributes,
        inputs.map((input) => input.channels),
      );
      return channels === node.channels ? [] : [`${node.channels} channels`];
    },
  },
  sizes: {
    isSetBy: always,
    problems({ node, record, inputs: [first], rank }) {
      if (node.spatial.length !== rank) return [`${node.spatial.length} axes`];
      return node.spatial.flatMap((size, axis) => {
        const before = first ? first.spatial[axis] : INPUT_SIZE;
        const mapped = before && mapAffine(record.axis(node.attributes, axis), before);
        return isSame(size, mapped) ? [] : [`the size of axis ${axis}`];
      });
    },
  },
  parameters: {
    isSetBy: always,
    problems({ node, record, inputs: [first], rank }) {
      const text = (list: readonly { readonly role: string; readonly shape: readonly number[] }[]) =>
        list.map(({ role, shape }) => `${role} ${shape.join('x')}`).join();
      const found = text(node.parameters);
      const expected = text(record.parameters(node.attributes, first?.channels ?? 0, rank));
      return found === expected ? [] : [`parameters ${found}`];
    },
  },
} as const satisfies Readonly<Record<string, Constraint>>;

export type ConstraintName = keyof typeof constraints;

function takesSeveral({ inputs: { count } }: OpRecord<unknown>): boolean {
  return count === 'many' || count > 1;
}

function isSame(size: Affine, other: Affine | undefined): boolean {
  return other !== undefined && sameAffine(size, other);
}
