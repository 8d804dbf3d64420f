/** A compression of TIFF, by the value of its tag. */
export interface Compression {
  readonly name: string;
  /** Who decodes it: this package a block at a time, sharp a page at a time, or nobody. */
  readonly by: 'blocks' | 'sharp' | undefined;
  readonly lossy: boolean;
  /** How many bytes one compressed byte can stand for. */
  readonly ratio: number;
  /** Whether what is decoded has all colours at full resolution, whatever the file stores. */
  readonly wholeColours: boolean;
}

const block = (name: string, ratio: number): Compression => ({
  name,
  by: 'blocks',
  lossy: false,
  ratio,
  wholeColours: false,
});
const lossyBlock = (name: string, ratio: number): Compression => ({
  name,
  by: 'blocks',
  lossy: true,
  ratio,
  wholeColours: true,
});
const page = (name: string, ratio: number, lossy = false): Compression => ({
  name,
  by: 'sharp',
  lossy,
  ratio,
  wholeColours: true,
});
const unread = (name: string): Compression => ({
  name,
  by: undefined,
  lossy: false,
  ratio: Number.POSITIVE_INFINITY,
  wholeColours: true,
});

/** A constant block of LERC is a few bytes for any size, so its claim is held by the decoder's own check. */
const BOUNDLESS = 2 ** 22;

const COMPRESSIONS: Readonly<Record<number, Compression>> = {
  1: block('none', 1),
  2: page('CCITT RLE', 2048),
  3: page('CCITT group 3', 2048),
  // A line equal to the one before takes one bit, whatever its width.
  4: page('CCITT group 4', 65536),
  // A code of 12 bits stands for at most 4,096 bytes.
  5: block('LZW', 2731),
  6: unread('old-style JPEG'),
  // Two bits for a block of 64 samples, of three components.
  7: lossyBlock('JPEG', 4096),
  8: block('deflate', 1032),
  // A packet of 2 bytes stands for at most 128.
  32773: block('PackBits', 64),
  32946: block('deflate', 1032),
  34661: unread('JBIG'),
  34887: { ...block('LERC', BOUNDLESS), lossy: false },
  34925: unread('LZMA'),
  33003: unread('JPEG 2000'),
  33005: unread('JPEG 2000'),
  34712: unread('JPEG 2000'),
  34892: unread('lossy JPEG of DNG'),
  34933: unread('PNG'),
  34934: unread('JPEG XR'),
  // Four bytes stand for a block of at most 128 KiB.
  50000: block('ZSTD', 32768),
  50001: page('WebP', 4096, true),
  50002: unread('JPEG XL'),
};

export function compressionOf(value: number): Compression {
  return COMPRESSIONS[value] ?? unread(`method ${value}`);
}
