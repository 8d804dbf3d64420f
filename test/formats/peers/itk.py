import numpy as np, SimpleITK as sitk
from nifti import sitk_affine


def like(c, name, fixture=False, beside=(), axes=None, **ex):
    """Expects what SimpleITK reads."""
    i = sitk.ReadImage(c.path(name)); a = sitk.GetArrayFromImage(i); k = i.GetNumberOfComponentsPerPixel(); d = i.GetDimension()
    names = ['time', 'z', 'y', 'x'][-d:]
    if k > 1: a, names = np.moveaxis(a, -1, 0), ['channel', *names]
    if d == 4 and k > 1: a, names = np.moveaxis(a, 0, 1), ['time', 'channel', 'z', 'y', 'x']
    if d == 3 and 'affine' not in ex: ex['affine'] = sitk_affine(i).tolist()
    if ex.get('affine', 0) is None: del ex['affine']
    if d < 4: ex['spacing'] = list(i.GetSpacing())[::-1]
    c.add(name, a, axes or names, fixture=fixture, beside=beside, **ex)
    return a
