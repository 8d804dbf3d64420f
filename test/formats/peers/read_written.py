"""Reads the files that this package wrote with their peers, and compares with FOLDER/wanted.json."""
import base64, json, os, sys
import numpy as np, nibabel as nib, nrrd, SimpleITK as sitk, tifffile
from PIL import Image
from nifti import sitk_affine

folder = sys.argv[1]
wrong = []
for one in json.load(open(os.path.join(folder, 'wanted.json'))):
    path, names = os.path.join(folder, one['name']), [n for n, _ in one['axes']]
    want = np.frombuffer(base64.b64decode(one['data']), '<' + one['dtype']).reshape([s for _, s in one['axes']])
    move = lambda order: np.transpose(want, [names.index(n) for n in order if n in names])
    try:
        if path.endswith(('.nii', '.nii.gz')):
            img = nib.load(path); got = np.asarray(img.dataobj)
            if 'channel' in names and 'time' not in names: got = got[..., 0, :]
            assert np.array_equal(got.T, move(['channel', 'time', 'z', 'y', 'x'])), 'nibabel: elements'
            assert got.dtype.newbyteorder('=') == want.dtype, f'nibabel: {got.dtype}'
            if one.get('affine'):
                assert np.allclose(img.affine, one['affine'], atol=1e-3), 'nibabel: affine'
                assert img.header['intent_code'] == 0 or 'channel' in names
            if names == ['z', 'y', 'x'] and one['dtype'] not in ('i8', 'u8'):
                i = sitk.ReadImage(path); assert np.array_equal(sitk.GetArrayFromImage(i), want), 'SimpleITK: elements'
                if one.get('affine') and one.get('quaternion'): assert np.allclose(sitk_affine(i), one['affine'], atol=1e-3), 'SimpleITK: affine'
        elif path.endswith(('.mha', '.nrrd')):
            i = sitk.ReadImage(path); got = sitk.GetArrayFromImage(i)
            assert np.array_equal(got, move(['time', 'z', 'y', 'x', 'channel'])), 'SimpleITK: elements'
            if one.get('affine') and i.GetDimension() == 3: assert np.allclose(sitk_affine(i), one['affine'], atol=1e-3), 'SimpleITK: affine'
            if path.endswith('.nrrd'): assert np.array_equal(nrrd.read(path)[0].T, move(['time', 'z', 'y', 'x', 'channel'])), 'pynrrd: elements'
        elif path.endswith('.tif'):
            got = tifffile.imread(path)
            order = ['y', 'x', 'channel'] if names == ['channel', 'y', 'x'] else ['time', 'page', 'z', 'channel', 'y', 'x']
            assert np.array_equal(got, move(order)), f'tifffile: {got.shape}'
            with tifffile.TiffFile(path) as t: print(one['name'], t.series[0].axes)
        elif path.endswith('.png'):
            got = np.asarray(Image.open(path))
            if want.dtype != np.uint16 or want.ndim == 2: assert np.array_equal(got, move(['y', 'x', 'channel'])), 'Pillow'
        elif path.endswith('.npy'):
            got = np.load(path); assert np.array_equal(got, want), 'NumPy'
    except Exception as error:
        wrong.append(f'{one["name"]}: {error}')
json.dump(wrong, open(os.path.join(folder, 'wrong.json'), 'w'))
