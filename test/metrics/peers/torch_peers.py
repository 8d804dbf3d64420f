"""What MONAI and torchmetrics measure: reads cases from standard input, writes JSON (NaN and infinities as text)."""

import json
import math
import sys
import warnings

import numpy as np
import torch
from monai.metrics import (
    compute_average_surface_distance,
    compute_dice,
    compute_hausdorff_distance,
    compute_iou,
    compute_surface_dice,
)
from monai.metrics.panoptic_quality import compute_panoptic_quality
from nnunetv2.evaluation.evaluate_predictions import compute_tp_fp_fn_tn
from torchmetrics.detection import PanopticQuality
from torchmetrics.functional.segmentation import dice_score, hausdorff_distance, mean_iou

warnings.filterwarnings("ignore")
torch.set_num_threads(1)


def attempt(work):
    """Numbers; the name of the exception if there are none."""
    try:
        values = np.asarray(work(), dtype=float).reshape(-1).tolist()
    except Exception as error:
        return [type(error).__name__] * 2
    return [value if math.isfinite(value) else str(value) for value in values]


def one_hot(labels):
    return torch.stack([labels == k for k in range(3)])[None].float()


def distance(truth, predicted, spacing):
    pair = [torch.stack([~mask, mask])[None].long() for mask in (predicted, truth)]
    return hausdorff_distance(*pair, 2, spacing=spacing)


def with_unlabelled(case, truth, predicted):
    """TP, FP, FN and TN of both classes in nnU-Net; Dice and IoU in MONAI, which takes the index of a class to leave out."""
    ignored = np.array(case["ignored"], bool).reshape(case["shape"])
    counts = [
        compute_tp_fp_fn_tn(truth.numpy() == label, predicted.numpy() == label, ignored) for label in (1, 2)
    ]
    y, p = truth.clone(), predicted
    y[torch.from_numpy(ignored)] = 3
    hot = [torch.stack([labels == k for k in range(4)])[None].float() for labels in (p, y)]
    dice = attempt(lambda: compute_dice(*hot, include_background=True, ignore_index=3)[0, 1:3])
    return {"nnunet": [[int(count) for count in one] for one in counts], "dice": dice}


def case_of(case):
    shape, spacing = case["shape"], [float(s) for s in case["spacing"]]
    truth, predicted = (
        torch.from_numpy(np.array(case[key], np.int64).reshape(shape)) for key in ("truth", "predicted")
    )
    y, p = one_hot(truth), one_hot(predicted)
    monai = {
        "dice": attempt(lambda: compute_dice(p, y, include_background=False)),
        "dice_kept": attempt(lambda: compute_dice(p, y, include_background=False, ignore_empty=False)),
        "iou": attempt(lambda: compute_iou(p, y, include_background=False)),
        "hd": attempt(lambda: compute_hausdorff_distance(p, y, spacing=spacing)),
        "hd95": attempt(lambda: compute_hausdorff_distance(p, y, percentile=95, spacing=spacing)),
        "assd": attempt(lambda: compute_average_surface_distance(p, y, symmetric=True, spacing=spacing)),
        "nsd": attempt(lambda: compute_surface_dice(p, y, [case["tolerance"]] * 2, spacing=spacing)),
        "nsd_subvoxels": attempt(
            lambda: compute_surface_dice(p, y, [case["tolerance"]] * 2, spacing=spacing, use_subvoxels=True)
        ),
    }
    torchmetrics = {
        "dice": attempt(lambda: dice_score(p.long(), y.long(), 3, include_background=False, average="none")),
        "iou": attempt(
            lambda: mean_iou(p.long(), y.long(), 3, include_background=False, per_class=True, input_format="one-hot")
        ),
        # One class after the other: it fails for all if one is empty.
        "hd": [attempt(lambda: distance(truth == label, predicted == label, spacing))[0] for label in (1, 2)],
    }
    objects, found = (
        torch.from_numpy(np.array(case[key], np.int32).reshape(shape)) for key in ("objects", "found")
    )
    counts = attempt(lambda: compute_panoptic_quality(found, objects, output_confusion_matrix=True))
    quality = PanopticQuality(things={1}, stuffs={0}, return_sq_and_rq=True, return_per_class=True)
    pairs = [torch.stack([(numbers > 0).int(), numbers], -1)[None] for numbers in (found, objects)]
    thing = attempt(lambda: quality(*pairs)[0, 0])
    return {
        "monai": monai,
        "torchmetrics": torchmetrics,
        "panoptic": {"monai": counts, "torchmetrics": thing},
        "unlabelled": with_unlabelled(case, truth, predicted),
    }


def versions():
    from importlib.metadata import version

    return {name: version(name) for name in ("monai", "torchmetrics", "torch")}


cases = json.load(sys.stdin)
json.dump({"versions": versions(), "cases": [case_of(case) for case in cases]}, sys.stdout)
