"""Makes sets of one image and one mask each, of every kind of mask: see label-sets.peers.ts."""

import json
import sys
from pathlib import Path

import nibabel as nib
import nrrd
import numpy as np
import SimpleITK as sitk
import tifffile
from PIL import Image

H, W, D = 6, 8, 3
rng = np.random.default_rng(3)


def classes(count, shape=(H, W)):
    values = rng.integers(0, count, shape)
    values.flat[:count] = np.arange(count)
    return values


def palette_png(path, labels, colours, **options):
    image = Image.fromarray(labels.astype(np.uint8), "P")
    image.putpalette(sum(colours, []))
    image.save(path, **options)


def tiff(**options):
    return lambda path, labels: tifffile.imwrite(path, labels, **options)


def typed(dtype, **options):
    return lambda path, labels: tifffile.imwrite(path, labels.astype(dtype), **options)


def nifti(dtype, scaled=None):
    def write(path, labels):
        image = nib.Nifti1Image(labels.T.astype(dtype), np.diag([1, 2, 3, 1]))
        if scaled is not None:
            image.header.set_data_dtype(scaled)
        nib.save(image, path)

    return write


def inverting(path, labels):
    lut = np.stack([np.arange(255, -1, -1, dtype=np.uint8)] * 3)
    tifffile.imwrite(path, (labels * 255).astype(np.uint8), imagej=True, metadata={"LUTs": [lut], "mode": "grayscale"})


WHITE = [[255, 255, 255], [0, 0, 0], [255, 0, 0], [255, 0, 0]]
flat, deep = (H, W), (D, H, W)

# name, file, number of classes, shape, writer, labels (None: found)
KINDS = [
    ("bool_tiff", "a.tif", 2, flat, lambda p, x: tifffile.imwrite(p, x.astype(bool)), None),
    ("white_is_zero", "a.tif", 2, flat, typed(np.uint8, photometric="miniswhite"), None),
    ("white_is_zero_255", "a.tif", 2, flat, lambda p, x: tifffile.imwrite(p, (x * 255).astype(np.uint8), photometric="miniswhite"), None),
    ("inverting_lut", "a.tif", 2, flat, inverting, None),
    *[(f"tiff_{t}", "a.tif", 5, flat, typed(t), None) for t in ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]],
    ("tiff_big", "a.tif", 5, flat, typed(">u2", byteorder=">"), None),
    ("tiff_zlib", "a.tif", 5, flat, typed("u2", compression="zlib", predictor=True), None),
    ("tiff_lut", "a.tif", 4, flat, lambda p, x: tifffile.imwrite(p, x.astype(np.uint8), photometric="palette", colormap=rng.integers(0, 65535, (3, 256)).astype(np.uint16)), None),
    ("png_palette", "a.png", 4, flat, lambda p, x: palette_png(p, x, WHITE), None),
    ("png_palette_bits", "a.png", 4, flat, lambda p, x: palette_png(p, x, WHITE, bits=2), None),
    ("png_palette_alpha", "a.png", 4, flat, lambda p, x: palette_png(p, x, WHITE, transparency=0), None),
    ("png_colours", "a.png", 3, flat, lambda p, x: palette_png(p, x, WHITE), {"#ffffff": 0, "#000000": 1, "#ff0000": 2}),
    ("gif", "a.gif", 4, flat, lambda p, x: palette_png(p, x, WHITE + [[i, i, 9] for i in range(252)], optimize=False), None),
    ("bmp", "a.bmp", 4, flat, lambda p, x: palette_png(p, x, WHITE + [[i, i, 9] for i in range(252)]), None),
    ("png_1_bit", "a.png", 2, flat, lambda p, x: Image.fromarray(x.astype(bool)).save(p), None),
    ("png_16_bit", "a.png", 5, flat, lambda p, x: Image.fromarray(x.astype(np.uint16)).save(p), None),
    ("webp", "a.webp", 2, flat, lambda p, x: Image.fromarray((x * 255).astype(np.uint8)).convert("RGB").save(p, lossless=True), None),
    ("jpeg", "a.jpg", 2, flat, lambda p, x: Image.fromarray((x * 255).astype(np.uint8)).save(p, quality=95, subsampling=0), {"0..127": 0, "128..255": 1}),
    ("npy", "a.npy", 5, flat, lambda p, x: np.save(p, x.astype(np.int64)), None),
    *[(f"nifti_{t}", "a.nii.gz", 5, deep, nifti(t), None) for t in ["u1", "i1", "u2", "i2", "u4", "i4", "f4", "f8"]],
    ("nifti_scaled", "a.nii", 4, deep, nifti("f4", np.uint8), None),
    ("nifti_scaled_16", "a.nii", 4, deep, nifti("f4", np.int16), None),
    ("nrrd", "a.nrrd", 5, deep, lambda p, x: nrrd.write(str(p), x.T.astype(np.uint64)), None),
    ("mha", "a.mha", 5, deep, lambda p, x: sitk.WriteImage(sitk.GetImageFromArray(x.astype(np.int64)), str(p)), None),
]


def image_for(folder, mask, shape):
    """An image of the same size whose place is that of the mask."""
    values = rng.integers(0, 255, shape).astype(np.uint8)
    if mask.endswith((".nii", ".nii.gz")):
        nib.save(nib.Nifti1Image(values.T, np.diag([1, 2, 3, 1])), folder / "images/a.nii.gz")
    elif mask.endswith(".mha"):
        sitk.WriteImage(sitk.GetImageFromArray(values), str(folder / "images/a.mha"))
    elif len(shape) == 3:
        nrrd.write(str(folder / "images/a.nrrd"), values.T)
    else:
        Image.fromarray(values).save(folder / "images/a.png")


def stacks(out):
    """Sets of hyperstacks: what (C, Y, X) or (C, Z, Y, X) each sample is, by the number of its axes."""
    made = []
    size = {"T": 2, "Z": 3, "C": 2, "Y": 5, "X": 6}
    for program in ["imagej", "ome"]:
        for axes in ["ZYX", "TZYX", "ZCYX", "TZCYX", "TCYX"]:
            folder = out / f"{program}_{axes}"
            (folder / "images").mkdir(parents=True)
            (folder / "masks").mkdir()
            ending = ".tif" if program == "imagej" else ".ome.tif"
            image = rng.normal(size=[size[a] for a in axes]).astype(np.float32)
            plain = axes.replace("C", "")
            mask = classes(3, [size[a] for a in plain]).astype(np.uint8)
            for name, data, own in [("images", image, axes), ("masks", mask, plain)]:
                tifffile.imwrite(folder / name / f"a{ending}", data, photometric="minisblack", metadata={"axes": own}, **{program: True})
            if "C" not in axes:
                image = np.expand_dims(image, axes.index("Y"))
            for rank in [2, 3]:
                if rank == 3 and "Z" not in axes:
                    continue
                # The channel comes before the spatial axes.
                shown = np.moveaxis(image, -3, -4) if rank == 3 else image
                count = int(np.prod(mask.shape[:-rank]))
                made.append({
                    "name": folder.name,
                    "rank": rank,
                    "images": shown.reshape(count, -1).tolist(),
                    "classes": mask.reshape(count, -1).tolist(),
                })
    return made


def main(out):
    made = []
    for name, file, count, shape, write, labels in KINDS:
        folder = out / name
        (folder / "images").mkdir(parents=True)
        (folder / "masks").mkdir()
        values = classes(count, shape)
        write(folder / "masks" / file, values)
        image_for(folder, file, shape)
        wanted = values
        if labels and "#ff0000" in labels:
            wanted = np.minimum(values, 2)
        made.append({"name": name, "labels": labels, "classes": [wanted.ravel().tolist()]})
    (out / "made.json").write_text(json.dumps({"kinds": made, "stacks": stacks(out)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
