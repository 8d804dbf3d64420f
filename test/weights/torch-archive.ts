/** A value of a pickle: JSON, a tensor, or a call of a global. */
export type Pickled =
  | null
  | boolean
  | number
  | string
  | readonly Pickled[]
  | Tensor
  | Call
  | Global
  | Persistent
  | { readonly [key: string]: Pickled };

export class Tensor {
  constructor(
    readonly key: string,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
    readonly options: {
      offset?: number;
      count?: number;
      type?: string;
      /** The seventh argument of _rebuild_tensor_v2. */
      metadata?: Pickled;
      /** The type of _rebuild_tensor_v3, whose storage is of bytes. */
      dtype?: string;
    } = {},
  ) {}
}

export class Call {
  constructor(
    /** The name of a global, or a call that gives something to call. */
    readonly callee: string | Call,
    readonly args: readonly Pickled[],
    /** What is done with the result: attributes (BUILD), items of a list or of a dict. */
    readonly then: { readonly build?: Pickled; readonly append?: Pickled; readonly set?: Pickled } = {},
    /** NEWOBJ in place of REDUCE. */
    readonly isNew = false,
  ) {}
}

/** A global that is a value itself: a class, a function, a dtype. */
export class Global {
  constructor(readonly name: string) {}
}

/** What a persistent id stands for: a storage. */
export class Persistent {
  constructor(readonly id: readonly Pickled[]) {}
}

/** A pickle of protocol 2 in the opcodes that torch.save uses, by hand. */
export function pickle(value: Pickled): Uint8Array {
  const bytes: number[] = [0x80, 2];
  write(value);
  bytes.push(0x2e);
  return Uint8Array.from(bytes);

  function global(name: string): void {
    const dot = name.lastIndexOf('.');
    bytes.push(0x63, ...Buffer.from(`${name.slice(0, dot)}\n${name.slice(dot + 1)}\n`));
  }

  function tuple(items: readonly Pickled[]): void {
    bytes.push(0x28);
    for (const item of items) write(item);
    bytes.push(0x74);
  }

  function write(item: Pickled): void {
    if (item === null) bytes.push(0x4e);
    else if (typeof item === 'boolean') bytes.push(item ? 0x88 : 0x89);
    else if (item instanceof Global) global(item.name);
    else if (item instanceof Persistent) {
      tuple(item.id);
      bytes.push(0x51);
    } else if (typeof item === 'number') {
      bytes.push(0x4a, ...new Uint8Array(Int32Array.of(item).buffer));
    } else if (typeof item === 'string') {
      const text = Buffer.from(item);
      bytes.push(0x58, ...new Uint8Array(Uint32Array.of(text.length).buffer), ...text);
    } else if (item instanceof Tensor) {
      const { key, shape, strides, options } = item;
      const { offset = 0, count = 100, metadata, dtype } = options;
      const { type = dtype === undefined ? 'torch.FloatStorage' : 'torch.storage.UntypedStorage' } = options;
      global(`torch._utils._rebuild_tensor_v${dtype === undefined ? 2 : 3}`);
      bytes.push(0x28, 0x28);
      write('storage');
      global(type);
      for (const part of [key, 'cpu', count]) write(part);
      bytes.push(0x74, 0x51);
      write(offset);
      tuple(shape);
      tuple(strides);
      bytes.push(0x89);
      write(new Call('collections.OrderedDict', []));
      if (dtype !== undefined) global(dtype);
      if (metadata !== undefined) write(metadata);
      bytes.push(0x74, 0x52);
    } else if (item instanceof Call) {
      if (typeof item.callee === 'string') global(item.callee);
      else write(item.callee);
      tuple(item.args);
      bytes.push(item.isNew ? 0x81 : 0x52);
      const { build, append, set } = item.then;
      for (const [opcode, value] of [
        [0x62, build],
        [0x61, append],
      ] as const) {
        if (value === undefined) continue;
        write(value);
        bytes.push(opcode);
      }
      if (set !== undefined) {
        write('key');
        write(set);
        bytes.push(0x73);
      }
    } else if (Array.isArray(item)) {
      bytes.push(0x5d, 0x28);
      for (const one of item) write(one);
      bytes.push(0x65);
    } else {
      bytes.push(0x7d, 0x28);
      for (const [key, one] of Object.entries(item)) {
        write(key);
        write(one);
      }
      bytes.push(0x75);
    }
  }
}

export interface ZipFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** 0: as it is; 8: deflated (the bytes are not looked at). */
  readonly method?: number;
  /** How many bytes they are without compression; the number of `bytes` when left out. */
  readonly size?: number;
}

/** A zip archive by hand: PKWARE's APPNOTE.TXT, 4.3. With `wide`, all sizes and places are in 64 bits. */
export function zip(files: readonly ZipFile[], { wide = false, comment = '' } = {}): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let position = 0;
  for (const { name, bytes, method = 0, size = bytes.length } of files) {
    const text = Buffer.from(name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(text.length, 26);
    // An extra field that only the local head has, as PyTorch pads with.
    local.writeUInt16LE(7, 28);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(wide ? 0xffffffff : bytes.length, 20);
    central.writeUInt32LE(wide ? 0xffffffff : size, 24);
    central.writeUInt16LE(text.length, 28);
    central.writeUInt16LE(wide ? 34 : 0, 30);
    central.writeUInt32LE(wide ? 0xffffffff : position, 42);
    const extra = Buffer.alloc(wide ? 34 : 0);
    if (wide) {
      // Another extra field first.
      extra.writeUInt16LE(0x5455, 0);
      extra.writeUInt16LE(2, 2);
      extra.writeUInt16LE(1, 6);
      extra.writeUInt16LE(24, 8);
      for (const [i, value] of [size, bytes.length, position].entries()) {
        extra.writeBigUInt64LE(BigInt(value), 10 + 8 * i);
      }
    }
    directory.push(central, text, extra);
    parts.push(local, text, Buffer.alloc(7), Buffer.from(bytes));
    position += 37 + text.length + bytes.length;
  }
  const list = Buffer.concat(directory);
  const tail: Buffer[] = [];
  if (wide) {
    const end64 = Buffer.alloc(56);
    end64.writeUInt32LE(0x06064b50, 0);
    end64.writeBigUInt64LE(BigInt(files.length), 32);
    end64.writeBigUInt64LE(BigInt(list.length), 40);
    end64.writeBigUInt64LE(BigInt(position), 48);
    const locator = Buffer.alloc(20);
    locator.writeUInt32LE(0x07064b50, 0);
    locator.writeBigUInt64LE(BigInt(position + list.length), 8);
    tail.push(end64, locator);
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(wide ? 0xffff : files.length, 10);
  end.writeUInt32LE(wide ? 0xffffffff : list.length, 12);
  end.writeUInt32LE(wide ? 0xffffffff : position, 16);
  end.writeUInt16LE(comment.length, 20);
  return new Uint8Array(Buffer.concat([...parts, list, ...tail, end, Buffer.from(comment)]));
}

/** An archive as torch.save writes it: a pickle, and storages by key. */
export function archive(
  value: Pickled,
  storages: Readonly<Record<string, Uint8Array>> = {},
  more: readonly ZipFile[] = [],
): readonly ZipFile[] {
  return [
    { name: 'archive/data.pkl', bytes: pickle(value) },
    ...Object.entries(storages).map(([key, bytes]) => ({ name: `archive/data/${key}`, bytes })),
    { name: 'archive/version', bytes: Buffer.from('3\n') },
    ...more,
  ];
}
