"""Makes a data set of DICOM series with masks, and compares what `unet run` wrote with SimpleITK.

dicom_series.py make FOLDER; dicom_series.py check FOLDER
"""

import sys
from pathlib import Path

import numpy as np
import pydicom
import SimpleITK as sitk
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

COSINE, SINE = 0.8, 0.6


def series(folder, volume, numbers=None):
    """Writes slices of Hounsfield units with names in another order, rotated in the plane."""
    folder.mkdir(parents=True)
    series_uid, study, frame = generate_uid(), generate_uid(), generate_uid()
    numbers = range(len(volume)) if numbers is None else numbers
    names = np.random.default_rng(7).permutation(len(volume))
    for plane, number, name in zip(volume, numbers, names):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = CTImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        slope = 1 if number % 2 else 2
        file = FileDataset(None, {}, file_meta=meta, preamble=bytes(128))
        file.SOPClassUID, file.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
        file.SeriesInstanceUID, file.StudyInstanceUID, file.FrameOfReferenceUID = series_uid, study, frame
        file.PatientID = file.PatientName = "x"
        file.Modality, file.InstanceNumber = "CT", int(number) + 1
        file.Rows, file.Columns = plane.shape
        file.PixelSpacing, file.SliceThickness = [0.9, 0.7], 2.5
        file.ImageOrientationPatient = [COSINE, SINE, 0, -SINE, COSINE, 0]
        file.ImagePositionPatient = [-10, -20, 5 + 2.5 * int(number)]
        file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
        file.BitsAllocated, file.BitsStored, file.HighBit, file.PixelRepresentation = 16, 12, 11, 0
        file.RescaleSlope, file.RescaleIntercept = slope, -1024
        file.PixelData = ((plane + 1024) / slope).astype("<u2").tobytes()
        file.save_as(folder / f"IM{name:04d}", enforce_file_format=True)


def case(seed):
    """CT of an organ, in even numbers, and where the organ is."""
    z, y, x = np.mgrid[0:12, 0:32, 0:40]
    organ = (z - 6) ** 2 / 16 + (y - 16) ** 2 / 60 + (x - 18 - 3 * seed) ** 2 / 80 < 1
    noise = np.random.default_rng(seed).normal(0, 20, organ.shape)
    return 2 * np.round(np.where(organ, 60, -100) / 2 + noise / 2), organ


def read(folder):
    return sitk.ReadImage(sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder)))


def make(folder):
    for seed, name in enumerate(["p1", "p2", "p3"]):
        volume, organ = case(seed)
        series(folder / "scans/images" / name, volume)
        mask = sitk.GetImageFromArray(organ.astype("u1"))
        mask.CopyInformation(read(folder / "scans/images" / name))
        target = folder / "scans/labels" / f"{name}.{'nrrd' if seed else 'nii.gz'}"
        target.parent.mkdir(exist_ok=True)
        sitk.WriteImage(mask, str(target))
    series(folder / "new", case(1)[0])
    series(folder / "gap", case(1)[0], [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12])
    series(folder / "two", case(0)[0])
    series(folder / "other", case(1)[0])
    for path in (folder / "other").iterdir():
        path.rename(folder / "two" / f"{path.name}b")


def check(folder):
    # GDCM takes the slope of the first slice for all, so the numbers are pydicom's.
    files = [pydicom.dcmread(path) for path in (folder / "new").iterdir()]
    files.sort(key=lambda file: file.ImagePositionPatient[2])
    values = np.stack([file.pixel_array * file.RescaleSlope + file.RescaleIntercept for file in files])
    image = read(folder / "new")
    for name in ["mask.nii.gz", "sign.nii.gz", "sign.nrrd", "slices.nii.gz"]:
        mask = sitk.ReadImage(str(folder / name))
        assert mask.GetSize() == image.GetSize(), name
        for own, other in [
            (mask.GetSpacing(), image.GetSpacing()),
            (mask.GetOrigin(), image.GetOrigin()),
            (mask.GetDirection(), image.GetDirection()),
        ]:
            assert np.allclose(own, other, atol=1e-4), (name, own, other)
        if name != "mask.nii.gz":
            assert (sitk.GetArrayFromImage(mask) == (values > 0)).all(), name


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](Path(sys.argv[2]))
