"""Makes the case that bench/metrics.js measures, and measures it with surface-distance of DeepMind."""

import json
import sys
import time

import numpy as np


def make(path, size, classes):
    """Two maps of `classes` labels: balls of many sizes, and the same a little shifted, with bumps."""
    rng = np.random.default_rng(0)
    grid = np.indices((size, size, size), dtype=np.float32)
    bumps = sum(np.sin(grid[axis] * (0.11 + 0.05 * axis)) for axis in range(3))
    maps = np.zeros((2, size, size, size), np.uint16)
    for label in range(1, classes):
        radius = size * rng.uniform(0.06, 0.16)
        centre = rng.uniform(radius, size - radius, 3)
        for i, shift in enumerate((np.zeros(3), rng.uniform(-3, 3, 3))):
            away = sum((grid[axis] - (centre + shift)[axis]) ** 2 for axis in range(3))
            maps[i][np.sqrt(away) + i * 0.7 * bumps < radius] = label
    maps.tofile(path)


def surface_distance(path, size, classes):
    """Seconds for HD95 and NSD at 2 mm of every class but the background; the values."""
    import scipy.ndimage

    np.Inf = np.inf  # NumPy 2 has no Inf.
    import surface_distance as peer

    truth, predicted = np.fromfile(path, np.uint16).reshape(2, size, size, size)
    spacing = (2.0, 0.8, 0.8)
    values = []
    start = time.perf_counter()
    for label in range(1, classes):
        distances = peer.compute_surface_distances(truth == label, predicted == label, spacing)
        hd95 = peer.compute_robust_hausdorff(distances, 95)
        values.append([hd95, peer.compute_surface_dice_at_tolerance(distances, 2.0)])
    return time.perf_counter() - start, values


def overlap(path, size, classes):
    """Seconds for the confusion matrix of scikit-learn's way in NumPy: one bincount of both maps."""
    truth, predicted = np.fromfile(path, np.uint16).reshape(2, -1)
    start = time.perf_counter()
    matrix = np.bincount(truth.astype(np.int64) * classes + predicted, minlength=classes**2)
    seconds = time.perf_counter() - start
    return seconds, matrix.tolist()


if __name__ == "__main__":
    what, path, *numbers = sys.argv[1:]
    found = globals()[what](path, *map(int, numbers))
    print(json.dumps(found))
