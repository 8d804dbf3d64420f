"""Reads cases as JSON from standard input, and writes what the peers make of each: see objects.peers.ts."""

import base64
import io
import json
import sys
import warnings

import numpy as np
import roifile
import scipy.ndimage
import shapely.geometry
import skimage.measure
import skimage.morphology
import skimage.segmentation
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO


def listed(array):
    return np.asarray(array).ravel().tolist()


def components(case):
    labels = np.array(case["labels"], np.uint8).reshape(case["shape"])
    rank = labels.ndim
    holes = []
    for axes in range(1, rank + 1):
        structure = scipy.ndimage.generate_binary_structure(rank, axes)
        holes.append(listed(scipy.ndimage.binary_fill_holes(labels > 0, structure).astype(int)))
    small = []
    for axes in range(1, rank + 1):
        found = skimage.measure.label(labels, connectivity=axes)
        # max_size: objects of this size are removed too.
        kept = skimage.morphology.remove_small_objects(found, max_size=3, connectivity=axes)
        small.append(listed(np.where(kept > 0, labels, 0)))
    return {
        "labels": [listed(skimage.measure.label(labels, connectivity=axes)) for axes in range(1, rank + 1)],
        "holes": holes,
        "small": small,
    }


def flooded(case):
    shape = case["shape"]
    levels = np.array(case["levels"], np.float32).astype(float).reshape(shape)
    seeds = np.array(case["seeds"], np.int32).reshape(shape)
    mask = np.array(case["mask"], bool).reshape(shape)
    result = skimage.segmentation.watershed(levels, seeds, mask=mask, connectivity=case["axes"])
    return listed(result)


def smoothed(case):
    inside = np.array(case["labels"], bool).reshape(case["shape"])
    distance = scipy.ndimage.distance_transform_edt(inside, sampling=case["spacing"])
    return listed(scipy.ndimage.gaussian_filter(distance, case["sigmas"]))


def polygons(text, shape):
    """Per feature: whether the geometry is valid, its area, and whether it covers the centre of each pixel."""
    found = []
    rows, columns = np.mgrid[: shape[-2], : shape[-1]]
    for feature in json.loads(text)["features"]:
        geometry = shapely.geometry.shape(feature["geometry"])
        covered = shapely.contains_xy(geometry, columns + 0.5, rows + 0.5)
        found.append(
            {
                "valid": bool(geometry.is_valid),
                "area": geometry.area,
                "mask": listed(covered.astype(int)),
                "ccw": all(
                    part.exterior.is_ccw and not any(hole.is_ccw for hole in part.interiors)
                    for part in (geometry.geoms if geometry.geom_type == "MultiPolygon" else [geometry])
                ),
            }
        )
    return found


def rois(archive, shape):
    """Per file of the archive: its name, its slice, and its mask by scikit-image's even-odd rule."""
    found = []
    path = case_file(archive)
    for roi in roifile.roiread(path):
        coordinates = roi.coordinates(multi=True)
        mask = np.zeros(shape[-2:], bool)
        rows, columns = np.mgrid[: shape[-2], : shape[-1]]
        points = np.stack([columns.ravel() + 0.5, rows.ravel() + 0.5], 1)
        for ring in coordinates:
            inside = skimage.measure.points_in_poly(points, ring)
            mask ^= inside.reshape(mask.shape)
        found.append({"name": roi.name, "position": roi.position, "mask": listed(mask.astype(int))})
    return found


def case_file(archive):
    with open(folder + "/rois.zip", "wb") as file:
        file.write(base64.b64decode(archive))
    return folder + "/rois.zip"


def coco(document):
    with open(folder + "/coco.json", "w") as file:
        json.dump(document, file)
    output, sys.stdout = sys.stdout, io.StringIO()
    loaded = COCO(folder + "/coco.json")
    sys.stdout = output
    found = []
    for annotation in loaded.loadAnns(loaded.getAnnIds()):
        mask = loaded.annToMask(annotation)
        again = coco_mask.encode(np.asfortranarray(mask))
        found.append(
            {
                "mask": listed(mask),
                "area": int(coco_mask.area(annotation["segmentation"])),
                "bbox": listed(coco_mask.toBbox(annotation["segmentation"])),
                "counts": again["counts"].decode(),
            }
        )
    return found


warnings.simplefilter("ignore")
folder = sys.argv[1]
cases = json.load(sys.stdin)
json.dump(
    {
        "components": [components(case) for case in cases["maps"]],
        "flooded": [flooded(case) for case in cases["floods"]],
        "smoothed": [smoothed(case) for case in cases["maps"]],
        "polygons": [polygons(case["geoJson"], case["shape"]) for case in cases["maps"]],
        "rois": [rois(case["rois"], case["shape"]) for case in cases["maps"]],
        "coco": coco(cases["coco"]),
    },
    sys.stdout,
)
