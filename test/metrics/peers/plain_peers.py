"""What packages without PyTorch measure: reads cases from standard input, writes JSON (NaN and infinities as text)."""

import json
import math
import sys
import warnings

import cv2
import numpy as np
import SimpleITK as sitk

np.Inf = np.inf  # surface-distance 0.1 needs it for empty masks; NumPy 2 has none.
import surface_distance
from medpy.metric import binary as medpy
from scipy import ndimage
from skimage.metrics import hausdorff_distance
from stardist.matching import matching

warnings.filterwarnings("ignore")
sitk.ProcessObject.SetGlobalWarningDisplay(False)


def attempt(work):
    """A number; the name of the exception if there is none."""
    try:
        value = float(work())
    except Exception as error:
        return type(error).__name__
    return value if math.isfinite(value) else str(value)


def image_of(array, spacing):
    image = sitk.GetImageFromArray(array.astype(np.uint8))
    image.SetSpacing([float(s) for s in spacing[::-1]])
    return image


def overlap_filter(truth, predicted, spacing):
    measures = sitk.LabelOverlapMeasuresImageFilter()
    measures.Execute(image_of(predicted, spacing), image_of(truth, spacing))
    return measures


def itk_hausdorff(truth, predicted, spacing):
    measures = sitk.HausdorffDistanceImageFilter()
    measures.Execute(image_of(predicted, spacing), image_of(truth, spacing))
    return measures.GetHausdorffDistance()


def itk_overlap(truth, predicted, spacing):
    of = overlap_filter(truth, predicted, spacing)
    return {
        "dice": attempt(lambda: of.GetDiceCoefficient(1)),
        "iou": attempt(lambda: of.GetJaccardCoefficient(1)),
        "false_negative_error": attempt(lambda: of.GetFalseNegativeError(1)),
        "volume_similarity": attempt(lambda: of.GetVolumeSimilarity(1)),
    }


def border(mask):
    return mask & ~ndimage.binary_erosion(mask)


def mask_to_boundary(mask, dilation_ratio=0.02):
    """As in github.com/bowenc0221/boundary-iou-api."""
    h, w = mask.shape
    img_diag = np.sqrt(h**2 + w**2)
    dilation = int(round(dilation_ratio * img_diag))
    if dilation < 1:
        dilation = 1
    new_mask = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    kernel = np.ones((3, 3), dtype=np.uint8)
    new_mask_erode = cv2.erode(new_mask, kernel, iterations=dilation)
    mask_erode = new_mask_erode[1 : h + 1, 1 : w + 1]
    return mask - mask_erode


def boundary_iou(gt, dt, dilation_ratio):
    gt_boundary = mask_to_boundary(gt.astype(np.uint8), dilation_ratio)
    dt_boundary = mask_to_boundary(dt.astype(np.uint8), dilation_ratio)
    intersection = ((gt_boundary * dt_boundary) > 0).sum()
    union = ((gt_boundary + dt_boundary) > 0).sum()
    return intersection / union


def class_of(truth, predicted, case):
    spacing, tolerance = case["spacing"], case["tolerance"]
    found = {}
    with np.errstate(all="ignore"):
        try:
            of = surface_distance.compute_surface_distances(truth, predicted, spacing)
            found["deepmind"] = {
                "hd95": attempt(lambda: surface_distance.compute_robust_hausdorff(of, 95)),
                "nsd": attempt(lambda: surface_distance.compute_surface_dice_at_tolerance(of, tolerance)),
            }
        except Exception as error:
            found["deepmind"] = {"hd95": type(error).__name__, "nsd": type(error).__name__}
        found["medpy"] = {
            "dice": attempt(lambda: medpy.dc(predicted, truth)),
            "iou": attempt(lambda: medpy.jc(predicted, truth)),
            "recall": attempt(lambda: medpy.recall(predicted, truth)),
            "precision": attempt(lambda: medpy.precision(predicted, truth)),
            "specificity": attempt(lambda: medpy.specificity(predicted, truth)),
            "relative_volume_difference": attempt(lambda: medpy.ravd(predicted, truth)),
            "hd": attempt(lambda: medpy.hd(predicted, truth, voxelspacing=spacing)),
            "hd95": attempt(lambda: medpy.hd95(predicted, truth, voxelspacing=spacing)),
            "assd": attempt(lambda: medpy.assd(predicted, truth, voxelspacing=spacing)),
        }
        found["simpleitk"] = {
            **itk_overlap(truth, predicted, spacing),
            "hd": attempt(lambda: itk_hausdorff(truth, predicted, spacing)),
        }
        # scikit-image knows no spacing, and takes the points that it is given.
        found["skimage"] = {"hd_pixels": attempt(lambda: hausdorff_distance(border(predicted), border(truth)))}
        if truth.ndim == 2:
            found["boundary"] = {"boundary_iou": attempt(lambda: boundary_iou(truth, predicted, case["ratio"]))}
    return found


def objects_of(case):
    shape = case["shape"]
    truth, predicted = (np.array(case[key], np.int32).reshape(shape) for key in ("objects", "found"))
    rows = matching(truth, predicted, thresh=[t / 100 for t in range(50, 100, 5)])
    keys = ("tp", "fp", "fn", "f1", "accuracy", "panoptic_quality")
    return [{key: attempt(lambda: getattr(row, key)) for key in keys} for row in rows]


def versions():
    from importlib.metadata import version

    names = ("surface-distance-based-measures", "MedPy", "SimpleITK", "scikit-image", "stardist", "numpy", "scipy")
    return {name: version(name) for name in names}


cases = json.load(sys.stdin)
results = []
for case in cases:
    maps = [np.array(case[key], np.uint16).reshape(case["shape"]) for key in ("truth", "predicted")]
    truth, predicted = maps
    results.append(
        {
            "classes": [class_of(truth == label, predicted == label, case) for label in (1, 2)],
            "objects": objects_of(case),
        }
    )
json.dump({"versions": versions(), "cases": results}, sys.stdout)
