"""Stage two: teaches the whole model to answer, together with the dense targets of every picture it is asked about.

Rerun it to go on: the state file is written every few minutes. It begins with stage one's eye.pt beside it.
"""

import argparse
import json
import time
from contextlib import contextmanager
from pathlib import Path
from random import Random

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from batches import Asked, make_asked
from evaluate import round_to_int4
from learning import average_weights, join_processes, make_optimizers, rate_at, save_state, share_gradients
from looking import to_pixels
from model import Shape, TextShape, TinyInternVL
from teacher import Teacher
from texts import all_texts
from tokenizer import build_tokenizer

CURRICULUM = 1500  # steps from single lines to the full mix
WARM_STEPS = 600  # the decoder learns to listen before the eye moves: what a raw decoder asks of it only spoils it
ROW_GROUPS = 4  # rows of like length run together, which saves padding
SAVE_SECONDS = 240


class Batches(IterableDataset):
    """An endless stream; batch k depends on (seed, k, rank) alone."""

    def __init__(self, first: int, options: argparse.Namespace):
        self.first, self.options = first, options

    def __iter__(self):
        torch.set_num_threads(1)
        tokenizer = build_tokenizer(all_texts())
        step = self.first
        while True:
            random = Random(f"{self.options.seed}/both/{step}/{self.options.rank}")
            yield make_asked(random, tokenizer, min(1.0, step / CURRICULUM), self.options.tiles)
            step += 1


def ask_loss(model: TinyInternVL, asked: Asked, visual: Tensor, placeholder: int) -> tuple[Tensor, Tensor]:
    """Mean loss over all answers' tokens, and the share of them named right."""
    losses, hits, visual = [], [], visual.flatten(0, 1)
    for ids, labels in zip(asked.ids.chunk(ROW_GROUPS), asked.labels.chunk(ROW_GROUPS)):
        width = int((labels >= 0).any(0).nonzero().max()) + 1
        ids, wanted = ids[:, :width], labels[:, 1:width]
        used = int((ids == placeholder).sum())
        known = wanted >= 0
        logits = model.language_model(model.embed(ids, visual[:used], placeholder), asked=F.pad(known, (0, 1))).float()
        visual = visual[used:]
        losses.append(F.cross_entropy(logits, wanted[known], reduction="sum"))
        hits.append((logits.detach().argmax(-1) == wanted[known]).sum())
    answers = (asked.labels >= 0).sum()
    return sum(losses) / answers, sum(hits) / answers


@contextmanager
def rounded_decoder(model: TinyInternVL, active: bool):
    """While inside, the decoder layers' matrices are int4 (straight-through: gradients go to the full weights)."""
    parts = [part for name, part in model.language_model.named_parameters() if ".layers." in name and part.ndim == 2]
    kept = [part.data for part in parts]
    if active:
        for part in parts:
            part.data = round_to_int4(part.data)
    yield
    for part, data in zip(parts, kept):
        part.data = data


class Run:
    """Model, teacher, optimisers and averaged weights, as the state file keeps them."""

    def __init__(self, options: argparse.Namespace):
        torch.manual_seed(options.seed)
        self.path, self.step = options.state / "both.pt", 0
        tokenizer = build_tokenizer(all_texts())
        self.placeholder = tokenizer.token_to_id("<IMG_CONTEXT>")
        shape = Shape(text=TextShape(vocabulary=tokenizer.get_vocab_size()))
        self.modules = nn.ModuleDict({"model": TinyInternVL(shape), "teacher": Teacher(shape)})
        self.optimizers = make_optimizers(self.modules, options.rate)
        if self.path.exists():
            saved = torch.load(self.path, weights_only=True)
            self.modules.load_state_dict(saved["modules"])
            for optimizer, state in zip(self.optimizers, saved["optimizers"]):
                optimizer.load_state_dict(state)
            self.averaged, self.step = saved["averaged"], saved["step"]
            return
        eye = torch.load(options.state / "eye.pt", weights_only=True)["averaged"]
        self.modules.load_state_dict({name: part for name, part in eye.items() if "language_model" not in name}, strict=False)
        self.averaged = {name: part.clone() for name, part in self.modules.state_dict().items()}

    def save(self) -> None:
        save_state(self.path, {"modules": self.modules.state_dict(), "averaged": self.averaged, "step": self.step,
                               "optimizers": [optimizer.state_dict() for optimizer in self.optimizers]})

    def learn(self, asked: Asked, options: argparse.Namespace) -> tuple[float, ...]:
        """One step; dense loss, share of characters seen right, answer loss, share of answer tokens right."""
        model, rounded = self.modules["model"], options.int4 and self.step % 2 == 0
        with rounded_decoder(model, rounded), torch.autocast("cpu", torch.bfloat16):
            with torch.set_grad_enabled(self.step >= WARM_STEPS):
                patches, visual = model.see(to_pixels(asked.seen.tiles))
                dense, right = self.modules["teacher"](patches, visual, asked.seen)
            answer, hits = ask_loss(model, asked, visual, self.placeholder)
            loss = options.dense_weight * dense + answer
            loss.backward()
        if not torch.isfinite(loss):
            raise FloatingPointError(f"the loss is {loss.item()} at step {self.step}; rerun from the last state at a lower rate")
        share_gradients(self.modules)
        nn.utils.clip_grad_norm_(self.modules.parameters(), 1.0)
        cool = (options.steps - options.cool, options.steps) if options.cool else None
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate_at(self.step, options.rate, cool)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        average_weights(self.averaged, self.modules, self.step)
        self.step += 1
        return dense.item(), right.item(), answer.item(), hits.item()


def train(options: argparse.Namespace) -> None:
    run = Run(options)
    batches = iter(DataLoader(Batches(run.step, options), batch_size=None, num_workers=options.workers))
    shown, tiles, started, kept = [], 0, time.time(), time.time()
    while run.step < options.steps:
        asked = next(batches)
        shown.append(run.learn(asked, options))
        tiles += len(asked.seen.tiles) * options.processes
        if options.rank:
            continue
        if run.step % 20 == 0:
            means = [round(sum(column) / len(shown), 4) for column in zip(*shown)]
            line = dict(zip(["dense", "right", "answer", "hits"], means))
            speed = round(tiles / (time.time() - started), 1)
            print(json.dumps({"step": run.step, **line, "tilesPerSecond": speed, "at": time.strftime("%H:%M:%S")}), flush=True)
            shown, tiles, started = [], 0, time.time()
        if time.time() - kept > SAVE_SECONDS:
            run.save()
            kept = time.time()
    if options.rank == 0:
        run.save()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="folder of the resumable state files")
    parser.add_argument("--steps", type=int, default=40_000)
    parser.add_argument("--cool", type=int, default=0, help="over how many last steps the rate falls")
    parser.add_argument("--int4", action="store_true", help="every second step rounds the decoder to int4; for the end")
    parser.add_argument("--tiles", type=int, default=96, help="tiles of asked pictures a batch")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--dense-weight", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--workers", type=int, default=0, help="processes that draw; 0 draws between the steps")
    parsed = parser.parse_args()
    join_processes(parsed)
    train(parsed)
