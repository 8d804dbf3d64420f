"""Cuts two public images into a half to train with and a half to test with, with a gap between, and measures Dice.

cut DATA OUT: nuclei of the package stardist (DATA/img2d.tif, mask2d.tif), a brain of mricron-data (ch2.nii.gz, ch2bet.nii.gz)
dice FOUND TRUTH: 2 |A and B| / (|A| + |B|) of what is not 0, and whether both lie in the same place
"""

import os
import sys

import nibabel
import numpy
import tifffile


def cut_nuclei(data, out):
    image, mask = (tifffile.imread(f"{data}/{name}2d.tif") for name in ("img", "mask"))
    for part, name, array in (("images", "left", image), ("masks", "left", mask)):
        os.makedirs(f"{out}/nuclei/{part}", exist_ok=True)
        tifffile.imwrite(f"{out}/nuclei/{part}/{name}.tif", array[:, :240])
    tifffile.imwrite(f"{out}/nuclei.tif", image[:, 272:])
    tifffile.imwrite(f"{out}/nuclei-truth.tif", mask[:, 272:])


def cut_brain(data, out):
    image, brain = (nibabel.load(f"{data}/{name}.nii.gz") for name in ("ch2", "ch2bet"))
    voxels = numpy.asarray(image.dataobj)
    mask = (numpy.asarray(brain.dataobj) > 0).astype(numpy.uint8)
    middle = voxels.shape[0] // 2

    def save(array, start, end, path):
        affine = image.affine.copy()
        affine[:3, 3] += affine[:3, 0] * start
        nibabel.save(nibabel.Nifti1Image(array[start:end], affine), path)

    for part, array in (("images", voxels), ("masks", mask)):
        os.makedirs(f"{out}/brain/{part}", exist_ok=True)
        save(array, 0, middle - 4, f"{out}/brain/{part}/left.nii.gz")
    save(voxels, middle + 4, voxels.shape[0], f"{out}/brain.nii.gz")
    save(mask, middle + 4, voxels.shape[0], f"{out}/brain-truth.nii.gz")


def dice(found, truth):
    if found.endswith(".tif"):
        a, b, same = tifffile.imread(found) > 0, tifffile.imread(truth) > 0, True
    else:
        one, other = nibabel.load(found), nibabel.load(truth)
        a, b = numpy.asarray(one.dataobj) > 0, numpy.asarray(other.dataobj) > 0
        same = numpy.allclose(one.affine, other.affine)
    print(2 * (a & b).sum() / (a.sum() + b.sum()), same)


if __name__ == "__main__":
    if sys.argv[1] == "cut":
        cut_nuclei(*sys.argv[2:])
        cut_brain(*sys.argv[2:])
    else:
        dice(*sys.argv[2:])
