import { PickleBytes, PickleDamage } from './pickle-bytes.js';

/** A value of a pickle. Lists and tuples are arrays. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | PickleValue[]
  | PickleDict
  | PickleGlobal
  | PickleForeign
  | PickleObject;

export class PickleDict {
  readonly entries = new Map<PickleValue, PickleValue>();
}

/** A global of Python: `torch.FloatStorage`. */
export class PickleGlobal {
  constructor(readonly name: string) {}
}

/** What a global that the reader does not know would make. It is never made: nothing but its global is kept. */
export class PickleForeign {
  constructor(readonly global: string) {}
}

/** What a reader makes of a call, or of a persistent id. */
export abstract class PickleObject {
  abstract readonly kind: string;
}

/** What the globals and persistent ids of a pickle mean. */
export interface PickleReader {
  /** Whether the reader knows what a call of a global gives. A call of any other global gives a PickleForeign. */
  knows(global: string): boolean;
  /** The value of a call of a known global; undefined if the arguments are wrong. */
  call(global: string, args: readonly PickleValue[]): PickleValue | undefined;
  /** The value of a persistent id; undefined for an invalid one. */
  persistent(id: PickleValue): PickleValue | undefined;
}

export type PickleReading =
  | { readonly ok: true; readonly value: PickleValue }
  | { readonly ok: false; readonly found: string };

/**
 * Reads Python's pickle format, protocols 2 to 5 (docs.python.org, "pickle"; CPython's pickletools.py describes the
 * opcodes), as data. It never imports or calls anything. The reader defines what a call of the few globals that it knows
 * means. A call of any other global gives a PickleForeign, and so does everything that is done with it.
 */
export function readPickle(bytes: Uint8Array, reader: PickleReader): PickleReading {
  try {
    return { ok: true, value: new Machine(new PickleBytes(bytes), reader).run() };
  } catch (error) {
    if (error instanceof PickleDamage) return { ok: false, found: error.message };
    throw error;
  }
}

/** The mark on the stack before the items of a list, a tuple or a dict. */
const MARK = Symbol('mark');
const STOP = 0x2e;

class Machine {
  private readonly stack: (PickleValue | typeof MARK)[] = [];
  private readonly memo = new Map<number, PickleValue>();

  constructor(
    private readonly bytes: PickleBytes,
    private readonly reader: PickleReader,
  ) {}

  run(): PickleValue {
    for (;;) {
      const at = this.bytes.position;
      const opcode = this.bytes.number(1);
      if (opcode === STOP) return this.pop();
      if (this.constant(opcode) || this.collection(opcode) || this.reference(opcode)) continue;
      throw new PickleDamage(`the unknown opcode 0x${opcode.toString(16).padStart(2, '0')} at byte ${at}`);
    }
  }

  /** Opcodes that push a constant: a number, a text, bytes. */
  private constant(opcode: number): boolean {
    const { bytes, stack } = this;
    switch (opcode) {
      case 0x80: // PROTO
        bytes.take(1);
        return true;
      case 0x95: // FRAME
        bytes.take(8);
        return true;
      case 0x4e: // NONE
        stack.push(null);
        return true;
      case 0x88: // NEWTRUE
        stack.push(true);
        return true;
      case 0x89: // NEWFALSE
        stack.push(false);
        return true;
      case 0x4b: // BININT1
        stack.push(bytes.number(1));
        return true;
      case 0x4d: // BININT2
        stack.push(bytes.number(2));
        return true;
      case 0x4a: // BININT
        stack.push(bytes.number(4) | 0);
        return true;
      case 0x8a: // LONG1
        stack.push(bytes.long(bytes.number(1)));
        return true;
      case 0x8b: // LONG4
        stack.push(bytes.long(bytes.number(4)));
        return true;
      case 0x47: // BINFLOAT
        stack.push(bytes.real());
        return true;
      case 0x8c: // SHORT_BINUNICODE
        stack.push(bytes.text(bytes.number(1)));
        return true;
      case 0x58: // BINUNICODE
        stack.push(bytes.text(bytes.number(4)));
        return true;
      case 0x8d: // BINUNICODE8
        stack.push(bytes.text(bytes.length()));
        return true;
      case 0x55: // SHORT_BINSTRING, a text of Python 2
        stack.push(bytes.text(bytes.number(1)));
        return true;
      case 0x54: // BINSTRING
        stack.push(bytes.text(bytes.number(4)));
        return true;
      case 0x43: // SHORT_BINBYTES
        stack.push(bytes.take(bytes.number(1)));
        return true;
      case 0x42: // BINBYTES
        stack.push(bytes.take(bytes.number(4)));
        return true;
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        stack.push(bytes.take(bytes.length()));
        return true;
      default:
        return false;
    }
  }

  /** Opcodes of lists, tuples, sets and dicts. */
  private collection(opcode: number): boolean {
    const { stack } = this;
    switch (opcode) {
      case 0x28: // MARK
        stack.push(MARK);
        return true;
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
      case 0x8f: // EMPTY_SET
        stack.push([]);
        return true;
      case 0x74: // TUPLE
      case 0x91: // FROZENSET
        stack.push(this.popToMark());
        return true;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        stack.push(this.popMany(opcode - 0x84));
        return true;
      case 0x61: // APPEND
        this.append([this.pop()]);
        return true;
      case 0x65: // APPENDS
      case 0x90: // ADDITEMS
        this.append(this.popToMark());
        return true;
      case 0x7d: // EMPTY_DICT
        stack.push(new PickleDict());
        return true;
      case 0x73: // SETITEM
        this.setItems(this.popMany(2));
        return true;
      case 0x75: // SETITEMS
        this.setItems(this.popToMark());
        return true;
      default:
        return false;
    }
  }

  /** Opcodes of the memo and the stack, of globals, and of calls. */
  private reference(opcode: number): boolean {
    const { bytes, stack, memo } = this;
    switch (opcode) {
      case 0x30: // POP
        this.stack.pop();
        return true;
      case 0x31: // POP_MARK
        this.popToMark();
        return true;
      case 0x71: // BINPUT
        memo.set(bytes.number(1), this.top());
        return true;
      case 0x72: // LONG_BINPUT
        memo.set(bytes.number(4), this.top());
        return true;
      case 0x94: // MEMOIZE
        memo.set(memo.size, this.top());
        return true;
      case 0x68: // BINGET
        stack.push(this.remembered(bytes.number(1)));
        return true;
      case 0x6a: // LONG_BINGET
        stack.push(this.remembered(bytes.number(4)));
        return true;
      case 0x63: // GLOBAL
        stack.push(this.global(bytes.line(), bytes.line()));
        return true;
      case 0x93: {
        // STACK_GLOBAL
        const [module, name] = this.popMany(2);
        if (typeof module !== 'string' || typeof name !== 'string') {
          throw new PickleDamage('a global without a name');
        }
        stack.push(this.global(module, name));
        return true;
      }
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const [callee, args] = this.popMany(2);
        stack.push(this.called(callee, args));
        return true;
      }
      case 0x92: {
        // NEWOBJ_EX: with named arguments
        const [callee, args] = this.popMany(3);
        stack.push(this.called(callee, args));
        return true;
      }
      case 0x62: // BUILD: attributes, such as the versions of a state dict's layers. They change no value.
        this.pop();
        this.top();
        return true;
      case 0x51: {
        // BINPERSID
        const value = this.reader.persistent(this.pop());
        if (value === undefined) throw new PickleDamage('a persistent id that is not a storage');
        stack.push(value);
        return true;
      }
      default:
        return false;
    }
  }

  private global(module: string, name: string): PickleGlobal {
    return new PickleGlobal(`${module}.${name}`);
  }

  private called(callee: PickleValue | undefined, args: PickleValue | undefined): PickleValue {
    if (callee instanceof PickleForeign) return callee;
    if (callee instanceof PickleGlobal && !this.reader.knows(callee.name)) {
      return new PickleForeign(callee.name);
    }
    if (!(callee instanceof PickleGlobal) || !Array.isArray(args)) {
      throw new PickleDamage('a call of something that is not a function');
    }
    const value = this.reader.call(callee.name, args);
    if (value === undefined) throw new PickleDamage(`wrong arguments of ${callee.name}`);
    return value;
  }

  private append(items: readonly PickleValue[]): void {
    const list = this.top();
    if (list instanceof PickleForeign) return;
    if (!Array.isArray(list)) throw new PickleDamage('items of something that is not a list');
    for (const item of items) list.push(item);
  }

  private setItems(items: readonly PickleValue[]): void {
    const dict = this.top();
    if (dict instanceof PickleForeign) return;
    if (!(dict instanceof PickleDict) || items.length % 2 !== 0) {
      throw new PickleDamage('items of something that is not a dict');
    }
    for (let i = 0; i + 1 < items.length; i += 2) {
      const [key, value] = [items[i], items[i + 1]];
      if (key !== undefined && value !== undefined) dict.entries.set(key, value);
    }
  }

  private top(): PickleValue {
    const value = this.stack.at(-1);
    if (value === undefined || value === MARK) throw new PickleDamage('an empty stack');
    return value;
  }

  private pop(): PickleValue {
    const value = this.top();
    this.stack.pop();
    return value;
  }

  private popMany(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  private popToMark(): PickleValue[] {
    const at = this.stack.lastIndexOf(MARK);
    if (at < 0) throw new PickleDamage('no mark on the stack');
    // There is no other mark after the last one; the filter only tells the types.
    return this.stack.splice(at).filter((item): item is PickleValue => item !== MARK);
  }

  private remembered(index: number): PickleValue {
    const value = this.memo.get(index);
    if (value === undefined) throw new PickleDamage(`no value in the memo at ${index}`);
    return value;
  }
}
