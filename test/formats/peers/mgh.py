"""MGH and MGZ as nibabel writes them."""
import numpy as np, nibabel as nib
from nifti import ALL48, S, affine_of, rotation, values


def make(c):
    for t in ('uint8', 'int16', 'int32', 'float32', 'uint16'):
        for e in ('mgh', 'mgz'):
            a = values(t, S)
            try: img = nib.MGHImage(a, affine_of(rotation(.1, .2, .3) * (1, 2, 3)))
            except Exception as error: print(t, error); continue
            n = f'type-{t}.{e}'; nib.save(img, c.path(n)); p = nib.load(c.path(n))
            c.add(n, a.T, 'zyx', fixture=True, affine=p.affine.tolist(), orientation=''.join(nib.aff2axcodes(p.affine)), spacing=[3, 2, 1], format='MGH')
    for k, m in enumerate(ALL48):
        a = values('uint8', S); n = f'orientation-{k}.mgz'; nib.save(nib.MGHImage(a, affine_of(m * (1, 2, 3))), c.path(n)); p = nib.load(c.path(n))
        assert np.allclose(p.affine, affine_of(m * (1, 2, 3)), atol=1e-4)
        c.add(n, a.T, 'zyx', fixture=k % 8 == 0, affine=p.affine.tolist(), orientation=''.join(nib.aff2axcodes(p.affine)))
    a = values('float32', (*S, 3)); nib.save(nib.MGHImage(a, np.eye(4)), c.path('frames.mgz')); c.add('frames.mgz', a.T, ['time', 'z', 'y', 'x'], fixture=True)
    a = values('uint8', S); nib.save(nib.MGHImage(a, np.eye(4)), c.path('not-good.mgh'))
    raw = bytearray(open(c.path('not-good.mgh'), 'rb').read()); raw[28:30] = b'\0\0'; open(c.path('not-good.mgh'), 'wb').write(raw)
    # FreeSurfer's default is coronal: x to the left, y down, z to the front. nibabel 5.4.2 has y up and z to the back.
    c.add('not-good.mgh', a.T, 'zyx', fixture=True, affine=[[-1, 0, 0, S[0] / 2], [0, 0, 1, -S[2] / 2], [0, -1, 0, S[1] / 2], [0, 0, 0, 1]], orientation='LIA')
