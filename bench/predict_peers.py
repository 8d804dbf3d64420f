"""What bench/predict.js needs of Python.

make FOLDER      writes image.tif (4096 x 4096, RGB), volume.nii.gz (256^3), scan_0000.nii.gz (128 x 160 x 160), and a model
                 of nnU-Net, a PlainConvUNet of 4 stages and 8 channels: nnunet/
predict FOLDER   predicts the scan by nnU-Net's own predictor, without mirror images; prints the times of its import and of the rest
run COMMAND...   runs a command; prints its time in s and that of the processors, the most memory it had in MB, and its output
"""

import json
import os
import resource
import subprocess
import sys
import time

CLASSES, WINDOW = 3, 64
FEATURES = [8, 16, 32, 64]


def smooth(random, shape, step):
    from scipy.ndimage import zoom

    coarse = random.normal(size=[-(-size // step) + 1 for size in shape])
    return zoom(coarse, [size / part for size, part in zip(shape, coarse.shape)], order=1)


def architecture():
    stages = len(FEATURES)
    return {
        "network_class_name": "dynamic_network_architectures.architectures.unet.PlainConvUNet",
        "arch_kwargs": {
            "n_stages": stages,
            "features_per_stage": FEATURES,
            "conv_op": "torch.nn.modules.conv.Conv3d",
            "kernel_sizes": [[3, 3, 3]] * stages,
            "strides": [[1, 1, 1]] + [[2, 2, 2]] * (stages - 1),
            "n_conv_per_stage": [2] * stages,
            "n_conv_per_stage_decoder": [2] * (stages - 1),
            "conv_bias": True,
            "norm_op": "torch.nn.modules.instancenorm.InstanceNorm3d",
            "norm_op_kwargs": {"eps": 1e-5, "affine": True},
            "dropout_op": None,
            "dropout_op_kwargs": None,
            "nonlin": "torch.nn.LeakyReLU",
            "nonlin_kwargs": {"inplace": True},
        },
        "_kw_requires_import": ["conv_op", "norm_op", "dropout_op", "nonlin"],
    }


def make_model(folder):
    import torch
    from dynamic_network_architectures.architectures.unet import PlainConvUNet

    resampling = {
        f"resampling_fn_{what}": "resample_data_or_seg_to_shape" for what in ("data", "seg", "probabilities")
    }
    orders = {
        f"resampling_fn_{what}_kwargs": {"is_seg": what == "seg", "order": order, "order_z": 0, "force_separate_z": None}
        for what, order in (("data", 3), ("seg", 1), ("probabilities", 1))
    }
    plans = {
        "dataset_name": "Dataset001_Bench",
        "plans_name": "nnUNetPlans",
        "original_median_spacing_after_transp": [1.0, 1.0, 1.0],
        "original_median_shape_after_transp": [128, 160, 160],
        "image_reader_writer": "SimpleITKIO",
        "transpose_forward": [0, 1, 2],
        "transpose_backward": [0, 1, 2],
        "experiment_planner_used": "ExperimentPlanner",
        "label_manager": "LabelManager",
        "foreground_intensity_properties_per_channel": {"0": {}},
        "configurations": {
            "3d_fullres": {
                "data_identifier": "nnUNetPlans_3d_fullres",
                "preprocessor_name": "DefaultPreprocessor",
                "batch_size": 2,
                "patch_size": [WINDOW] * 3,
                "median_image_size_in_voxels": [128, 160, 160],
                "spacing": [1.0, 1.0, 1.0],
                "normalization_schemes": ["ZScoreNormalization"],
                "use_mask_for_norm": [False],
                "architecture": architecture(),
                "batch_dice": False,
                **resampling,
                **orders,
            }
        },
    }
    labels = {"background": 0, **{f"class {k}": k for k in range(1, CLASSES)}}
    dataset = {"channel_names": {"0": "MR"}, "labels": labels, "numTraining": 1, "file_ending": ".nii.gz"}
    kinds = {
        "conv_op": torch.nn.Conv3d, "norm_op": torch.nn.InstanceNorm3d, "nonlin": torch.nn.LeakyReLU,
    }
    torch.manual_seed(0)
    net = PlainConvUNet(
        input_channels=1, num_classes=CLASSES, deep_supervision=False, **{**architecture()["arch_kwargs"], **kinds}
    )
    os.makedirs(f"{folder}/nnunet/fold_0")
    for name, value in (("plans", plans), ("dataset", dataset)):
        with open(f"{folder}/nnunet/{name}.json", "w") as file:
            json.dump(value, file)
    checkpoint = {
        "network_weights": net.state_dict(),
        "trainer_name": "nnUNetTrainer",
        "init_args": {"configuration": "3d_fullres"},
        "inference_allowed_mirroring_axes": (0, 1, 2),
    }
    torch.save(checkpoint, f"{folder}/nnunet/fold_0/checkpoint_final.pth")


def make(folder):
    import numpy as np
    import SimpleITK
    import tifffile

    random = np.random.default_rng(0)
    image = np.stack([smooth(random, (4096, 4096), 32) for _ in range(3)], -1)
    image = np.clip(128 + 40 * image + 8 * random.normal(size=image.shape), 0, 255).astype(np.uint8)
    tifffile.imwrite(f"{folder}/image.tif", image, tile=(256, 256), compression="zlib", photometric="rgb")
    for name, shape in (("volume", (256, 256, 256)), ("scan_0000", (128, 160, 160))):
        values = (300 * smooth(random, shape, 16) + 50 * random.normal(size=shape)).astype(np.int16)
        SimpleITK.WriteImage(SimpleITK.GetImageFromArray(values), f"{folder}/{name}.nii.gz")
    make_model(folder)


def predict(folder):
    begun = time.perf_counter()
    import torch
    from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor

    imported = time.perf_counter()
    # What it prints.
    answers, sys.stdout = sys.stdout, sys.stderr
    predictor = nnUNetPredictor(use_mirroring=False, device=torch.device("cpu"), allow_tqdm=False)
    predictor.initialize_from_trained_model_folder(f"{folder}/nnunet", (0,))
    predictor.predict_from_files_sequential([[f"{folder}/scan_0000.nii.gz"]], [f"{folder}/theirs.nii.gz"])
    seconds = {"import": imported - begun, "predict": time.perf_counter() - imported}
    json.dump(seconds, answers)


def run(command):
    begun = time.perf_counter()
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()
    seconds = time.perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures = {"seconds": seconds, "processor": used.ru_utime + used.ru_stime, "megabytes": used.ru_maxrss / 1024}
    json.dump({**figures, "output": output}, sys.stdout)


kind, *rest = sys.argv[1:]
{"make": lambda: make(*rest), "predict": lambda: predict(*rest), "run": lambda: run(rest)}[kind]()
