"""DICOM: stored numbers as pydicom reads them, places as SimpleITK's series reader finds them."""
import copy, glob, os, shutil
import numpy as np, pydicom, SimpleITK as sitk
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, EnhancedMRImageStorage, ExplicitVRLittleEndian, MRImageStorage, PositronEmissionTomographyImageStorage, generate_uid
from nifti import rotation, sitk_affine

TEST = os.path.join(os.path.dirname(pydicom.__file__), 'data', 'test_files')
STORED = {(8, 0): np.uint8, (8, 1): np.int8, (16, 0): np.uint16, (16, 1): np.int16, (32, 0): np.uint32, (32, 1): np.int32}


def stored(d):
    return d.pixel_array.astype(STORED[d.BitsAllocated, d.PixelRepresentation])


def scale_of(d):
    slope, intercept = float(d.get('RescaleSlope', 1)), float(d.get('RescaleIntercept', 0))
    return None if (slope, intercept) == (1, 0) else {'slope': slope, 'intercept': intercept}


def copied(c, paths, folder):
    os.makedirs(c.path(folder))
    for p in paths: shutil.copy(p, c.path(folder))
    return [f'{folder}/{os.path.basename(p)}' for p in paths]


def single(c, name, **ex):
    d = pydicom.dcmread(c.path(name)); a = stored(d); i = sitk.ReadImage(c.path(name))
    if 'ImagePositionPatient' in d:
        c.add(name, a[None], ['z', 'y', 'x'], affine=sitk_affine(i).tolist(), spacing=list(i.GetSpacing())[::-1], unit='mm', scale=scale_of(d), bits=int(d.BitsStored), format='DICOM', **ex)
    else:
        c.add(name, a, ['y', 'x'], scale=scale_of(d), bits=int(d.BitsStored), format='DICOM', **ex)


def series(c, folder, files, varying=False, **ex):
    sets = [pydicom.dcmread(c.path(f)) for f in files]
    o = np.array(sets[0].ImageOrientationPatient, float); n = np.cross(o[:3], o[3:])
    sets.sort(key=lambda d: np.dot(n, np.array(d.ImagePositionPatient, float)))
    names = sitk.ImageSeriesReader.GetGDCMSeriesFileNames(c.path(folder)); i = sitk.ReadImage(names)
    a = np.stack([stored(d) for d in sets])
    if varying: a = np.stack([s.astype(np.float64) * float(d.RescaleSlope) + float(d.RescaleIntercept) for s, d in zip(a, sets)])
    c.add(folder, a, ['z', 'y', 'x'], tree=files, affine=sitk_affine(i).tolist(), spacing=list(i.GetSpacing())[::-1], unit='mm', scale=None if varying else scale_of(sets[0]), **ex)


def refused(c, folder, files, code, **args):
    c.refused(files[0], code, **args); c.cases[-1]['name'] = folder
    c.cases[-1]['files'] = {f: __import__('base64').b64encode(open(c.path(f), 'rb').read()).decode() for f in files}


def slice_set(array, sop=CTImageStorage, position=(0, 0, 0), directions=(1, 0, 0, 0, 1, 0), spacing=(.7, .9), series_uid='1.2.3', number=1, bits=None, **fields):
    meta = FileMetaDataset(); meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID, meta.TransferSyntaxUID = sop, generate_uid(), ExplicitVRLittleEndian
    d = FileDataset(None, {}, file_meta=meta, preamble=b'\0' * 128)
    d.SOPClassUID, d.SOPInstanceUID, d.SeriesInstanceUID, d.StudyInstanceUID, d.FrameOfReferenceUID = sop, meta.MediaStorageSOPInstanceUID, series_uid, '1.2', '1.4'
    d.Modality = 'CT'; d.PatientName = 'x'; d.PatientID = 'x'; d.InstanceNumber = number
    d.Rows, d.Columns = array.shape[-2:]; d.SamplesPerPixel = 1; d.PhotometricInterpretation = 'MONOCHROME2'
    d.BitsAllocated = array.dtype.itemsize * 8; d.BitsStored = bits or d.BitsAllocated; d.HighBit = d.BitsStored - 1
    d.PixelRepresentation = int(array.dtype.kind == 'i'); d.PixelSpacing = list(spacing)
    if position is not None: d.ImagePositionPatient = [round(float(v), 6) for v in position]
    if directions is not None: d.ImageOrientationPatient = [round(float(v), 8) for v in directions]
    for k, v in fields.items(): setattr(d, k, v)
    d.PixelData = array.tobytes()
    return d


def save(d, path):
    d.save_as(path, enforce_file_format=True)


def volume(rng, shape=(5, 6, 7), dtype=np.int16):
    i = np.iinfo(dtype); low, high = (0, 4095) if dtype == np.uint16 else (max(i.min, -2000), min(i.max, 2000))
    return rng.integers(low, high, shape, endpoint=True).astype(dtype)


def synthetic(c, folder, array, places, directions=(1, 0, 0, 0, 1, 0), each=lambda k: {}, order=None, **fields):
    os.makedirs(c.path(folder)); files = []
    for k, (a, p) in enumerate(zip(array, places)):
        f = f'{folder}/IM{(order or list(range(len(array))))[k]:03d}'; files.append(f)
        save(slice_set(a, position=p, directions=directions, number=k + 1, **{**fields, **each(k)}), c.path(f))
    return files


def upright(count, gap=2.5):
    return [(-10, -20, 5 + gap * k) for k in range(count)]


def enhanced(array, places, scales, directions=None):
    d = slice_set(array, sop=EnhancedMRImageStorage, position=None, directions=None, NumberOfFrames=len(array)); del d.PixelSpacing
    shared, groups = Dataset(), []
    m = Dataset(); m.PixelSpacing = [.7, .9]; m.SpacingBetweenSlices = 2.5; shared.PixelMeasuresSequence = Sequence([m])
    o = Dataset(); o.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    if directions is None: shared.PlaneOrientationSequence = Sequence([o])
    for k, p in enumerate(places):
        g, q, t = Dataset(), Dataset(), Dataset(); q.ImagePositionPatient = list(p); g.PlanePositionSequence = Sequence([q])
        t.RescaleSlope, t.RescaleIntercept, t.RescaleType = *scales(k), 'US'; g.PixelValueTransformationSequence = Sequence([t])
        if directions is not None: o = Dataset(); o.ImageOrientationPatient = directions[k]; g.PlaneOrientationSequence = Sequence([o])
        groups.append(g)
    d.SharedFunctionalGroupsSequence, d.PerFrameFunctionalGroupsSequence = Sequence([shared]), Sequence(groups)
    return d


def make(c):
    rng = np.random.default_rng(1)
    for n in ('CT_small', 'MR_small', 'MR_small_RLE', 'MR_small_bigendian', 'MR_small_expb', 'MR_small_implicit', 'MR_small_padded', 'MR_small_jp2klossless', 'image_dfl'):
        shutil.copy(f'{TEST}/{n}.dcm', c.path(f'{n}.dcm')); single(c, f'{n}.dcm')
    # pydicom has no decoder of JPEG-LS here; the file is MR_small.
    shutil.copy(f'{TEST}/MR_small_jpeg_ls_lossless.dcm', c.path('jls.dcm')); d = pydicom.dcmread(c.path('MR_small.dcm'))
    c.add('jls.dcm', stored(d)[None], ['z', 'y', 'x'], format='DICOM')
    for n, notes in (('CR1/6154', ['white-is-zero']), ('CR2/6247', ['white-is-zero'])):
        f = n.replace('/', '-'); shutil.copy(f'{TEST}/dicomdirtests/77654033/{n}', c.path(f)); single(c, f, notes=notes)
    # The series that pydicom ships.
    shipped = {f.rstrip('/').split('dicomdirtests/')[1]: sorted(p for p in glob.glob(f + '*') if os.path.isfile(p)) for f in glob.glob(f'{TEST}/dicomdirtests/*/*/')}
    reading = {'98892001/CT5N': None, '77654033/CT2': 'uneven', '98892001/CT2N': 'directions', '98892003/MR1': 'several', '98892003/MR2': 'several', '98892003/MR700': 'directions'}
    for n, case in reading.items():
        files = copied(c, shipped[n], n.replace('/', '-'))
        if case is None: series(c, n.replace('/', '-'), files)
        else: refused(c, n.replace('/', '-'), files, 'series-unread', problem={'case': case})
    # Series of our own: types, order, places, scales.
    for t in STORED.values():
        a = volume(rng, dtype=t); series(c, f's-{t.__name__}', synthetic(c, f's-{t.__name__}', a, upright(5), order=[3, 1, 4, 0, 2]))
    series(c, 's-12', synthetic(c, 's-12', volume(rng, dtype=np.uint16), upright(5), bits=12, RescaleSlope=1, RescaleIntercept=-1024))
    for k, angles in enumerate(((.3, .4, .5), (1.2, -.7, 2.9), (-2, .1, -.4))):
        m = rotation(*angles); o = [*m[:, 0], *m[:, 1]]; n = np.cross(np.round(o[:3], 8), np.round(o[3:], 8))
        for sign in (1, -1):
            f = f's-oblique-{k}{"+" if sign > 0 else "-"}'; a = volume(rng)
            series(c, f, synthetic(c, f, a, [np.array([11, -22, 33]) + sign * 1.7 * j * n for j in range(5)], directions=o, order=[2, 0, 3, 1, 4]))
    scales = lambda k: {'RescaleSlope': str(round(.013 * (k + 1), 5)), 'RescaleIntercept': str(k)}
    for sop, n in ((CTImageStorage, 'ct'), (MRImageStorage, 'mr'), (PositronEmissionTomographyImageStorage, 'pt')):
        series(c, f's-scales-{n}', synthetic(c, f's-scales-{n}', volume(rng), upright(5), each=scales, sop=sop), varying=True)
        series(c, f's-scale-{n}', synthetic(c, f's-scale-{n}', volume(rng), upright(5), sop=sop, RescaleSlope='0.25', RescaleIntercept='-7.5'))
    series(c, 's-whole', synthetic(c, 's-whole', volume(rng), upright(5), each=lambda k: {'RescaleSlope': 1 + 9 * (k > 1), 'RescaleIntercept': -1024}), varying=True)
    # Compressed by GDCM in SimpleITK: lossless, 8 to 16 bits.
    for comp in ('JPEG', 'JPEG2000'):
        for t in (np.uint8, np.uint16, np.int16):
            a = volume(rng, (1, 32, 40), t); n = f'{comp}-{t.__name__}.dcm'; w = sitk.ImageFileWriter(); w.SetFileName(c.path(n)); w.SetUseCompression(True); w.SetCompressor(comp); w.Execute(sitk.GetImageFromArray(a))
            d = pydicom.dcmread(c.path(n), stop_before_pixels=True); assert d.file_meta.TransferSyntaxUID.is_compressed
            c.add(n, a if 'ImagePositionPatient' in d else a[0], ['z', 'y', 'x'] if 'ImagePositionPatient' in d else ['y', 'x'])
    # Several frames in one file, not in the order of their places.
    a = volume(rng, (4, 5, 6)); order = [2, 0, 3, 1]; affine = [[-.9, 0, 0, 10], [0, -.7, 0, 20], [0, 0, 2.5, 5], [0, 0, 0, 1]]
    places = [upright(4)[k] for k in order]
    save(enhanced(a, places, lambda k: (2, -3)), c.path('frames.dcm'))
    c.add('frames.dcm', a[np.argsort(order)], ['z', 'y', 'x'], affine=affine, scale={'slope': 2, 'intercept': -3})
    save(enhanced(a, places, lambda k: (k + 1, .5)), c.path('frames-scales.dcm'))
    c.add('frames-scales.dcm', np.stack([a[k] * (k + 1.) + .5 for k in range(4)])[np.argsort(order)], ['z', 'y', 'x'], affine=affine, scale=None)
    save(slice_set(a, position=None, directions=None, NumberOfFrames=4), c.path('cine.dcm')); c.add('cine.dcm', a, ['page', 'y', 'x'])
    shutil.copy(f'{TEST}/rtdose.dcm', c.path('dose.dcm')); d = pydicom.dcmread(c.path('dose.dcm')); i = sitk.ReadImage(c.path('dose.dcm'))
    c.add('dose.dcm', stored(d), ['z', 'y', 'x'], affine=sitk_affine(i).tolist(), scale={'slope': float(d.DoseGridScaling), 'intercept': 0})
    # What is refused.
    def series_refused(n, files, case): refused(c, n, files, 'series-unread', problem={'case': case})
    a = volume(rng)
    gap = upright(6); series_refused('r-missing', synthetic(c, 'r-missing', a, gap[:2] + gap[3:]), 'uneven')
    series_refused('r-tilted', synthetic(c, 'r-tilted', a, [(0, .5 * k, 2.5 * k) for k in range(5)]), 'tilted')
    series_refused('r-twice', synthetic(c, 'r-twice', a, [(0, 0, 2.5 * (k // 2)) for k in range(5)]), 'same-place')
    series_refused('r-sizes', synthetic(c, 'r-sizes', [a[0], a[1][:4]], upright(2)), 'sizes')
    series_refused('r-types', synthetic(c, 'r-types', [a[0], a[1].astype(np.uint16)], upright(2)), 'types')
    series_refused('r-series', synthetic(c, 'r-series', a, upright(5), each=lambda k: {'series_uid': f'1.2.{k % 2}'}), 'several')
    series_refused('r-spacings', synthetic(c, 'r-spacings', a, upright(5), each=lambda k: {'spacing': (.7, .9 + .1 * (k == 3))}), 'spacings')
    series_refused('r-unplaced', synthetic(c, 'r-unplaced', a, [None] * 5), 'unplaced')
    turned = [[1, 0, 0, 0, 1, 0]] * 3 + [[0, 1, 0, 0, 0, 1]]
    save(enhanced(a[:4], upright(4), lambda k: (1, 0), turned), c.path('turned.dcm')); c.refused('turned.dcm', 'series-unread', problem={'case': 'frame-directions'})
    for n, code in (('examples_palette', 'element-type-unread'), ('SC_rgb_rle', 'element-type-unread'), ('SC_ybr_full_422_uncompressed', 'element-type-unread'), ('liver_1frame', 'element-type-unread'), ('JPGExtended', 'compression-unread'), ('JPEG-lossy', 'compression-unread'), ('MR_truncated', 'elements-missing'), ('rtplan', 'header-damaged')):
        if os.path.exists(f'{TEST}/{n}.dcm'): shutil.copy(f'{TEST}/{n}.dcm', c.path(f'{n}.dcm')); c.refused(f'{n}.dcm', code)
