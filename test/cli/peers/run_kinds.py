"""Makes inputs of `unet run`, and reads what it wrote: `make FOLDER` or `check FOLDER`."""

import itertools
import json
import sys
from pathlib import Path

import nibabel as nib
import nrrd
import numpy as np
import SimpleITK as sitk
import tifffile

SHAPE = (5, 4, 3)


def voxels(rng, shape=SHAPE, dtype=np.float32):
    return (rng.choice([-1, 1], shape) * rng.integers(1, 100, shape)).astype(dtype)


def rotation(rng):
    q, r = np.linalg.qr(rng.normal(size=(3, 3)))
    return q * np.sign(np.diag(r))


def affine_of(matrix, origin):
    affine = np.eye(4)
    affine[:3, :3] = matrix
    affine[:3, 3] = origin
    return affine


def volumes(rng):
    """(name, image) of every kind; the name says which formats can hold the place."""
    spacing = np.diag([0.75, 1.5, 3.0])
    for k, (order, signs) in enumerate(
        itertools.product(itertools.permutations(range(3)), itertools.product([1, -1], repeat=3))
    ):
        matrix = np.zeros((3, 3))
        for column, (row, sign) in enumerate(zip(order, signs)):
            matrix[row, column] = sign
        yield f"orientation{k:02}", nib.Nifti1Image(voxels(rng), affine_of(matrix @ spacing, rng.normal(size=3) * 40))
    for k in range(8):
        yield f"oblique{k}", nib.Nifti1Image(voxels(rng), affine_of(rotation(rng) @ spacing, rng.normal(size=3) * 40))
    for k in range(4):
        sheared = rotation(rng) @ spacing @ (np.eye(3) + np.triu(rng.normal(size=(3, 3)) / 4, 1))
        yield f"sheared{k}", nib.Nifti1Image(voxels(rng), affine_of(sheared, rng.normal(size=3)))
    place = affine_of(rotation(rng) @ spacing, [1, -2, 3])
    for code in [0, 1, 2]:
        image = nib.Nifti1Image(voxels(rng), place)
        image.set_qform(place, 1 + code)
        image.set_sform(place, code)
        yield f"codes{code}", image
    both = nib.Nifti1Image(voxels(rng), place)
    both.set_qform(affine_of(rotation(rng) @ spacing, [0, 0, 0]), 1)
    both.set_sform(place, 4)
    yield "differ", both
    big = nib.Nifti1Header(endianness=">")
    big.set_data_dtype(">i2")
    yield "bigendian", nib.Nifti1Image(voxels(rng, dtype=np.int16), place, big)
    scaled = nib.Nifti1Image(voxels(rng), place)
    scaled.header.set_data_dtype(np.uint8)
    yield "scaled", scaled
    yield "nifti2", nib.Nifti2Image(voxels(rng), place)
    yield "one_slice", nib.Nifti1Image(voxels(rng, (5, 4, 1)), place)
    vector = nib.Nifti1Image(voxels(rng), place)
    vector.header.set_intent("z score")
    vector.header["cal_max"] = 4
    yield "intent", vector
    yield "sequences4d", nib.Nifti1Image(voxels(rng, (*SHAPE, 2)), place)


def hyperstacks(rng):
    shape = {"T": 2, "Z": 3, "C": 2, "Y": 5, "X": 6}
    for axes in ["YX", "ZYX", "TYX", "CYX", "ZCYX", "TZYX", "TCYX", "TZCYX"]:
        data = voxels(rng, [shape[axis] for axis in axes])
        yield f"imagej_{axes}.tif", data, {"imagej": True}, axes
        yield f"ome_{axes}.ome.tif", data, {"ome": True}, axes


def make(folder):
    rng = np.random.default_rng(5)
    names = []
    for name, image in volumes(rng):
        nib.save(image, folder / f"{name}.nii")
        names.append(name)
    stacks = []
    for name, data, options, axes in hyperstacks(rng):
        tifffile.imwrite(folder / name, data, photometric="minisblack", metadata={"axes": axes}, **options)
        stacks.append({"name": name, "axes": axes})
        np.save(folder / f"{name}.npy", data)
    (folder / "made.json").write_text(json.dumps({"volumes": names, "stacks": stacks}))


def read_sitk(path):
    image = sitk.ReadImage(str(path))
    matrix = np.array(image.GetDirection()).reshape(3, 3) @ np.diag(image.GetSpacing())
    lps = affine_of(matrix, image.GetOrigin())
    return sitk.GetArrayFromImage(image).transpose(), np.diag([-1, -1, 1, 1]) @ lps


def read_nrrd(path):
    data, header = nrrd.read(str(path))
    lps = affine_of(np.array(header["space directions"]).T, header["space origin"])
    assert header["space"] == "left-posterior-superior"
    return data, np.diag([-1, -1, 1, 1]) @ lps


def classes_of(data):
    return (data[..., 1] > data[..., 0]) if data.ndim == 4 else data > 0


def check_volume(folder, name, wrong, checked):
    source = nib.load(folder / f"{name}.nii")
    wanted = classes_of(source.get_fdata()).astype(np.uint8)
    for path in sorted(folder.glob(f"{name}.*.out.*")):
        checked.append(path.name)
        if path.name.endswith(".nii.gz"):
            image = nib.load(path)
            data, affine = np.asanyarray(image.dataobj), image.affine
            for field in ["qform_code", "sform_code"]:
                if image.header[field] != source.header[field]:
                    wrong.append(f"{path.name}: {field}")
            for get in ["get_qform", "get_sform"]:
                if not np.allclose(getattr(image, get)(), getattr(source, get)(), atol=1e-5):
                    wrong.append(f"{path.name}: {get}")
            if image.header.get_intent()[0] != "none" or image.header["cal_max"] != 0:
                wrong.append(f"{path.name}: intent")
            if type(image) is not type(source) or image.header.endianness != source.header.endianness:
                wrong.append(f"{path.name}: kind of NIfTI")
        else:
            data, affine = read_sitk(path) if path.suffix == ".mha" else read_nrrd(path)
        if data.shape != wanted.shape or not np.array_equal(data, wanted):
            wrong.append(f"{path.name}: voxels {data.shape}")
        if not np.allclose(affine, source.affine, atol=1e-4):
            wrong.append(f"{path.name}: place")


def check_stack(folder, stack, wrong, checked):
    name, axes = stack["name"], stack["axes"]
    data = np.load(folder / f"{name}.npy")
    at = axes.find("C")
    wanted = np.take(data, 1, at) > np.take(data, 0, at) if at >= 0 else data > 0
    for path in sorted(folder.glob(f"{name}.*.out.tif")):
        checked.append(path.name)
        read = tifffile.imread(path)
        if not np.array_equal(read, wanted.astype(np.uint8)):
            wrong.append(f"{path.name}: {read.shape} for {wanted.shape}")


def check(folder):
    wrong, checked = [], []
    made = json.loads((folder / "made.json").read_text())
    for name in made["volumes"]:
        check_volume(folder, name, wrong, checked)
    for stack in made["stacks"]:
        check_stack(folder, stack, wrong, checked)
    (folder / "wrong.json").write_text(json.dumps({"wrong": wrong, "checked": len(checked)}))


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](Path(sys.argv[2]))
