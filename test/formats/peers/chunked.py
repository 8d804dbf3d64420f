"""HDF5 by h5py and OME-Zarr by zarr, versions 2 and 3."""
import itertools, os
import h5py, numpy as np, zarr
from tiff import values

TYPES = ['bool', 'uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'uint64', 'int64', 'float32', 'float64']


def tree(c, name):
    return sorted(os.path.relpath(os.path.join(d, f), c.folder) for d, _, fs in os.walk(c.path(name)) for f in fs)


def make(c):
    for t, e, how in itertools.product(TYPES, '<>', ('plain', 'gzip', 'lzf')):
        if e == '>' and (t in ('bool', 'uint8', 'int8') or how != 'plain'): continue
        if how == 'lzf' and t != 'uint16': continue
        a = values(t, (6, 7, 8)); n = f'type-{t}-{"be" if e == ">" else "le"}-{how}.h5'
        with h5py.File(c.path(n), 'w') as f: f.create_dataset('raw', data=a, dtype=None if t == 'bool' else np.dtype(t).newbyteorder(e), chunks=None if how == 'plain' else (3, 4, 5), compression=None if how == 'plain' else how)
        if how == 'lzf': c.refused(n, 'elements-damaged'); continue
        c.add(n, a, 'zyx', fixture=t in ('uint16', 'int64', 'bool'), format='HDF5')
    raw, label = values('float32', (2, 4, 5, 6)), values('uint8', (4, 5, 6))
    with h5py.File(c.path('3dunet.h5'), 'w') as f:
        d = f.create_dataset('raw', data=raw); d.attrs['element_size_um'] = [.5, .2, .2]; f['label'] = label; f.create_group('more')['x'] = np.zeros(3)
    c.add('3dunet.h5', raw, ['channel', 'z', 'y', 'x'], fixture=True, spacing=[.5, .2, .2], unit='um')
    c.add('3dunet.h5#label', label, 'zyx', fixture=True, array='label'); c.add('3dunet.h5#more', np.zeros(3), 'unnamed', fixture=True, array='more/x')
    with h5py.File(c.path('two.h5'), 'w') as f: f['a'] = label; f['b'] = label
    c.refused('two.h5', 'array-not-chosen', fixture=True)
    with h5py.File(c.path('half.h5'), 'w') as f: f['raw'] = label.astype('float16')
    c.refused('half.h5', 'element-type-unread', fixture=True)
    with h5py.File(c.path('labelled.h5'), 'w') as f:
        d = f.create_dataset('img', data=label)
        for i, k in enumerate('tyx'): d.dims[i].label = k
    c.add('labelled.h5', label, ['time', 'y', 'x'], fixture=True)
    for v, t, e in itertools.product((2, 3), TYPES, '<>'):
        if e == '>' and t in ('bool', 'uint8', 'int8'): continue
        a = values(t, (2, 4, 5, 6)); n = f'ome-{v}-{t}-{"be" if e == ">" else "le"}.zarr'
        g = zarr.open_group(c.path(n), mode='w', zarr_format=v)
        arr = g.create_array('0', shape=a.shape, chunks=(1, 3, 3, 4), dtype=np.dtype(t).newbyteorder(e) if v == 2 else t); arr[:] = a
        g.create_array('1', shape=(2, 4, 2, 3), chunks=(1, 3, 3, 4), dtype=t)
        m = [{'version': '0.4', 'axes': [{'name': 'c', 'type': 'channel'}, *({'name': k, 'type': 'space', 'unit': 'micrometer'} for k in 'zyx')],
              'datasets': [{'path': '0', 'coordinateTransformations': [{'type': 'scale', 'scale': [1, 2, .5, .5]}]}, {'path': '1', 'coordinateTransformations': [{'type': 'scale', 'scale': [1, 2, 1, 1]}]}]}]
        g.attrs.update({'multiscales': m} if v == 2 else {'ome': {'version': '0.5', 'multiscales': m}})
        if e == '>' and v == 3: continue
        c.add(n, a, ['channel', 'z', 'y', 'x'], fixture=t == 'uint16' and e == '<', tree=tree(c, n), format='OME-Zarr', spacing=[2, .5, .5], unit='um', notes=['reduced-images'])
        if t == 'uint8':
            lab = a[0]; lg = g.create_group('labels').create_group('cells'); la = lg.create_array('0', shape=lab.shape, dtype='uint8'); la[:] = lab
            lm = [{'axes': m[0]['axes'][1:], 'datasets': [{'path': '0'}]}]; lg.attrs.update({'multiscales': lm} if v == 2 else {'ome': {'multiscales': lm}})
            c.add(f'{n}#cells', lab, 'zyx', fixture=True, tree=tree(c, n), array='labels/cells')
    a = values('int16', (4, 5)); z = zarr.create_array(c.path('plain.zarr'), shape=a.shape, dtype='int16', zarr_format=2); z[:] = a
    c.add('plain.zarr', a, 'unnamed', fixture=True, tree=tree(c, 'plain.zarr'))
    # Every codec of version 2 in both orders, and what it has no decoder for.
    import numcodecs
    codecs = {'none': None, 'zlib': numcodecs.Zlib(), 'gzip': numcodecs.GZip(), 'zstd': numcodecs.Zstd(), 'lz4': numcodecs.LZ4(), 'bz2': numcodecs.BZ2(), 'lzma': numcodecs.LZMA(), **{f'blosc-{k}': numcodecs.Blosc(k) for k in ('lz4', 'zstd', 'zlib', 'blosclz')}}
    for (k, codec), o in itertools.product(codecs.items(), 'CF'):
        a = values('int16', (3, 4, 5)); n = f'order-{o}-{k}.zarr'; g = zarr.open_group(c.path(n), mode='w', zarr_format=2)
        ar = g.create_array('0', shape=a.shape, chunks=(2, 3, 4), dtype='i2', compressors=codec, order=o); ar[:] = a
        g.attrs['multiscales'] = [{'version': '0.4', 'axes': [{'name': k, 'type': 'space'} for k in 'zyx'], 'datasets': [{'path': '0'}]}]
        if k in ('bz2', 'lzma'): continue
        c.add(n, a, 'zyx', tree=tree(c, n))
