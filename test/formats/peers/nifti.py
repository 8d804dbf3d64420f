"""NIfTI-1 and -2 as nibabel and SimpleITK write them, and where both say that the voxels lie."""
import itertools
import numpy as np, nibabel as nib, SimpleITK as sitk

R = np.random.default_rng(3)
S = (4, 3, 5)
TYPES = ['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'uint64', 'int64', 'float32', 'float64']


def values(t, shape):
    if np.dtype(t).kind == 'f':
        a = R.normal(size=shape).astype(t); a.flat[0] = np.nan; return a
    i = np.iinfo(t); a = R.integers(i.min, i.max, shape, dtype=t, endpoint=True); a.flat[0], a.flat[1] = i.min, i.max
    return a


def rotation(*angles):
    r = np.eye(3)
    for axis, angle in enumerate(angles):
        c, s = np.cos(angle), np.sin(angle); m = np.eye(3); i, j = [k for k in range(3) if k != axis]
        m[i, i] = m[j, j] = c; m[i, j], m[j, i] = -s, s; r = r @ m
    return r


def affine_of(m, origin=(10, -20, 30)):
    a = np.eye(4); a[:3, :3] = m; a[:3, 3] = origin; return a


ALL48 = [np.array([[s[j] if p[j] == i else 0 for j in range(3)] for i in range(3)], float) for p in itertools.permutations(range(3)) for s in itertools.product((1, -1), repeat=3)]


def sitk_affine(img):
    d = np.array(img.GetDirection()).reshape(3, 3) * np.array(img.GetSpacing()); a = np.eye(4)
    a[:3, :3] = d; a[:3, 3] = img.GetOrigin(); return np.diag([-1, -1, 1, 1]) @ a


def add(c, name, stored, fixture=False, sitk_too=False, axes=None, **ex):
    img = nib.load(c.path(name))
    want = stored.T if axes is None else stored
    axes = axes or ['z', 'y', 'x'][-stored.ndim:] if stored.ndim <= 3 else axes
    if stored.ndim == 4 and axes is None: axes = ['time', 'z', 'y', 'x']
    h = img.header
    if 'affine' not in ex and (h['qform_code'] > 0 or h['sform_code'] > 0):
        ex['affine'] = img.affine.tolist(); ex['orientation'] = ''.join(nib.aff2axcodes(img.affine))
        if sitk_too:
            i = sitk.ReadImage(c.path(name)); assert np.allclose(sitk_affine(i), img.affine, atol=1e-4), name
            # ITK reads values that are not finite as 0.
            assert np.array_equal(sitk.GetArrayFromImage(i), np.nan_to_num(want, nan=0, posinf=0, neginf=0)), name
    c.add(name, want, axes, fixture=fixture, **ex)


def make(c):
    for t, e, cls in itertools.product(TYPES, '<>', (nib.Nifti1Image, nib.Nifti2Image)):
        a = values(t, S); n = f'type-{t}-{"be" if e == ">" else "le"}-{cls.__name__[5]}.nii'
        h = cls.header_class(endianness=e); h.set_data_dtype(t); h.set_data_shape(S)
        img = cls(a, affine_of(rotation(.1, .2, .3) * (1, 2, 3)), h); nib.save(img, c.path(n))
        assert nib.load(c.path(n)).header.endianness == e
        add(c, n, a, fixture=cls is nib.Nifti1Image, sitk_too=t not in ('int64', 'uint64') and cls is nib.Nifti1Image, format=f'NIfTI-{cls.__name__[5]}', scale=None)
    for k, m in enumerate(ALL48):
        a = values('int16', S); n = f'orientation-{k}.nii.gz'; nib.save(nib.Nifti1Image(a, affine_of(m * (1, 2, 3))), c.path(n))
        add(c, n, a, fixture=True, sitk_too=True, spacing=[3, 2, 1])
    for k in range(12):
        a = values('uint8', S); m = rotation(*R.uniform(-3, 3, 3)) * R.uniform(.3, 4, 3) * R.choice([1, -1], 3); n = f'oblique-{k}.nii'
        for forms in ('q', 's', 'both', 'differ'):
            n = f'oblique-{k}-{forms}.nii'; img = nib.Nifti1Image(a, affine_of(m))
            img.set_qform(affine_of(m), 1 if forms != 's' else 0); img.set_sform(affine_of(m if forms != 'differ' else m * 1.5), 0 if forms == 'q' else 2)
            nib.save(img, c.path(n)); add(c, n, a, fixture=k < 2, sitk_too=forms in ('q', 'both'), notes=['transforms-differ'] if forms == 'differ' else [])
    for k in range(6):
        m = rotation(*R.uniform(-1, 1, 3)) @ np.array([[1, .2, .1], [0, 1, .3], [0, 0, 1]]) * (1, 2, 3); n = f'sheared-{k}.nii'
        img = nib.Nifti1Image(values('uint8', S), None); img.set_sform(affine_of(m), 1); img.header['qform_code'] = 0; a = np.asarray(img.dataobj)
        nib.save(img, c.path(n)); add(c, n, a, fixture=k < 2)
    # 4D, 5D vectors, one slice, one row, two axes.
    for shape, axes in (((4, 3, 5, 2), ['time', 'z', 'y', 'x']), ((4, 3, 1), ['z', 'y', 'x']), ((4, 3), ['y', 'x']), ((4, 3, 1, 2), ['time', 'z', 'y', 'x']), ((4, 3, 5, 1), ['time', 'z', 'y', 'x'])):
        a = values('int16', shape); n = f'shape-{"x".join(map(str, shape))}.nii.gz'; nib.save(nib.Nifti1Image(a, np.diag([1., 2, 3, 1])), c.path(n))
        add(c, n, a.T, axes=axes, fixture=True)
    a = values('float32', (4, 3, 5, 1, 3)); img = nib.Nifti1Image(a, np.eye(4)); img.header.set_intent('vector'); nib.save(img, c.path('vector.nii.gz'))
    add(c, 'vector.nii.gz', a[..., 0, :].T, axes=['channel', 'z', 'y', 'x'], fixture=True, colour='vector', notes=['intent'])
    a = values('float32', (4, 3, 5, 2, 3)); nib.save(nib.Nifti1Image(a, np.eye(4)), c.path('vector-in-time.nii'))
    add(c, 'vector-in-time.nii', np.transpose(a, (3, 4, 2, 1, 0)), axes=['time', 'channel', 'z', 'y', 'x'], fixture=True)
    nib.save(nib.Nifti1Image(values('uint8', (2, 2, 2, 1, 1, 3)), np.eye(4)), c.path('six.nii')); c.refused('six.nii', 'layout-unread', fixture=True)
    for ch in 'RGB', 'RGBA':
        rgb = values('uint8', (*S, len(ch))); n = f'{ch.lower()}.nii'
        st = np.ascontiguousarray(rgb).view([(k, 'u1') for k in ch]).reshape(S); nib.save(nib.Nifti1Image(st, np.eye(4)), c.path(n))
        add(c, n, np.transpose(rgb, (3, 2, 1, 0)), axes=['channel', 'z', 'y', 'x'], fixture=True, colour=ch.lower())
    # Scales: stored numbers and the scale apart.
    for slope, inter in ((0.5, 0), (2, -1024), (0.00392157, 0), (1, 0), (0, 5)):
        a = values('uint8', S); n = f'scale-{slope}-{inter}.nii'; img = nib.Nifti1Image(a, np.eye(4)); nib.save(img, c.path(n))
        raw = bytearray(open(c.path(n), 'rb').read()); raw[112:120] = np.array([slope, inter], '<f4').tobytes(); open(c.path(n), 'wb').write(raw)
        scale = None if slope == 0 or (slope == 1 and inter == 0) else {'slope': float(np.float32(slope)), 'intercept': float(inter)}
        p = nib.load(c.path(n)); assert np.allclose(p.get_fdata(), a * (scale or {'slope': 1})['slope'] + (scale or {'intercept': 0})['intercept'])
        add(c, n, a, fixture=True, scale=scale)
    # Labels that nibabel scaled to uint8: 0.99608.
    img = nib.Nifti1Image(np.array(R.integers(0, 2, S), float), np.eye(4)); img.set_data_dtype('uint8'); nib.save(img, c.path('scaled-labels.nii'))
    p = nib.load(c.path('scaled-labels.nii')); add(c, 'scaled-labels.nii', np.asarray(p.dataobj.get_unscaled()), fixture=True)
    for u, code in (('meter', 'm'), ('mm', 'mm'), ('micron', 'um')):
        a = values('uint8', S); n = f'unit-{code}.nii'; img = nib.Nifti1Image(a, np.diag([1., 2, 3, 1])); img.header.set_xyzt_units(u, 'sec'); img.set_qform(img.affine, 1); nib.save(img, c.path(n))
        f = {'m': 1000, 'mm': 1, 'um': .001}[code]
        i = sitk.ReadImage(c.path(n)); assert np.allclose(i.GetSpacing(), np.array([1, 2, 3]) * f), (n, i.GetSpacing())
        add(c, n, a, fixture=True, unit=code, affine=sitk_affine(i).tolist(), spacing=[3, 2, 1])
    a = values('int16', S)
    for n, e in (('pair', 'img'), ('pair-gz', 'img.gz')):
        nib.save(nib.Nifti1Pair(a, affine_of(rotation(.3, 0, .1))), c.path(f'{n}.{e}'))
        h = f'{n}.hdr' + ('.gz' if e.endswith('gz') else '')
        c.add(f'{n}.{e}', a.T, 'zyx', fixture=True, beside=[h], affine=nib.load(c.path(f'{n}.{e}')).affine.tolist())
        c.add(h, a.T, 'zyx', fixture=True, beside=[f'{n}.{e}'])
    nib.save(nib.AnalyzeImage(a, np.eye(4)), c.path('analyze.img')); c.refused('analyze.hdr', 'format-unread', fixture=True)
    nib.save(nib.Nifti1Image(values('float32', S).astype('complex64'), np.eye(4)), c.path('complex.nii')); c.refused('complex.nii', 'element-type-unread', fixture=True)
    img = nib.Nifti1Image(a, np.eye(4)); img.header.extensions.append(nib.nifti1.Nifti1Extension('comment', b'x' * 500)); nib.save(img, c.path('extension.nii.gz')); add(c, 'extension.nii.gz', a, fixture=True)
    img = nib.Nifti1Image(a, None); img.header['qform_code'] = img.header['sform_code'] = 0; img.header['pixdim'][1:4] = (1, 2, 3); nib.save(img, c.path('no-forms.nii')); add(c, 'no-forms.nii', a, fixture=True, spacing=[3, 2, 1])
    for k, m in enumerate(ALL48[::7]):
        b = values('uint8', S[::-1]); i = sitk.GetImageFromArray(b); i.SetDirection((np.diag([-1, -1, 1]) @ m).flatten()); i.SetSpacing((1, 2, 3)); i.SetOrigin((5, 6, 7)); n = f'sitk-{k}.nii.gz'; sitk.WriteImage(i, c.path(n))
        add(c, n, b.T, sitk_too=True)
    i = sitk.GetImageFromArray(values('float32', (5, 3, 4, 3)), isVector=True); sitk.WriteImage(i, c.path('sitk-vector.nii'))
    c.add('sitk-vector.nii', np.moveaxis(sitk.GetArrayFromImage(i), -1, 0), ['channel', 'z', 'y', 'x'], fixture=True, colour='vector')
    # A scale without a number to add: nibabel refuses it, and so do we.
    for slope, inter in ((2, np.nan), (1, np.inf), (np.nan, np.nan), (np.inf, 0)):
        a = values('uint8', S); n = f'not-a-scale-{slope}-{inter}.nii'; nib.save(nib.Nifti1Image(a, np.eye(4)), c.path(n))
        raw = bytearray(open(c.path(n), 'rb').read()); raw[112:120] = np.array([slope, inter], '<f4').tobytes(); open(c.path(n), 'wb').write(raw)
        try: p = np.asarray(nib.load(c.path(n)).dataobj)
        except nib.spatialimages.HeaderDataError: c.refused(n, 'header-damaged', fixture=True); continue
        assert np.array_equal(p, a); c.add(n, a.T, 'zyx', fixture=True, scale=None)
