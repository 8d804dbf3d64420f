"""Arrays of NumPy."""
import itertools
import numpy as np
from tiff import TYPES, values


def make(c):
    for t, e, order in itertools.product(['bool', *TYPES], '<>', 'CF'):
        a = values(t, (3, 4, 5)); n = f'{t}-{"be" if e == ">" else "le"}-{order}.npy'
        np.save(c.path(n), np.asarray(a, order=order).astype(np.dtype(t).newbyteorder(e), order=order)); c.add(n, a, 'unnamed', fixture=True, format='NPY')
    for v in ((1, 0), (2, 0), (3, 0)):
        a = values('int16', (2, 3)); n = f'version-{v[0]}.npy'
        with open(c.path(n), 'wb') as f: np.lib.format.write_array(f, a, version=v)
        c.add(n, a, 'unnamed', fixture=True)
    for shape in ((), (1,), (7,), (2, 1, 3, 1, 2)):
        a = np.array(values('float32', shape) if shape else np.float32(3.5)); n = f'shape-{len(shape)}-{"x".join(map(str, shape))}.npy'; np.save(c.path(n), a) if shape else np.save(c.path(n), a)
        c.add(n, np.load(c.path(n)).reshape(shape) if shape else np.load(c.path(n)).reshape(1), 'unnamed', fixture=bool(shape)) if shape else None
    for n, a in (('complex', np.zeros(3, 'complex64')), ('record', np.zeros(3, [('a', 'i4')])), ('text', np.array(['a', 'b']))):
        np.save(c.path(n + '.npy'), a); c.refused(n + '.npy', 'element-type-unread', fixture=True)
    a, b = values('int64', (3, 4)), values('float16', (2, 2))
    for comp in (False, True):
        f = np.savez_compressed if comp else np.savez
        n = f'one{"-z" if comp else ""}.npz'; f(c.path(n), a); c.add(n, a, 'unnamed', fixture=True, format='NPZ')
        n = f'two{"-z" if comp else ""}.npz'; f(c.path(n), image=a, label=b); c.add(n, a, 'unnamed', fixture=True)
        c.add(n + '#label', b, 'unnamed', fixture=True, array='label')
        n = f'neither{"-z" if comp else ""}.npz'; f(c.path(n), a=a, b=b); c.refused(n, 'array-not-chosen', fixture=True)
        c.add(n + '#b', b, 'unnamed', fixture=True, array='b')
