"""PNG, GIF, BMP, JPEG and WebP as Pillow, OpenCV's codecs (imagecodecs) and a plain PNG writer write them."""
import itertools, struct, zlib
import numpy as np
from PIL import Image

H, W = 11, 13
R = np.random.default_rng(2)


def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def pack(rows, depth):
    if depth == 16: return [r.astype('>u2').tobytes() for r in rows]
    if depth == 8: return [r.astype('u1').tobytes() for r in rows]
    bits = [np.unpackbits(r.astype('u1')[:, None], axis=1)[:, 8 - depth:].reshape(-1) for r in rows]
    return [np.packbits(b).tobytes() for b in bits]


def filtered(rows, bpp, which):
    out, above = b'', None
    for y, r in enumerate(rows):
        f = y % 5 if which is None else which
        cur = np.frombuffer(r, 'u1').astype(int); up = np.zeros_like(cur) if above is None else above
        left = np.concatenate([np.zeros(bpp, int), cur])[:len(cur)]; corner = np.concatenate([np.zeros(bpp, int), up])[:len(cur)]
        if f == 0: p = 0
        elif f == 1: p = left
        elif f == 2: p = up
        elif f == 3: p = (left + up) // 2
        else:
            e = left + up - corner; a, b, c = abs(e - left), abs(e - up), abs(e - corner)
            p = np.where((a <= b) & (a <= c), left, np.where(b <= c, up, corner))
        out += bytes([f]) + ((cur - p) % 256).astype('u1').tobytes(); above = cur
    return out


def png(path, a, colour, depth, interlace=False, palette=None, trns=None, which=None):
    h, w = a.shape[:2]; s = 1 if a.ndim == 2 else a.shape[2]; bpp = max(1, s * depth // 8)
    flat = a.reshape(h, w, s)
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)] if interlace else [(0, 0, 1, 1)]
    raw = b''
    for x, y, dx, dy in passes:
        part = flat[y::dy, x::dx]
        if part.size: raw += filtered(pack(part.reshape(part.shape[0], -1), depth), bpp, which)
    body = b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', w, h, depth, colour, 0, 0, int(interlace)))
    if palette is not None: body += chunk(b'PLTE', palette.astype('u1').tobytes())
    if trns is not None: body += chunk(b'tRNS', trns)
    z = zlib.compress(raw); body += chunk(b'IDAT', z[:10]) + chunk(b'IDAT', z[10:]) + chunk(b'IEND', b'')
    open(path, 'wb').write(body)


KINDS = {0: ('none', 1, (1, 2, 4, 8, 16)), 2: ('rgb', 3, (8, 16)), 3: ('palette', 1, (1, 2, 4, 8)), 4: ('gray-alpha', 2, (8, 16)), 6: ('rgba', 4, (8, 16))}


def make(c):
    for colour, (name, s, depths) in KINDS.items():
        for depth, inter in itertools.product(depths, (False, True)):
            t = 'uint16' if depth == 16 else 'uint8'
            a = R.integers(0, 2 ** depth, (H, W, s) if s > 1 else (H, W)).astype(t)
            pal = R.integers(0, 256, (2 ** depth, 3)) if colour == 3 else None
            if pal is not None: pal[1] = pal[0]  # two indices of one colour
            n = f'png-{name}-{depth}{"-interlaced" if inter else ""}.png'
            png(c.path(n), a, colour, depth, inter, pal)
            with Image.open(c.path(n)) as im:  # Pillow agrees that the file is valid
                im.load()
                if colour == 3: assert np.array_equal(np.asarray(im), a), n
                elif depth in (8,) : assert np.array_equal(np.asarray(im), a), n
                elif depth == 16 and s == 1: assert np.array_equal(np.asarray(im), a), n
                elif depth < 8: assert np.array_equal(np.asarray(im.convert('L')) // (255 // (2 ** depth - 1)), a), n
            if depth == 16 and s > 1:
                import imagecodecs
                assert np.array_equal(imagecodecs.png_decode(open(c.path(n), 'rb').read()), a), n
            ex = {'palette': pal.tolist()} if pal is not None else {}
            c.add(n, a if s == 1 else np.moveaxis(a, -1, 0), 'yx' if s == 1 else ['channel', 'y', 'x'], fixture=True, colour=name, bits=depth, format='PNG', type=t, **ex)
    for f in range(5):
        a = R.integers(0, 256, (H, W, 3)).astype('uint8'); n = f'png-filter-{f}.png'; png(c.path(n), a, 2, 8, which=f)
        assert np.array_equal(np.asarray(Image.open(c.path(n))), a)
        c.add(n, np.moveaxis(a, -1, 0), ['channel', 'y', 'x'], fixture=True)
    pal = R.integers(0, 256, (4, 3)); a = R.integers(0, 4, (H, W)).astype('uint8')
    png(c.path('png-palette-alpha.png'), a, 3, 2, palette=pal, trns=bytes([0, 128]))
    c.add('png-palette-alpha.png', a, 'yx', fixture=True, notes=['transparent'], palette=[[*p.tolist(), t] for p, t in zip(pal, (0, 128, 255, 255))])
    png(c.path('png-trns.png'), a, 0, 2, trns=struct.pack('>H', 1)); c.add('png-trns.png', a, 'yx', fixture=True, notes=['transparent'])
    for mode, t in (('1', bool), ('L', 'uint8'), ('I;16', 'uint16'), ('P', 'uint8'), ('RGB', 'uint8'), ('RGBA', 'uint8'), ('LA', 'uint8')):
        s = {'RGB': 3, 'RGBA': 4, 'LA': 2}.get(mode, 1)
        a = R.integers(0, 2 if t is bool else np.iinfo(t).max + 1, (H, W, s) if s > 1 else (H, W)).astype(t)
        im = Image.fromarray(a, mode if mode not in ('1', 'I;16', 'P') else None) if mode != 'P' else Image.fromarray(a, 'P')
        if mode == 'P': im.putpalette(R.integers(0, 256, 768).astype('u1').tobytes())
        n = f'pillow-{mode.lower().replace(";", "")}.png'; im.save(c.path(n))
        c.add(n, (a if s == 1 else np.moveaxis(a, -1, 0)).astype('uint16' if t == 'uint16' else 'uint8'), 'yx' if s == 1 else ['channel', 'y', 'x'])
    # GIF: palettes of 2 to 256 colours, long codes, interlace, frames.
    for k, shape in ((2, (H, W)), (3, (H, W)), (16, (40, 50)), (255, (H, W)), (256, (150, 170))):
        a = R.integers(0, k, shape).astype('uint8'); im = Image.fromarray(a, 'P'); im.putpalette(R.integers(0, 256, 3 * k).astype('u1').tobytes())
        for inter in (0, 1):
            n = f'gif-{k}{"-interlaced" if inter else ""}.gif'; im.save(c.path(n), optimize=False, interlace=inter)
            with Image.open(c.path(n)) as got: want = np.asarray(got); pal = np.array(got.getpalette()).reshape(-1, 3)
            assert np.array_equal(pal[want], np.asarray(im.convert('RGB')))
            c.add(n, want, 'yx', fixture=k < 256, colour='palette', format='GIF')
    flat = np.zeros((200, 300), 'uint8'); flat[50:90] = 1; im = Image.fromarray(flat, 'P'); im.putpalette([0, 0, 0, 255, 255, 255]); im.save(c.path('gif-flat.gif'), optimize=False)
    c.add('gif-flat.gif', flat, 'yx')
    frames = [R.integers(0, 4, (H, W)).astype('uint8') for _ in range(3)]; ims = []
    for f in frames:
        i = Image.fromarray(f, 'P'); i.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255]); ims.append(i)
    ims[0].save(c.path('gif-frames.gif'), save_all=True, append_images=ims[1:], optimize=False, disposal=2)
    import imagecodecs
    rgb = imagecodecs.gif_decode(open(c.path('gif-frames.gif'), 'rb').read()); 
    print('gif frames', rgb.shape)
    c.add('gif-frames.gif#1', frames[0], 'yx', page=0)
    # BMP.
    for mode in ('1', 'L', 'P', 'RGB', 'RGBA'):
        s = {'RGB': 3, 'RGBA': 4}.get(mode, 1)
        a = R.integers(0, 2 if mode == '1' else 256, (H, W, s) if s > 1 else (H, W)).astype(bool if mode == '1' else 'uint8')
        im = Image.fromarray(a, 'P') if mode == 'P' else Image.fromarray(a)
        pal = None
        if mode == 'P': pal = R.integers(0, 256, (256, 3)); im.putpalette(pal.astype('u1').tobytes())
        n = f'bmp-{mode.lower()}.bmp'; im.save(c.path(n))
        # The fourth byte of 32 bits has no meaning without a mask of alpha, so Pillow reads RGB.
        with Image.open(c.path(n)) as got: b = np.asarray(got)
        assert np.array_equal(b, a[..., :3] if mode == 'RGBA' else a), n
        if mode == 'RGBA': a, mode = b, 'RGB'
        ex = {'palette': pal.tolist()} if pal is not None else {}
        c.add(n, (a if s == 1 else np.moveaxis(a, -1, 0)).astype('uint8'), 'yx' if s == 1 else ['channel', 'y', 'x'], fixture=True, colour='palette' if s == 1 else mode.lower(), **ex)
    a = R.integers(0, 16, (H, W)).astype('uint8')
    def bmp(n, bits, comp, data, w=W, h=H, colours=0, masks=b''):
        pal = np.zeros((2 ** bits if bits <= 8 else 0, 4), 'u1')
        for i in range(len(pal)): pal[i, :3] = i
        off = 54 + len(masks) + pal.size
        open(c.path(n), 'wb').write(struct.pack('<2sIHHI', b'BM', off + len(data), 0, 0, off) + struct.pack('<IiiHHIIiiII', 40, w, h, 1, bits, comp, len(data), 0, 0, colours, 0) + masks + pal.tobytes() + data)
    def rows4(x): return b''.join((bytes(int(p) << 4 | int(q) for p, q in zip(r[::2], list(r[1::2]) + [0]))).ljust(-(-len(r) * 4 // 32) * 4, b'\0') for r in x)
    bmp('bmp-4.bmp', 4, 0, rows4(a[::-1])); c.add('bmp-4.bmp', a, 'yx', fixture=True, bits=4)
    bmp('bmp-4-topdown.bmp', 4, 0, rows4(a), h=-H); c.add('bmp-4-topdown.bmp', a, 'yx', fixture=True, bits=4)
    for bits in (4, 8):
        data = b''
        for y, r in enumerate(a[::-1]):
            i = 0
            if y % 2:  # absolute
                k = W; body = bytes(r) if bits == 8 else bytes(int(p) << 4 | int(q) for p, q in zip(r[::2], list(r[1::2]) + [0]))
                data += bytes([0, k]) + body + b'\0' * (len(body) % 2)
            else:
                for v in r: data += bytes([1, int(v) if bits == 8 else int(v) << 4])
            data += b'\0\0'
        n = f'bmp-rle{bits}.bmp'; bmp(n, bits, 1 if bits == 8 else 2, data + b'\0\1')
        c.add(n, a, 'yx', fixture=True, bits=bits)
    rgb16 = R.integers(0, 32, (H, W, 3)).astype('uint16')
    v = (rgb16[..., 0] << 10 | rgb16[..., 1] << 5 | rgb16[..., 2]).astype('<u2')
    bmp('bmp-555.bmp', 16, 0, b''.join(r.tobytes().ljust(-(-W * 16 // 32) * 4, b'\0') for r in v[::-1]))
    c.add('bmp-555.bmp', np.moveaxis(rgb16, -1, 0).astype('uint8'), ['channel', 'y', 'x'], fixture=True, bits=5)
    v = (rgb16[..., 0] << 11 | rgb16[..., 1] << 5 | rgb16[..., 2]).astype('<u2')
    bmp('bmp-565.bmp', 16, 3, b''.join(r.tobytes().ljust(-(-W * 16 // 32) * 4, b'\0') for r in v[::-1]), masks=struct.pack('<III', 0xf800, 0x7e0, 0x1f))
    c.add('bmp-565.bmp', np.moveaxis(rgb16, -1, 0).astype('uint8'), ['channel', 'y', 'x'], fixture=True, bits=6)
    # JPEG and WebP.
    yy, xx = np.mgrid[0:48, 0:64]; smooth = np.stack([yy * 3 % 256, xx * 2 % 256, (yy + xx) % 256], -1).astype('uint8')
    for mode, a in (('L', smooth[..., 0]), ('RGB', smooth)):
        for prog in (False, True):
            n = f'jpeg-{mode.lower()}{"-progressive" if prog else ""}.jpg'; Image.fromarray(a).save(c.path(n), quality=95, progressive=prog)
            b = np.asarray(Image.open(c.path(n)))
            c.add(n, b if b.ndim == 2 else np.moveaxis(b, -1, 0), 'yx' if b.ndim == 2 else ['channel', 'y', 'x'], fixture=not prog, tolerance=1, colour='none' if b.ndim == 2 else 'rgb', notes=['lossy'])
    Image.fromarray(smooth).convert('CMYK').save(c.path('cmyk.jpg')); c.refused('cmyk.jpg', 'layout-unread', fixture=True)
    ex = Image.Exif(); ex[274] = 6; Image.fromarray(smooth).save(c.path('turned.jpg'), exif=ex)
    c.add('turned.jpg', np.moveaxis(np.asarray(Image.open(c.path('turned.jpg'))), -1, 0), ['channel', 'y', 'x'], tolerance=1, notes=['lossy', 'turned-when-shown'])
    for mode in ('RGB', 'RGBA'):
        a = R.integers(0, 256, (H, W, len(mode))).astype('uint8')
        if mode == 'RGBA': a[..., 3] |= 1
        n = f'webp-{mode.lower()}.webp'; Image.fromarray(a).save(c.path(n), lossless=True, exact=True)
        c.add(n, np.moveaxis(a, -1, 0), ['channel', 'y', 'x'], fixture=True, colour=mode.lower())
    Image.fromarray(smooth).save(c.path('webp-lossy.webp')); b = np.asarray(Image.open(c.path('webp-lossy.webp')))
    c.add('webp-lossy.webp', np.moveaxis(b, -1, 0), ['channel', 'y', 'x'], tolerance=1, notes=['lossy'])
    # Content counts, not the ending; and what is not read is named.
    png(c.path('really-png.nii'), R.integers(0, 256, (H, W)).astype('uint8'), 0, 8)
    c.add('really-png.nii', np.asarray(Image.open(c.path('really-png.nii'))), 'yx', fixture=True, format='PNG')
    open(c.path('a_mask.xyz'), 'wb').write(b'hello world, what is this?'); c.refused('a_mask.xyz', 'format-unread', fixture=True)
    open(c.path('not.png'), 'wb').write(b'hello world, what is this?'); c.refused('not.png', 'header-damaged', fixture=True)
    open(c.path('empty.png'), 'wb').write(b''); c.refused('empty.png', 'file-empty', fixture=True)
    # Frames that show what has changed: each is the whole picture, as Pillow shows it.
    k = 4; colours = R.integers(0, 256, (k, 3)); colours[:, 0] = np.arange(k)
    for disposal, step in itertools.product((0, 1, 2), (1, 3)):
        whole = [R.integers(0, k, (H, W)).astype('uint8')]
        for j in range(1, 5):
            f = whole[-1].copy(); f[j:j + 3, 2 * j:2 * j + step] = (f[j:j + 3, 2 * j:2 * j + step] + 1) % k; whole.append(f)
        ims = []
        for f in whole:
            i = Image.fromarray(f, 'P'); i.putpalette(colours.astype('u1').tobytes()); ims.append(i)
        n = f'gif-changes-{disposal}-{step}.gif'; ims[0].save(c.path(n), save_all=True, append_images=ims[1:], optimize=False, disposal=disposal)
        shown = []
        with Image.open(c.path(n)) as got:
            for j in range(got.n_frames): got.seek(j); shown.append(np.asarray(got.convert('RGB')))
        stack = np.stack([s[..., 0] for s in shown]); assert np.array_equal(stack, np.stack(whole))
        c.add(n, stack, ['page', 'y', 'x'], fixture=True, colour='palette')
        for j in (1, 4): c.add(f'{n}#{j}', stack[j], 'yx', fixture=True, page=j)
    frames = [Image.fromarray(R.integers(0, 256, (H, W)).astype('uint8')) for _ in range(3)]
    for default in (False, True):
        n = f'apng{"-default" if default else ""}.png'; frames[0].save(c.path(n), save_all=True, append_images=frames[1:], default_image=default)
        c.add(n, np.asarray(frames[0]), 'yx', fixture=True, notes=['other-images'])
