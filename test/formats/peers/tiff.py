"""TIFF as tifffile and Pillow write it: photometric x bits x bands x planar x byte order x compression x type."""
import itertools
import numpy as np, tifffile
from PIL import Image

H, W = 5, 7
R = np.random.default_rng(1)
TYPES = ['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'uint64', 'int64', 'float16', 'float32', 'float64']


def values(dtype, shape):
    if dtype == 'bool':
        return R.integers(0, 2, shape).astype(bool)
    if np.dtype(dtype).kind == 'f':
        a = R.normal(size=shape).astype(dtype)
        a.flat[0] = np.nan
        a.flat[-1] = np.inf
        return a
    info = np.iinfo(dtype)
    a = R.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
    a.flat[0], a.flat[1] = info.min, info.max
    return a


def make(c):
    # Types x byte order x classic and Big.
    for t, e, big in itertools.product(TYPES, '<>', (False, True)):
        a = values(t, (H, W)); n = f'type-{t}-{"be" if e == ">" else "le"}{"-big" if big else ""}.tif'
        tifffile.imwrite(c.path(n), a, byteorder=e, bigtiff=big)
        c.add(n, a, 'yx', fixture=not big, format='TIFF')
    # Bits that do not fill bytes.
    for bits, planar in itertools.product((1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15), ('contig', 'separate')):
        for bands in (1, 3):
            t = 'uint8' if bits <= 8 else 'uint16'
            if bands == 1 and planar == 'separate': continue
            shape = (H, W) if bands == 1 else ((H, W, 3) if planar == 'contig' else (3, H, W))
            a = R.integers(0, 2 ** bits, shape).astype(t)
            n = f'bits-{bits}-{bands}-{planar}.tif'
            kw = dict(photometric='minisblack') if bands == 1 else dict(photometric='rgb', planarconfig=planar)
            try:
                tifffile.imwrite(c.path(n), a.astype(bool) if bits == 1 else a, bitspersample=bits if bits > 1 else None, **kw)
            except Exception as error:
                print('tifffile cannot write', n, error); continue
            if bits == 1 and bands == 3: continue
            want = a if bands == 1 or planar == 'separate' else np.moveaxis(a, -1, 0)
            c.add(n, want, 'yx' if bands == 1 else ['channel', 'y', 'x'], fixture=bands == 1 or bits == 12, bits=bits, type=t)
    # Bands x planar x photometric.
    for bands, planar, t in itertools.product((2, 3, 4, 5, 6, 13), ('contig', 'separate'), ('uint8', 'uint16', 'float32')):
        a = values(t, (H, W, bands)); n = f'bands-{bands}-{planar}-{t}.tif'
        tifffile.imwrite(c.path(n), a if planar == 'contig' else np.moveaxis(a, -1, 0), photometric='minisblack', planarconfig=planar)
        c.add(n, np.moveaxis(a, -1, 0), ['channel', 'y', 'x'], fixture=t == 'uint16', colour='samples')
    for bands, planar in itertools.product((3, 4), ('contig', 'separate')):
        a = values('uint8', (H, W, bands)); n = f'rgb-{bands}-{planar}.tif'
        tifffile.imwrite(c.path(n), a if planar == 'contig' else np.moveaxis(a, -1, 0), photometric='rgb', planarconfig=planar, extrasamples=['unassalpha'] if bands == 4 else None)
        c.add(n, np.moveaxis(a, -1, 0), ['channel', 'y', 'x'], fixture=True, colour='rgb' if bands == 3 else 'rgba')
    for t, ph in itertools.product(('bool', 'uint8', 'uint16'), ('miniswhite', 'minisblack')):
        a = values(t, (H, W)); n = f'photometric-{ph}-{t}.tif'
        tifffile.imwrite(c.path(n), a, photometric=ph)
        c.add(n, a.astype('uint8') if t == 'bool' else a, 'yx', fixture=True, type='uint8' if t == 'bool' else t,
              notes=['white-is-zero'] if ph == 'miniswhite' else [])
    a = R.integers(0, 2, (H, W)).astype(bool); tifffile.imwrite(c.path('boolmask.tif'), a)
    c.add('boolmask.tif', a.astype('uint8'), 'yx', fixture=True, type='uint8')
    for bits in (8, 16):
        a = R.integers(0, 2 ** bits, (H, W)).astype(f'uint{bits}'); n = f'palette-{bits}.tif'
        tifffile.imwrite(c.path(n), a, photometric='palette', colormap=R.integers(0, 65536, (3, 2 ** bits)).astype('uint16'))
        c.add(n, a, 'yx', fixture=bits == 8, colour='palette')
    cmyk = values('uint8', (H, W, 4)); tifffile.imwrite(c.path('cmyk.tif'), cmyk, photometric='separated')
    c.add('cmyk.tif', np.moveaxis(cmyk, -1, 0), ['channel', 'y', 'x'], fixture=True, colour='cmyk')
    # Compressions x predictors x types x strips and tiles x byte order x planar.
    big = (19, 23)
    for comp, pred, t, tile, e in itertools.product(('lzw', 'deflate', 'packbits', 'zstd', 'lerc'), (None, 2, 3), TYPES, (None, (16, 16)), "<>"):
        if (pred == 3 and t[0] != 'f') or (pred == 2 and t[0] == 'f'): continue
        if pred and comp in ('packbits', 'lerc'): continue
        if comp == 'lerc' and t in ('int64', 'uint64', 'float16'): continue
        a = values(t, big)
        if comp == 'lerc': a = np.where(np.isfinite(a), a, 0).astype(t)
        n = f'{comp}-p{pred or 1}-{t}{"-tiled" if tile else ""}-{"be" if e == ">" else "le"}.tif'
        try:
            tifffile.imwrite(c.path(n), a, compression=comp, predictor=pred, tile=tile, rowsperstrip=None if tile else 6, byteorder=e)
            b = tifffile.imread(c.path(n))
            assert np.array_equal(a, b, equal_nan=t[0] == 'f')
        except Exception as error:
            print('tifffile cannot', n, repr(error)[:120]); continue
        c.add(n, a, 'yx', fixture=(t in ('uint8', 'uint16', 'float32') and e == '<' and (tile is None)))
    for comp, planar in itertools.product(('lzw', 'deflate', 'zstd', 'lerc', 'packbits'), ('contig', 'separate')):
        a = values('uint16', (*big, 3)); n = f'{comp}-rgb-{planar}.tif'
        tifffile.imwrite(c.path(n), a if planar == 'contig' else np.moveaxis(a, -1, 0), photometric='rgb', planarconfig=planar, compression=comp, predictor=2 if comp in ('lzw', 'deflate', 'zstd') else None, tile=(16, 16))
        c.add(n, np.moveaxis(a, -1, 0), ['channel', 'y', 'x'])
    yy, xx = np.mgrid[0:48, 0:64]
    smooth = np.stack([yy * 3 % 256, xx * 2 % 256, (yy + xx) % 256], -1).astype('uint8')
    for ph, a, tile in (('minisblack', smooth[..., 0], None), ('rgb', smooth, None), ('ycbcr', smooth, None), ('ycbcr', smooth, (16, 32)), ('minisblack', smooth[..., 1], (16, 32))):
        n = f'jpeg-{ph}{"-tiled" if tile else ""}.tif'
        tifffile.imwrite(c.path(n), a, photometric=ph, compression='jpeg', tile=tile)
        b = tifffile.imread(c.path(n))
        c.add(n, b if a.ndim == 2 else np.moveaxis(b, -1, 0), 'yx' if a.ndim == 2 else ['channel', 'y', 'x'], fixture=False, notes=['lossy'], colour='none' if a.ndim == 2 else 'rgb', tolerance=2)
    # Bilevel compressions by Pillow (libtiff), and 1 bit without BitsPerSample.
    m = R.integers(0, 2, (13, 21)).astype(bool)
    for comp in ('group3', 'group4', 'packbits', 'tiff_lzw', 'tiff_adobe_deflate', 'raw'):
        n = f'bilevel-{comp}.tif'; Image.fromarray(m).save(c.path(n), compression=comp)
        c.add(n, m.astype('uint8'), 'yx', fixture=True, type='uint8', bits=1)
    for comp in ('group4', 'raw'):
        n = f'bilevel-white-{comp}.tif'; Image.fromarray(m).save(c.path(n), compression=comp, tiffinfo={262: 0})
        with tifffile.TiffFile(c.path(n)) as t: want = t.pages[0].asarray(); ph = int(t.pages[0].photometric)
        c.add(n, want.astype('uint8'), 'yx', fixture=True, type='uint8', bits=1, notes=['white-is-zero'] if ph == 0 else [])
    # 1 bit, no BitsPerSample, no SamplesPerPixel: by hand, as TIFF 6.0 allows it.
    import struct
    packed = np.packbits(m, axis=1).tobytes()
    for ph in (0, 1):
        tags = [(256, 4, 1, 21), (257, 4, 1, 13), (259, 3, 1, 1), (262, 3, 1, ph), (273, 4, 1, 8), (278, 4, 1, 13), (279, 4, 1, len(packed))]
        body = struct.pack('<2sHI', b'II', 42, 8 + len(packed) + len(packed) % 2) + packed + b'\0' * (len(packed) % 2)
        body += struct.pack('<H', len(tags)) + b''.join(struct.pack('<HHII', *t) for t in tags) + struct.pack('<I', 0)
        n = f'one-bit-no-tag-{ph}.tif'; open(c.path(n), 'wb').write(body)
        assert np.array_equal(tifffile.imread(c.path(n)), m)
        c.add(n, m.astype('uint8'), 'yx', fixture=True, type='uint8', bits=1, notes=['white-is-zero'] if ph == 0 else [])
    # The low bit first, no counts of strips, the default of rows per strip, blocks that were never written.
    def plain(n, tags, data, order='<'):
        body = struct.pack(order + '2sHI', b'II' if order == '<' else b'MM', 42, 8 + len(data) + len(data) % 2) + data + b'\0' * (len(data) % 2)
        ent = b''.join(struct.pack(order + 'HHI', t, ty, 1) + (struct.pack(order + 'HH', v, 0) if ty == 3 else struct.pack(order + 'I', v)) for t, ty, v in tags)
        open(c.path(n), 'wb').write(body + struct.pack(order + 'H', len(tags)) + ent + b'\0\0\0\0')
    size = [(256, 4, 21), (257, 4, 13)]; rev = bytes(int(f'{b:08b}'[::-1], 2) for b in packed)
    for order, n in (('<', 'le'), ('>', 'be')):
        plain(f'fill-order-{n}.tif', [*size, (258, 3, 1), (259, 3, 1), (262, 3, 1), (266, 3, 2), (273, 4, 8), (278, 4, 13), (279, 4, len(rev))], rev, order)
        assert np.array_equal(tifffile.imread(c.path(f'fill-order-{n}.tif')), m); c.add(f'fill-order-{n}.tif', m.astype('uint8'), 'yx', fixture=True)
    g = values('uint16', (13, 21)); raw = g.astype('<u2').tobytes()
    plain('no-counts.tif', [*size, (258, 3, 16), (259, 3, 1), (262, 3, 1), (273, 4, 8), (278, 4, 13)], raw); c.add('no-counts.tif', g, 'yx', fixture=True)
    plain('no-rows.tif', [*size, (258, 3, 16), (259, 3, 1), (262, 3, 1), (273, 4, 8), (279, 4, len(raw))], raw); assert np.array_equal(tifffile.imread(c.path('no-rows.tif')), g); c.add('no-rows.tif', g, 'yx', fixture=True)
    plain('all-rows.tif', [*size, (258, 3, 16), (259, 3, 1), (262, 3, 1), (273, 4, 8), (278, 4, 2 ** 32 - 1), (279, 4, len(raw))], raw); assert np.array_equal(tifffile.imread(c.path('all-rows.tif')), g); c.add('all-rows.tif', g, 'yx', fixture=True)
    plain('never-written.tif', [*size, (258, 3, 16), (259, 3, 8), (262, 3, 1), (273, 4, 0), (278, 4, 13), (279, 4, 0)], b''); c.add('never-written.tif', np.zeros_like(g), 'yx', fixture=True)

    # 24 bits follow the order of bytes in libtiff; tifffile 2026.3.3 reads other numbers from both files.
    u24 = R.integers(0, 2 ** 24, (H, W))
    for order, e in (('<', 'little'), ('>', 'big')):
        n = f'bits-24-{e}.tif'
        plain(n, [(256, 4, W), (257, 4, H), (258, 3, 24), (259, 3, 1), (262, 3, 1), (273, 4, 8), (278, 4, H), (279, 4, 3 * H * W)], b''.join(int(v).to_bytes(3, e) for v in u24.flat), order)
        c.add(n, u24.astype('uint32'), 'yx', fixture=True, bits=24)
    # Stacks.
    a = values('uint16', (4, H, W))
    tifffile.imwrite(c.path('pages.tif'), a, photometric='minisblack'); c.add('pages.tif', a, ['page', 'y', 'x'], fixture=True)
    c.add('pages.tif#2', a[2], 'yx', fixture=True, page=2)
    tifffile.imwrite(c.path('pages-plain.tif'), a, photometric='minisblack', metadata=None); c.add('pages-plain.tif', a, ['page', 'y', 'x'])
    tifffile.imwrite(c.path('zyx.tif'), a, photometric='minisblack', metadata={'axes': 'ZYX'}); c.add('zyx.tif', a, 'zyx', fixture=True)
    tifffile.imwrite(c.path('truncate.tif'), a, photometric='minisblack', contiguous=True, metadata={}); 
    h = values('uint8', (2, 3, 4, H, W))  # T Z C
    for axes, arr in (('TZCYX', h), ('ZCYX', h[0]), ('TCYX', h[:, 0]), ('TZYX', h[:, :, 0]), ('CYX', h[0, 0]), ('ZYX', h[0, :, 0]), ('TYX', h[:, 0, 0]), ('YX', h[0, 0, 0])):
        for imagej, cont in ((True, False), (False, False)):
            n = f'{"imagej" if imagej else "ome"}-{axes.lower()}.{"tif" if imagej else "ome.tif"}'
            if imagej: tifffile.imwrite(c.path(n), arr, imagej=True, metadata={'axes': axes, 'spacing': 3.5, 'unit': 'um'}, resolution=(1 / 0.25, 1 / 0.5))
            else: tifffile.imwrite(c.path(n), arr, ome=True, photometric='minisblack', metadata={'axes': axes, 'PhysicalSizeX': 0.25, 'PhysicalSizeY': 0.5, 'PhysicalSizeZ': 3.5})
            names = {'T': 'time', 'Z': 'z', 'C': 'channel', 'Y': 'y', 'X': 'x'}
            order = [k for k in 'TCZYX' if k in axes]
            want = np.transpose(arr, [axes.index(k) for k in order])
            sp = [3.5, 0.5, 0.25] if 'Z' in axes else [0.5, 0.25]
            c.add(n, want, [names[k] for k in order], fixture=axes in ('TZCYX', 'CYX', 'YX'), spacing=sp, unit='um')
    for order in ('TCZYX', 'ZTCYX', 'CTZYX', 'CZTYX', 'ZCTYX'):
        arr = values('uint8', (2, 3, 4, H, W)); n = f'ome-order-{order.lower()}.ome.tif'
        tifffile.imwrite(c.path(n), arr, ome=True, photometric='minisblack', metadata={'axes': order})
        names = {'T': 'time', 'Z': 'z', 'C': 'channel', 'Y': 'y', 'X': 'x'}
        c.add(n, np.transpose(arr, [order.index(k) for k in 'TCZYX']), ['time', 'channel', 'z', 'y', 'x'], fixture=True)
    rgb = values('uint8', (3, H, W, 3)); tifffile.imwrite(c.path('ome-rgb.ome.tif'), rgb, ome=True, photometric='rgb', metadata={'axes': 'ZYXS'})
    c.add('ome-rgb.ome.tif', np.transpose(rgb, [3, 0, 1, 2]), ['channel', 'z', 'y', 'x'], fixture=True, colour='rgb')
    pyr = values('uint8', (64, 64))
    with tifffile.TiffWriter(c.path('pyramid.ome.tif'), ome=True) as t:
        t.write(pyr, subifds=2, tile=(32, 32), photometric='minisblack'); t.write(pyr[::2, ::2], subfiletype=1, tile=(16, 16)); t.write(pyr[::4, ::4], subfiletype=1, tile=(16, 16))
    c.add('pyramid.ome.tif', pyr, 'yx', notes=['reduced-images'])
    with tifffile.TiffWriter(c.path('overviews.tif')) as t:
        t.write(pyr, photometric='minisblack', metadata=None); t.write(pyr[::2, ::2], subfiletype=1, photometric='minisblack', metadata=None)
    c.add('overviews.tif', pyr, 'yx', notes=['reduced-images'])
    # A big ImageJ stack: pages follow each other, one directory.
    a = values('uint16', (6, H, W))
    with tifffile.TiffWriter(c.path('imagej-contiguous.tif'), imagej=True, byteorder='>') as t: t.write(a, metadata={'axes': 'ZYX'})
    raw = bytearray(open(c.path('imagej-contiguous.tif'), 'rb').read())
    with tifffile.TiffFile(c.path('imagej-contiguous.tif')) as t:
        p = t.pages[0]; end = p.offset + 2 + 12 * len(p.tags)
    raw[end:end + 4] = b'\0\0\0\0'; open(c.path('imagej-contiguous.tif'), 'wb').write(raw)
    c.add('imagej-contiguous.tif', a, 'zyx', fixture=True)
    c.add('imagej-contiguous.tif#4', a[4], 'yx', fixture=True, page=4)
    with tifffile.TiffWriter(c.path('differ.tif')) as t:
        t.write(values('uint8', (4, 4)), metadata=None); t.write(values('uint8', (5, 4)), metadata=None)
    c.refused('differ.tif', 'pages-differ', fixture=True)
    for comp in ('jpeg2000', 'lzma', 'jpegxl', 'webp', 'png'):
        n = f'{comp}.tif'
        tifffile.imwrite(c.path(n), smooth, compression=comp, photometric='rgb', compressionargs={'lossless': True} if comp == 'webp' else None)
        if comp == 'webp': c.add(n, np.moveaxis(tifffile.imread(c.path(n)), -1, 0), ['channel', 'y', 'x'], notes=['lossy'], tolerance=1)
        else: c.refused(n, 'compression-unread', fixture=False)
    tifffile.imwrite(c.path('complex.tif'), values('float32', (4, 4)).astype('complex64')); c.refused('complex.tif', 'element-type-unread', fixture=True)
    tifffile.imwrite(c.path('lsb.tif'), m)
    # Gray with an alpha.
    a = values('uint8', (H, W, 2)); tifffile.imwrite(c.path('gray-alpha.tif'), a, photometric='minisblack', extrasamples=['unassalpha'], planarconfig='contig')
    c.add('gray-alpha.tif', np.moveaxis(a, -1, 0), ['channel', 'y', 'x'], fixture=True, colour='gray-alpha', notes=['alpha'])
    # Near-infrared beside colours: a fourth sample that nothing calls alpha.
    for planar in ('contig', 'separate'):
        a = values('uint8', (H, W, 4)); n = f'rgb-and-infrared-{planar}.tif'
        tifffile.imwrite(c.path(n), a if planar == 'contig' else np.moveaxis(a, -1, 0), photometric='rgb', planarconfig=planar, extrasamples=['unspecified'])
        c.add(n, np.moveaxis(a, -1, 0), ['channel', 'y', 'x'], fixture=True, colour='samples')
    # Pages of one palette, and of two.
    pages = R.integers(0, 3, (2, 8, 9)).astype('uint8'); maps = R.integers(0, 65536, (2, 3, 256)).astype('uint16')
    for n, other in (('palettes-alike', 0), ('palettes-differ', 1)):
        with tifffile.TiffWriter(c.path(f'{n}.tif')) as t:
            for k in range(2): t.write(pages[k], photometric='palette', colormap=maps[k * other], metadata=None)
        if other: c.refused(f'{n}.tif', 'pages-differ', fixture=True)
        else: c.add(f'{n}.tif', pages, ['page', 'y', 'x'], fixture=True, colour='palette')
        c.add(f'{n}.tif#2', pages[1], 'yx', fixture=True, page=1)
    # OME with a second image of another size and type: only the first one's pages are read.
    one, other = values('uint8', (2, H, W)), values('uint16', (4, 3))
    for axes in ('CYX', 'ZYX', 'TYX'):
        with tifffile.TiffWriter(c.path(f'images-{axes}.ome.tif'), ome=True) as t:
            t.write(one, metadata={'axes': axes}, photometric='minisblack'); t.write(other, metadata={'axes': 'YX'}, photometric='minisblack')
        c.add(f'images-{axes}.ome.tif', one, [{'C': 'channel', 'Z': 'z', 'T': 'time'}[axes[0]], 'y', 'x'], fixture=axes == 'ZYX', notes=['other-images'])
    tifffile.imwrite(c.path('jpeg-16.tif'), values('uint16', (32, 32)), compression='jpeg', compressionargs={'lossless': True, 'bitspersample': 16})
    c.refused('jpeg-16.tif', 'compression-unread', fixture=True)
