"""Reads the large files that this package wrote piece by piece, and compares with FOLDER/wanted.json."""
import json, os, sys
import numpy as np, nibabel as nib, nrrd, SimpleITK as sitk, tifffile, zarr
from PIL import Image

folder = sys.argv[1]
wrong = []
for one in json.load(open(os.path.join(folder, 'wanted.json'))):
    path, shape = os.path.join(folder, one['name']), one['shape']
    try:
        if 'at' in one:
            with tifffile.TiffFile(path) as t:
                assert t.is_bigtiff and t.pages[0].shape == tuple(shape), 'tifffile: BigTIFF'
                lazy = zarr.open(t.aszarr(), mode='r')
                y, x = one['at']
                part = np.asarray(lazy[y - 2:y + 3, x - 2:x + 3])
                assert part[2, 2] == one['value'] and part.sum() == one['value'], 'tifffile: elements'
            continue
        want = np.fromfile(os.path.join(folder, one['data']), '<' + one['dtype']).reshape(shape)
        if path.endswith('.tif'):
            with tifffile.TiffFile(path) as t:
                page = t.pages[0]
                assert page.is_tiled and page.tilewidth == 512, 'tifffile: tiles'
                assert np.array_equal(t.series[0].asarray(), want), 'tifffile: elements'
                assert t.series[0].axes == one['axes'].upper(), f'tifffile: {t.series[0].axes}'
                if one.get('resolution'):
                    got = [page.tags[n].value for n in ('XResolution', 'YResolution')]
                    assert np.allclose([a / b for a, b in got], one['resolution'], rtol=1e-6), 'tifffile: resolution'
        elif path.endswith('.zarr'):
            group = zarr.open(path, mode='r')
            attrs = dict(group.attrs)
            image = (attrs['ome'] if 'ome' in attrs else attrs)['multiscales'][0]
            array = group[image['datasets'][0]['path']]
            assert np.array_equal(array[...], want), 'zarr: elements'
            assert [a['name'] for a in image['axes']] == list(one['axes']), 'zarr: axes'
            scale = image['datasets'][0]['coordinateTransformations'][0]
            assert scale == {'type': 'scale', 'scale': one['scale']}, f'zarr: {scale}'
        elif path.endswith(('.nii', '.nii.gz')):
            assert np.array_equal(np.asarray(nib.load(path).dataobj).T, want), 'nibabel'
            assert np.array_equal(sitk.GetArrayFromImage(sitk.ReadImage(path)), want), 'SimpleITK'
        elif path.endswith(('.mha', '.nrrd')):
            assert np.array_equal(sitk.GetArrayFromImage(sitk.ReadImage(path)), want), 'SimpleITK'
            if path.endswith('.nrrd'): assert np.array_equal(nrrd.read(path)[0].T, want), 'pynrrd'
        elif path.endswith('.png'):
            assert np.array_equal(np.asarray(Image.open(path)), want), 'Pillow'
        else:
            assert np.array_equal(np.load(path), want), 'NumPy'
    except Exception as error:
        wrong.append(f'{one["name"]}: {type(error).__name__} {error}')
json.dump(wrong, open(os.path.join(folder, 'wrong.json'), 'w'))
