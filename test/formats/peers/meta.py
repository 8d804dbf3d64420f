"""MetaImage as SimpleITK writes and reads it."""
import itertools
import numpy as np, SimpleITK as sitk
from itk import like
from nifti import ALL48, S, rotation, values

TYPES = ['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'uint64', 'int64', 'float32', 'float64']


def make(c):
    for t, comp, ext in itertools.product(TYPES, (False, True), ('mha', 'mhd')):
        i = sitk.GetImageFromArray(values(t, S)); n = f'type-{t}{"-z" if comp else ""}.{ext}'; sitk.WriteImage(i, c.path(n), comp)
        like(c, n, fixture=t in ('uint8', 'int16', 'float64', 'int64'), beside=[] if ext == 'mha' else [n[:-4] + ('.zraw' if comp else '.raw')], format='MetaImage')
    for k, m in enumerate(ALL48):
        i = sitk.GetImageFromArray(values('uint8', S)); i.SetDirection(m.flatten()); i.SetSpacing((1, 2, 3)); i.SetOrigin((5, 6, 7)); n = f'orientation-{k}.mha'; sitk.WriteImage(i, c.path(n), True); like(c, n, fixture=k % 8 == 0)
    i = sitk.GetImageFromArray(values('uint8', S)); i.SetDirection(rotation(.3, .4, .5).flatten()); sitk.WriteImage(i, c.path('oblique.mha')); like(c, 'oblique.mha', fixture=True)
    for shape, vec in (((4, 5), False), ((4, 5, 3), True), ((3, 4, 5, 2), True), ((2, 3, 4, 5), False)):
        i = sitk.GetImageFromArray(values('int16', shape), isVector=vec); n = f'shape-{"x".join(map(str, shape))}{"-vector" if vec else ""}.mha'; sitk.WriteImage(i, c.path(n), True); like(c, n, fixture=True)
    a = values('int16', S[::-1]); head = f'ObjectType = Image\nNDims = 3\nDimSize = {S[0]} {S[1]} {S[2]}\nElementType = MET_SHORT\n'
    open(c.path('text.mha'), 'w').write(head + 'BinaryData = False\nElementDataFile = LOCAL\n' + ' '.join(map(str, a.flatten())) + '\n'); like(c, 'text.mha', fixture=True)
    open(c.path('big.mha'), 'wb').write((head + 'BinaryData = True\nBinaryDataByteOrderMSB = True\nElementDataFile = LOCAL\n').encode() + a.astype('>i2').tobytes()); like(c, 'big.mha', fixture=True)
    sl = [f's{k + 1:02d}.raw' for k in range(len(a))]
    for k, s in enumerate(a): open(c.path(sl[k]), 'wb').write(b'HEAD' + s.astype('<i2').tobytes())
    open(c.path('list.mhd'), 'w').write(head + 'HeaderSize = 4\nElementDataFile = LIST\n' + '\n'.join(sl) + '\n'); like(c, 'list.mhd', fixture=True, beside=sl)
    open(c.path('pattern.mhd'), 'w').write(head + f'HeaderSize = -1\nElementDataFile = s%02d.raw 1 {len(a)} 1\n'); like(c, 'pattern.mhd', fixture=True, beside=sl)
    open(c.path('end.mhd'), 'w').write(head + 'HeaderSize = -1\nElementDataFile = all.raw\n'); open(c.path('all.raw'), 'wb').write(b'something' + a.tobytes()); like(c, 'end.mhd', fixture=True, beside=['all.raw'])
