"""Makes the sets that bench/data.js reads, and reads them as a program in Python would: with Pillow, or with nibabel."""

import os
import sys
import time

import numpy as np


def make_pictures(folder, count, size):
    from PIL import Image

    rng = np.random.default_rng(0)
    y, x = np.mgrid[:size, :size]
    for part in ("images", "masks"):
        os.makedirs(f"{folder}/{part}")
    for i in range(count):
        cy, cx, radius = rng.integers(size // 6, size - size // 6, 2).tolist() + [rng.integers(8, 20)]
        mask = (y - cy) ** 2 + (x - cx) ** 2 < radius**2
        image = np.clip(60 + 90 * mask + rng.normal(0, 12, mask.shape), 0, 255).astype(np.uint8)
        Image.fromarray(image).save(f"{folder}/images/c{i:05d}.png")
        Image.fromarray((mask * 255).astype(np.uint8)).save(f"{folder}/masks/c{i:05d}.png")


def make_volumes(folder, count, size):
    import nibabel

    rng = np.random.default_rng(0)
    for part in ("images", "masks"):
        os.makedirs(f"{folder}/{part}")
    base = rng.normal(0, 40, (size, size, size))
    for i in range(count):
        image = (base + np.roll(base, i, 0)).astype(np.int16)
        mask = np.zeros(image.shape, np.uint8)
        mask[20:60, 30 : 40 + i % 30, 40:80] = 1
        nibabel.save(nibabel.Nifti1Image(image, np.eye(4)), f"{folder}/images/v{i:03d}.nii.gz")
        nibabel.save(nibabel.Nifti1Image(mask, np.eye(4)), f"{folder}/masks/v{i:03d}.nii.gz")


def read_pictures(folder):
    from PIL import Image

    for name in sorted(os.listdir(f"{folder}/images")):
        for part in ("images", "masks"):
            np.unique(np.asarray(Image.open(f"{folder}/{part}/{name}")))


def read_volumes(folder):
    import nibabel

    for name in sorted(os.listdir(f"{folder}/images")):
        np.asarray(nibabel.load(f"{folder}/images/{name}").dataobj)
        np.unique(np.asarray(nibabel.load(f"{folder}/masks/{name}").dataobj))


if __name__ == "__main__":
    what, folder, *numbers = sys.argv[1:]
    start = time.perf_counter()
    globals()[what](folder, *map(int, numbers))
    print(time.perf_counter() - start)
