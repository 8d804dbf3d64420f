"""TIFF by hand, as TIFF 6.0 and its supplements describe it: all of photometric x bits x bands x planar x byte order x
compression x blocks x kind of numbers. tifffile or libtiff check the files that they can read."""
import itertools, struct, zlib
import imagecodecs
import numpy as np
import tifffile

H, W = 5, 7
R = np.random.default_rng(7)

MINISWHITE, MINISBLACK, RGB, PALETTE = 0, 1, 2, 3
NONE, LZW, DEFLATE, PACKBITS, ZSTD = 1, 5, 8, 32773, 50000
PACKED = {
    NONE: bytes,
    LZW: imagecodecs.lzw_encode,
    DEFLATE: zlib.compress,
    PACKBITS: None,
    ZSTD: imagecodecs.zstd_encode,
}
NAMES = {NONE: 'none', LZW: 'lzw', DEFLATE: 'deflate', PACKBITS: 'packbits', ZSTD: 'zstd'}
UINT, INT, FLOAT = 1, 2, 3


def pack_bits(row):
    """Literal runs alone, of at most 128 bytes: also valid."""
    return b''.join(bytes([len(row[i:i + 128]) - 1]) + row[i:i + 128] for i in range(0, len(row), 128))


def rows_of(samples, bits, order):
    """Rows of numbers as bytes; each row begins at a byte."""
    if bits % 8 == 0:
        return [row.astype(row.dtype.newbyteorder(order)).tobytes() for row in samples]
    shifts = np.arange(bits - 1, -1, -1)
    return [np.packbits((row.astype(np.int64)[:, None] >> shifts & 1).astype(np.uint8).ravel()).tobytes() for row in samples]


def packed(rows, compression):
    if compression == PACKBITS:
        return b''.join(pack_bits(row) for row in rows)
    return PACKED[compression](b''.join(rows))


def blocks_of(image, bits, order, compression, tile, rows):
    """`image` is (y, x, samples of a pixel): its strips or tiles."""
    if tile:
        height, width = -(-image.shape[0] // tile) * tile, -(-image.shape[1] // tile) * tile
        full = np.zeros((height, width, image.shape[2]), image.dtype)
        full[:image.shape[0], :image.shape[1]] = image
        parts = [full[y:y + tile, x:x + tile] for y in range(0, height, tile) for x in range(0, width, tile)]
    else:
        parts = [image[y:y + rows] for y in range(0, image.shape[0], rows)]
    return [packed(rows_of(part.reshape(part.shape[0], -1), bits, order), compression) for part in parts]


def write(path, stored, bits, photometric, planar, order, compression, tile, kind):
    """`stored` is (bands, y, x)."""
    bands = stored.shape[0]
    rows = 2
    images = [np.moveaxis(stored, 0, -1)] if planar == 1 else [one[..., None] for one in stored]
    blocks = [block for image in images for block in blocks_of(image, bits, order, compression, tile, rows)]
    data, places = b'', []
    for block in blocks:
        places.append(8 + len(data))
        data += block + b'\0' * (len(block) % 2)
    tags = [(256, 4, [W]), (257, 4, [H]), (258, 3, [bits] * bands), (259, 3, [compression]), (262, 3, [photometric]),
            (277, 3, [bands]), (284, 3, [planar]), (339, 3, [kind] * bands)]
    counts = [len(block) for block in blocks]
    tags += [(322, 4, [tile]), (323, 4, [tile]), (324, 4, places), (325, 4, counts)] if tile else [(273, 4, places), (278, 4, [rows]), (279, 4, counts)]
    colours = 3 if photometric == RGB else 1
    if bands > colours:
        tags.append((338, 3, [0] * (bands - colours)))
    if photometric == PALETTE:
        tags.append((320, 3, R.integers(0, 65536, 3 * 2 ** bits).tolist()))
    tags.sort()
    start = 8 + len(data)
    extra_at = start + 2 + 12 * len(tags) + 4
    entries, extra = b'', b''
    for tag, type_, values in tags:
        value = struct.pack(order + str(len(values)) + ('H' if type_ == 3 else 'I'), *values)
        if len(value) > 4:
            entries += struct.pack(order + 'HHII', tag, type_, len(values), extra_at + len(extra))
            extra += value + b'\0' * (len(value) % 2)
        else:
            entries += struct.pack(order + 'HHI', tag, type_, len(values)) + value.ljust(4, b'\0')
    head = struct.pack(order + '2sHI', b'II' if order == '<' else b'MM', 42, start)
    with open(path, 'wb') as file:
        file.write(head + data + struct.pack(order + 'H', len(tags)) + entries + bytes(4) + extra)


def numbers(kind, bits, shape):
    if kind == FLOAT:
        return R.normal(size=shape).astype(f'float{bits}')
    size = 8 if bits <= 8 else 16 if bits <= 16 else 32 if bits <= 32 else 64
    if kind == INT:
        return R.integers(-(2 ** (bits - 1)), 2 ** (bits - 1), shape, dtype=np.int64).astype(f'int{size}')
    return R.integers(0, 2 ** bits, shape, dtype=np.uint64, endpoint=False).astype(f'uint{size}') if bits < 64 else R.integers(0, 2 ** 63, shape, dtype=np.uint64)


def members():
    kinds = [(UINT, b) for b in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 32, 64)] + [(INT, b) for b in (8, 16, 32, 64)] + [(FLOAT, b) for b in (16, 32, 64)]
    for photometric, bands in ((MINISWHITE, 1), (MINISBLACK, 1), (MINISBLACK, 2), (MINISBLACK, 3), (MINISBLACK, 4), (MINISBLACK, 5), (MINISBLACK, 6), (MINISBLACK, 13), (MINISWHITE, 2), (RGB, 3), (RGB, 4), (RGB, 5), (PALETTE, 1)):
        for kind, bits in kinds:
            if photometric == PALETTE and (kind != UINT or bits not in (1, 2, 4, 8, 16)):
                continue
            for planar, order, compression, tile in itertools.product((1, 2), '<>', PACKED, (0, 16)):
                if planar == 2 and bands == 1:
                    continue
                yield photometric, bands, kind, bits, planar, order, compression, tile


def make(c):
    for member in members():
        photometric, bands, kind, bits, planar, order, compression, tile = member
        stored = numbers(kind, bits, (bands, H, W))
        name = f'p{photometric}-b{bands}-{"?uif"[kind]}{bits}-{"chunky" if planar == 1 else "planar"}-{"le" if order == "<" else "be"}-{NAMES[compression]}{"-tiled" if tile else ""}.tif'
        write(c.path(name), stored, bits, photometric, planar, order, compression, tile, kind)
        if bits % 8 == 0:
            read = tifffile.imread(c.path(name))
            wanted = stored[0] if bands == 1 else stored if planar == 2 else np.moveaxis(stored, 0, -1)
            assert np.array_equal(read, wanted), name
        axes = 'yx' if bands == 1 else ['channel', 'y', 'x']
        c.add(name, stored[0] if bands == 1 else stored, axes, bits=bits)
