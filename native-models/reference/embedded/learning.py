"""What a training run keeps between its steps: processes, optimisers, rate, averaged weights and the state file."""

import argparse
import os
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor, nn

WARM_UP = 150  # steps
AVERAGE = 0.998  # decay of the averaged weights, which are the ones exported


def join_processes(options: argparse.Namespace) -> None:
    """One thread a process; under torchrun the processes share each batch. Sets options.rank and options.processes."""
    torch.set_num_threads(1)
    options.rank, options.processes = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    options.tiles //= options.processes
    if options.processes > 1:
        dist.init_process_group("gloo")


def share_gradients(modules: nn.Module) -> None:
    """Averages the gradients over the processes."""
    if not dist.is_initialized():
        return
    gradients = [parameter.grad for parameter in modules.parameters() if parameter.grad is not None]
    joined = torch.cat([gradient.flatten() for gradient in gradients])
    dist.all_reduce(joined)
    joined /= dist.get_world_size()
    for gradient, part in zip(gradients, joined.split([gradient.numel() for gradient in gradients])):
        gradient.copy_(part.view_as(gradient))


def make_optimizers(modules: nn.Module, rate: float) -> list[torch.optim.Optimizer]:
    """Muon for the layers' matrices, AdamW for everything else."""
    matrices, others = [], []
    for name, parameter in modules.named_parameters():
        inside = ".layers." in name or name.endswith(("mlp1.1.weight", "mlp1.3.weight"))
        (matrices if parameter.ndim == 2 and inside else others).append(parameter)
    return [
        torch.optim.Muon(matrices, lr=rate, weight_decay=0.02, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True),
    ]


def rate_at(step: int, rate: float, cool: tuple[int, int] | None) -> float:
    """Warm-up, then constant; cool = (first, last) step of the linear way down to 2 %."""
    share = min(1.0, (step + 1) / WARM_UP)
    if cool and step >= cool[0]:
        share *= max(0.02, 1 - (step - cool[0]) / max(1, cool[1] - cool[0]))
    return rate * share


def average_weights(averaged: dict[str, Tensor], modules: nn.Module, step: int) -> None:
    """Moves the averaged weights towards the current ones; young runs forget faster."""
    keep = min(AVERAGE, (1 + step) / (20 + step))
    for name, part in modules.state_dict().items():
        averaged[name].lerp_(part, 1 - keep)


def save_state(path: Path, state: dict) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)


def model_weights(path: Path) -> dict[str, Tensor]:
    """The averaged weights of the model alone, under their published names."""
    averaged = torch.load(path, weights_only=True)["averaged"]
    return {name.removeprefix("model."): part for name, part in averaged.items() if name.startswith("model.")}
