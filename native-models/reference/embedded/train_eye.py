"""Stage one: teaches the vision model and projector which character and colour lies where, without a word of text.

Rerun it to go on: the state file is written every few minutes.
"""

import argparse
import json
import time
from pathlib import Path
from random import Random

import torch
from torch import nn
from torch.utils.data import DataLoader, IterableDataset

from learning import average_weights, join_processes, make_optimizers, rate_at, save_state, share_gradients
from looking import Seen, join_seen, look_at, make_pages, to_pixels
from model import Shape, TextShape, TinyInternVL
from skills import draw_training
from teacher import Teacher

EASY_STEPS = 2500  # over which plain pages give way to all


def make_mixed(random: Random, count: int, easy: float) -> Seen:
    """About `count` tiles: half of them pages, half of them the scenes that stage two will ask about."""
    parts = [make_pages(random, count // 2, easy)]
    while sum(len(part.tiles) for part in parts) < count:
        exercise = draw_training(random, 1.0)
        parts.append(look_at(exercise.canvases, exercise.frames)[0])
    return join_seen(parts)


class Pages(IterableDataset):
    """An endless stream of tiles; batch k depends on (seed, k, rank) alone."""

    def __init__(self, first: int, options: argparse.Namespace):
        self.first, self.options = first, options

    def __iter__(self):
        torch.set_num_threads(1)
        step = self.first
        while True:
            random = Random(f"{self.options.seed}/eye/{step}/{self.options.rank}")
            yield make_mixed(random, self.options.tiles, max(0.0, 0.8 - step / EASY_STEPS))
            step += 1


def train(options: argparse.Namespace) -> None:
    torch.manual_seed(options.seed)
    shape = Shape(text=TextShape(vocabulary=1, layers=0))  # the decoder comes in stage two
    modules = nn.ModuleDict({"model": TinyInternVL(shape), "teacher": Teacher(shape)})
    for part in modules["model"].language_model.parameters():
        part.requires_grad = False
    optimizers = make_optimizers(modules, options.rate)
    path, step = options.state / "eye.pt", 0
    averaged = {name: part.clone() for name, part in modules.state_dict().items()}
    if path.exists():
        saved = torch.load(path, weights_only=True)
        modules.load_state_dict(saved["modules"])
        for optimizer, state in zip(optimizers, saved["optimizers"]):
            optimizer.load_state_dict(state)
        averaged, step = saved["averaged"], saved["step"]
    batches = iter(DataLoader(Pages(step, options), batch_size=None, num_workers=options.workers))
    cool = (options.steps - options.cool, options.steps) if options.cool else None
    started, first, shown, kept = time.time(), step, [], time.time()

    def save() -> None:
        save_state(path, {"modules": modules.state_dict(), "optimizers": [o.state_dict() for o in optimizers],
                          "averaged": averaged, "step": step})

    while step < options.steps:
        seen = next(batches)
        with torch.autocast("cpu", torch.bfloat16):
            loss, right = modules["teacher"](*modules["model"].see(to_pixels(seen.tiles)), seen)
        loss.backward()
        share_gradients(modules)
        nn.utils.clip_grad_norm_(modules.parameters(), 1.0)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate_at(step, options.rate, cool)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        average_weights(averaged, modules, step)
        step += 1
        shown.append((loss.item(), right.item()))
        if options.rank:
            continue
        if step % 25 == 0:
            means = [round(sum(column) / len(shown), 4) for column in zip(*shown)]
            speed = round(options.processes * options.tiles * (step - first) / (time.time() - started), 1)
            print(json.dumps({"step": step, "dense": means[0], "right": means[1], "tilesPerSecond": speed,
                              "at": time.strftime("%H:%M:%S")}), flush=True)
            shown = []
        if time.time() - kept > 180:
            save()
            kept = time.time()
    if options.rank == 0:
        save()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="folder of the resumable state files")
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--cool", type=int, default=0, help="over how many last steps the rate falls")
    parser.add_argument("--tiles", type=int, default=64, help="tiles a batch")
    parser.add_argument("--rate", type=float, default=2.5e-3)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--workers", type=int, default=0, help="processes that draw; 0 draws between the steps")
    parsed = parser.parse_args()
    join_processes(parsed)
    train(parsed)
