"""Makes checkpoints as trainers write them, with the newest PyTorch, Lightning, MONAI and nnU-Net of this machine.

    python make_checkpoints.py FOLDER

results.json says for each file which network it is of (`net`), and for each network the shape of its input and its output.
Element i of an input is (37 i mod 101) / 50 - 1. Some of the files are in ../checkpoints, compressed with `gzip -9n`. A framework that is not installed is named under `missing`.
"""

import collections
import copy
import json
import os
import sys
import warnings

import numpy as np
import torch
from torch import nn

warnings.filterwarnings("ignore")


class Small(nn.Module):
    """One level and a bottleneck, under the names of github.com/milesial/Pytorch-UNet."""

    def __init__(self):
        super().__init__()

        def double(inputs, outputs):
            module = nn.Module()
            module.double_conv = nn.Sequential(
                nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
                nn.BatchNorm2d(outputs),
                nn.ReLU(),
                nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
                nn.BatchNorm2d(outputs),
                nn.ReLU(),
            )
            return module

        self.inc = double(1, 2)
        self.down1 = nn.Module()
        self.down1.maxpool_conv = nn.Sequential(nn.MaxPool2d(2), double(2, 4))
        self.up1 = nn.Module()
        self.up1.up = nn.ConvTranspose2d(4, 2, 2, stride=2)
        self.up1.conv = double(4, 2)
        self.outc = nn.Module()
        self.outc.conv = nn.Conv2d(2, 2, 1)

    def forward(self, x):
        first = self.inc.double_conv(x)
        pool, convs = self.down1.maxpool_conv
        below = convs.double_conv(pool(first))
        joined = torch.cat([first, self.up1.up(below)], dim=1)
        return self.outc.conv(self.up1.conv.double_conv(joined))


def randomize(net):
    for name, tensor in net.state_dict().items():
        if tensor.is_floating_point():
            low, high = (0.5, 1.5) if name.endswith("running_var") else (-0.6, 0.6)
            tensor.uniform_(low, high)
    return net.eval()


results = {"nets": {}, "files": {}, "missing": []}
folder = sys.argv[1] if len(sys.argv) > 1 else ""


def path_of(name, net):
    results["files"][name] = net
    return os.path.join(folder, name)


def save(name, net, value, **options):
    torch.save(value, path_of(name, net), **options)


def describe(name, net, shape):
    count = int(np.prod(shape))
    image = torch.tensor([(37 * i % 101) / 50 - 1 for i in range(count)]).reshape(shape)
    with torch.no_grad():
        output = net(image)
    results["nets"][name] = {
        "input": list(shape),
        "output": list(output.shape),
        "values": [float(value) for value in output.flatten()],
    }


def negated_view(tensor):
    """The same numbers as a view with the negative bit."""
    view = torch.complex(torch.zeros_like(tensor), -tensor).conj().imag
    assert view.is_neg() and torch.equal(view, tensor)
    return view


def small():
    net = randomize(Small())
    describe("small", net, (1, 1, 8, 12))
    state = net.state_dict()
    save("plain.pth", "small", state)
    for key in ["state_dict", "model_state_dict", "model", "net", "network_weights", "params", "weights", "ema"]:
        save(f"{key}.pth", "small", {"epoch": 3, key: state, "best": np.float64(0.8)})
    other = {name: torch.zeros_like(tensor) for name, tensor in state.items()}
    save("params-and-ema.pth", "small", {"params_ema": other, "params": state})
    save("loose.pth", "small", {"pos_weight": torch.ones(3), "state_dict": state})
    save("negated.pth", "small", {k: negated_view(v) if v.is_floating_point() else v for k, v in state.items()})
    save("parallel.pth", "small", nn.DataParallel(net).state_dict())
    save("compiled.pth", "small", torch.compile(net).state_dict())
    save("averaged.pth", "small", torch.optim.swa_utils.AveragedModel(net).state_dict())
    save("subclass.pth", "small", {k: nn.Parameter(v) if v.is_floating_point() else v for k, v in state.items()})
    optimizer = torch.optim.AdamW(net.parameters())
    net(torch.randn(1, 1, 8, 12)).sum().backward()
    optimizer.step()
    net.load_state_dict(state)
    after = copy.deepcopy(net.state_dict())
    describe("trained", net, (1, 1, 8, 12))
    scaler = torch.amp.GradScaler("cpu").state_dict()
    inert = {"args": collections.Counter(a=1), "device": torch.device("cpu"), "rng": torch.get_rng_state()}
    inert.update(types={1, 2}, frozen=frozenset([1]), numpy=np.arange(3), pattern=collections.deque([1]))
    inert.update(default=collections.defaultdict(list, a=[1]), dtype=torch.float32, f=np.float32(1), i=np.int64(1))
    save("inert.pth", "trained", {**inert, "optimizer": optimizer.state_dict(), "scaler": scaler, "model": after})
    save("protocol-4.pth", "trained", {**inert, "model": after}, pickle_protocol=4)
    save("protocol-5.pth", "trained", {**inert, "model": after}, pickle_protocol=5)
    torch.onnx.export(net, (torch.zeros(1, 1, 8, 12),), path_of("dynamo.onnx", "trained"), optimize=False, verbose=False)
    exported = torch.export.export(net, (torch.zeros(1, 1, 8, 12),))
    torch.export.save(exported, path_of("exported.pt2", "refused"))
    torch.jit.save(torch.jit.script(net.outc.conv), path_of("script.pt", "refused"))
    try:
        from safetensors.torch import save_file

        save_file({f"model.{k}": v.contiguous() for k, v in after.items()}, path_of("prefix.safetensors", "trained"))
    except ImportError:
        results["missing"].append("safetensors")


def lightning():
    import lightning as L

    class Module(L.LightningModule):
        def __init__(self):
            super().__init__()
            self.save_hyperparameters({"lr": 1e-3, "sizes": np.float32(3)})
            self.model = randomize(Small())

        def training_step(self, batch, _):
            return self.model(batch).square().mean()

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters())

    module = Module()
    loader = torch.utils.data.DataLoader(torch.randn(2, 1, 8, 12), batch_size=1)
    trainer = L.Trainer(max_epochs=1, logger=False, enable_progress_bar=False, enable_checkpointing=False,
                        enable_model_summary=False, accelerator="cpu", default_root_dir=folder)
    trainer.fit(module, loader)
    trainer.save_checkpoint(path_of("lightning.ckpt", "lightning"))
    describe("lightning", module.model.eval(), (1, 1, 8, 12))


def monai():
    from monai.networks.nets import DynUNet

    norms = {"instance": ("instance", {"affine": True}), "plain": "instance", "batch": "batch"}
    for rank, norm, heads in [(2, "instance", 1), (3, "instance", 0), (2, "plain", 0), (2, "batch", 0)]:
        name = f"dynunet-{rank}d-{norm}"
        supervised = {"deep_supervision": True, "deep_supr_num": heads} if heads else {}
        strides = [1, 2, 2]
        filters = [2, 4, 6]
        net = DynUNet(rank, 1, 2, [3, 3, 3], strides, strides[1:], filters=filters, norm_name=norms[norm], **supervised)
        randomize(net)
        describe(name, net, (1, 1, 8, 12) if rank == 2 else (1, 1, 4, 8, 12))
        save(f"{name}.pth", name, {"network_weights": net.state_dict()})


def nnunet_networks():
    from dynamic_network_architectures.architectures.unet import PlainConvUNet, ResidualEncoderUNet

    def build(cls, rank, **blocks):
        conv, norm = getattr(nn, f"Conv{rank}d"), getattr(nn, f"InstanceNorm{rank}d")
        return cls(
            1, 3, (2, 4, 6), conv, 3, (1, 2, 2), num_classes=2, conv_bias=True, norm_op=norm,
            norm_op_kwargs={"eps": 1e-5, "affine": True}, nonlin=nn.LeakyReLU, nonlin_kwargs={"inplace": True}, **blocks
        )

    plain = {"n_conv_per_stage": [2, 2, 2], "n_conv_per_stage_decoder": [2, 2]}
    residual = {"n_blocks_per_stage": [1, 3, 4], "n_conv_per_stage_decoder": [1, 1]}
    for name, cls, rank, blocks in [
        ("nnunet-plain-2d", PlainConvUNet, 2, plain),
        ("nnunet-plain-3d", PlainConvUNet, 3, plain),
        ("nnunet-residual-2d", ResidualEncoderUNet, 2, residual),
        ("nnunet-residual-3d", ResidualEncoderUNet, 3, residual),
    ]:
        net = randomize(build(cls, rank, deep_supervision=False, **blocks))
        describe(name, net, (1, 1, 8, 12) if rank == 2 else (1, 1, 4, 8, 12))
        save(f"{name}.pth", name, {"network_weights": net.state_dict(), "_best_ema": np.float64(0.5)})


def nnunet_training():
    """Two steps of nnU-Net's own trainer on six images, and the checkpoint that it writes at the end."""
    base = os.path.join(folder, "nnunet")
    for name in ["raw", "preprocessed", "results"]:
        os.environ["nnUNet_" + name] = os.path.join(base, name)
    os.environ["nnUNet_n_proc_DA"] = "1"
    os.environ["nnUNet_compile"] = "f"
    from nnunetv2.experiment_planning.plan_and_preprocess_api import extract_fingerprints, plan_experiments, preprocess
    from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer
    from PIL import Image

    dataset = os.path.join(base, "raw", "Dataset001_Tiny")
    for part in ["imagesTr", "labelsTr"]:
        os.makedirs(os.path.join(dataset, part))
    random = np.random.default_rng(1)
    for number in range(6):
        label = np.zeros((32, 32), np.uint8)
        label[8:20, 4 + 2 * number : 20] = 1
        image = (random.integers(0, 60, label.shape) + 120 * label).astype(np.uint8)
        Image.fromarray(image).save(os.path.join(dataset, "imagesTr", f"case_{number}_0000.png"))
        Image.fromarray(label).save(os.path.join(dataset, "labelsTr", f"case_{number}.png"))
    description = {
        **{"channel_names": {"0": "gray"}, "labels": {"background": 0, "square": 1}},
        **{"numTraining": 6, "file_ending": ".png"},
    }
    with open(os.path.join(dataset, "dataset.json"), "w") as file:
        json.dump(description, file)
    extract_fingerprints([1], num_processes=1)
    plans_name = plan_experiments([1])
    preprocess([1], plans_name, configurations=["2d"], num_processes=[1])
    with open(os.path.join(base, "preprocessed", "Dataset001_Tiny", f"{plans_name}.json")) as file:
        plans = json.load(file)
    os.environ["nnUNet_n_proc_DA"] = "0"
    plans["continue_training"] = False
    trainer = nnUNetTrainer(plans, "2d", 0, description, device=torch.device("cpu"))
    trainer.num_epochs = 1
    trainer.num_iterations_per_epoch = 2
    trainer.num_val_iterations_per_epoch = 1
    trainer.perform_actual_validation = lambda *_: None
    trainer.run_training()
    final = os.path.join(trainer.output_folder, "checkpoint_final.pth")
    os.replace(final, path_of("nnunet-trained.pth", "nnunet-trained"))
    trainer.set_deep_supervision_enabled(False)
    kwargs = plans["configurations"]["2d"]["architecture"]["arch_kwargs"]
    describe("nnunet-trained", trainer.network.eval(), (1, 1, 32, 32))
    results["nnunet"] = {key: kwargs[key] for key in ["features_per_stage", "n_conv_per_stage", "strides", "kernel_sizes"]}


# nnU-Net starts processes that import this file again.
if __name__ == "__main__":
    torch.manual_seed(1)
    np.random.seed(1)
    for part in [small, lightning, monai, nnunet_networks, nnunet_training]:
        try:
            part()
        except ImportError as error:
            results["missing"].append(f"{part.__name__}: {error}")
    with open(os.path.join(folder, "results.json"), "w") as file:
        json.dump(results, file)
