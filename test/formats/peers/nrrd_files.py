"""NRRD, attached and detached, of all encodings, as pynrrd and SimpleITK write them."""
import itertools
import numpy as np, nrrd, SimpleITK as sitk
from itk import like
from nifti import ALL48, S, rotation, values

TYPES = ['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'uint64', 'int64', 'float32', 'float64']


def make(c):
    for t, enc, e in itertools.product(TYPES, ('raw', 'gzip', 'bzip2', 'ascii', 'hex'), ('little', 'big')):
        a = values(t, S); n = f'type-{t}-{enc}-{e}.nrrd'
        if enc == 'ascii' and t[-2:] == '64' and t[0] != 'f': a = (a // 2 ** 40).astype(t)  # pynrrd rounds 64 bits to text
        if enc == 'ascii' and t[0] == 'f': a = np.nan_to_num(a).round(3)
        if enc == 'hex':
            b = a.astype(a.dtype.newbyteorder('>' if e == 'big' else '<'))
            hx = b.tobytes(order='F').hex(); hx = '\n'.join(hx[i:i + 60] for i in range(0, len(hx), 60))
            open(c.path(n), 'w').write(f'NRRD0004\ntype: {t if t[0] != "f" else ("float" if t == "float32" else "double")}\ndimension: 3\nsizes: {S[0]} {S[1]} {S[2]}\nencoding: hex\nendian: {e}\n\n{hx}\n')
        else:
            nrrd.write(c.path(n), a, {'encoding': enc, 'endian': e})
            if enc == 'ascii' and t[-2:] == '64' and t[0] != 'f': continue
            got, _ = nrrd.read(c.path(n))
            assert np.array_equal(got, a, equal_nan=True), n
        c.add(n, a.T, 'zyx', fixture=e == 'little' and t in ('uint8', 'int16', 'float32'), format='NRRD')
    for enc, ext in (('raw', 'raw'), ('gzip', 'raw.gz'), ('ascii', 'txt')):
        a = values('int16', S); n = f'detached-{enc}.nhdr'; nrrd.write(c.path(n), a, {'encoding': enc}, detached_header=True); got, h = nrrd.read(c.path(n))
        assert np.array_equal(got, a); c.add(n, a.T, 'zyx', fixture=True, beside=[h['data file']])
    a = values('int16', S); head = f'NRRD0004\ntype: short\ndimension: 3\nsizes: {S[0]} {S[1]} {S[2]}\nencoding: raw\nendian: little\n'
    for k in range(S[2]): open(c.path(f'slice{k + 1:02d}.raw'), 'wb').write(a[:, :, k].tobytes(order='F'))
    sl = [f'slice{k + 1:02d}.raw' for k in range(S[2])]
    open(c.path('list.nhdr'), 'w').write(head + 'data file: LIST\n' + '\n'.join(sl) + '\n'); c.add('list.nhdr', a.T, 'zyx', fixture=True, beside=sl)
    open(c.path('pattern.nhdr'), 'w').write(head + f'data file: slice%02d.raw 1 {S[2]} 1\n'); c.add('pattern.nhdr', a.T, 'zyx', fixture=True, beside=sl)
    open(c.path('skips.raw'), 'wb').write(b'a line\nanother\nABCDE' + a.tobytes(order='F'))
    open(c.path('skips.nhdr'), 'w').write(head + 'line skip: 2\nbyte skip: 5\ndata file: skips.raw\n'); assert np.array_equal(nrrd.read(c.path('skips.nhdr'))[0], a)
    c.add('skips.nhdr', a.T, 'zyx', fixture=True, beside=['skips.raw'])
    open(c.path('at-end.nhdr'), 'w').write(head + 'byte skip: -1\ndata file: skips.raw\n'); assert np.array_equal(nrrd.read(c.path('at-end.nhdr'))[0], a)
    c.add('at-end.nhdr', a.T, 'zyx', fixture=True, beside=['skips.raw'])
    open(c.path('gone.nhdr'), 'w').write(head + 'data file: gone.raw\n'); c.refused('gone.nhdr', 'data-file-missing', fixture=True)
    for space, k in itertools.product(('right-anterior-superior', 'left-posterior-superior', 'left-anterior-superior', 'LPS', 'RAS', 'LAS'), range(48)):
        if k % 5 and space != 'left-posterior-superior': continue
        a = values('uint8', S); n = f'{space}-{k}.nrrd'; m = ALL48[k]
        nrrd.write(c.path(n), a, {'space': space, 'space directions': (m * (1, 2, 3)).T, 'space origin': [5, 6, 7], 'encoding': 'raw'}); like(c, n, fixture=k % 20 == 0)
    m = rotation(.3, .5, -.7) * (1, 2, 3); nrrd.write(c.path('oblique.nrrd'), values('int16', S), {'space': 'LPS', 'space directions': m.T, 'space origin': [5, 6, 7]}); like(c, 'oblique.nrrd', fixture=True)
    a = values('uint8', S); nrrd.write(c.path('spacings.nrrd'), a, {'spacings': [1, 2, 3]}); c.add('spacings.nrrd', a.T, 'zyx', fixture=True, spacing=[3, 2, 1])
    a = values('float32', (3, *S)); nrrd.write(c.path('vector.nrrd'), a, {'kinds': ['vector', 'domain', 'domain', 'domain'], 'space': 'LPS', 'space directions': np.vstack([[np.nan] * 3, np.diag([1., 2, 3])]), 'space origin': [0, 0, 0]}); like(c, 'vector.nrrd', fixture=True, colour='vector')
    a = values('float32', (*S, 3)); nrrd.write(c.path('list-last.nrrd'), a, {'kinds': ['domain', 'domain', 'domain', 'list'], 'space': 'LPS', 'space directions': np.vstack([np.diag([1., 2, 3]), [np.nan] * 3]), 'space origin': [0, 0, 0]}); c.add('list-last.nrrd', np.transpose(a, (3, 2, 1, 0)), ['channel', 'z', 'y', 'x'], fixture=True)
    a = values('uint8', (3, 4, 5)); nrrd.write(c.path('rgb.nrrd'), a, {'kinds': ['RGB-color', 'domain', 'domain']}); c.add('rgb.nrrd', np.transpose(a, (0, 2, 1)), ['channel', 'y', 'x'], fixture=True, colour='rgb')
    i = sitk.GetImageFromArray(values('int16', (4, 5))); sitk.WriteImage(i, c.path('flat.nrrd')); like(c, 'flat.nrrd', fixture=True)
    i = sitk.GetImageFromArray(values('int16', (2, 3, 4, 5)), isVector=False); sitk.WriteImage(i, c.path('four.nrrd')); a = sitk.GetArrayFromImage(i); c.add('four.nrrd', a, ['time', 'z', 'y', 'x'], fixture=True)
    i = sitk.GetImageFromArray(values('uint8', (2, 3, 4, 3)), isVector=True); sitk.WriteImage(i, c.path('sitk-vector.nrrd'), True); like(c, 'sitk-vector.nrrd', fixture=True)
