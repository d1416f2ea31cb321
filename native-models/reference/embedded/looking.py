"""Turns canvases into tiles with their dense targets, as torch tensors."""

from dataclasses import dataclass
from random import Random

import numpy as np
import torch
from torch import Tensor

from canvas import Canvas
from pages import draw_page
from tiles import MEAN, STD, cut_tiles, mark_targets


@dataclass
class Seen:
    """Tiles [T, 112, 112, 3] in bytes with their dense targets; -1 is not asked."""

    tiles: Tensor
    patches: Tensor
    bins: Tensor
    colours: Tensor


def to_pixels(tiles: Tensor) -> Tensor:
    """Bytes [T, 112, 112, 3] to normalised pixel values [T, 3, 112, 112]."""
    values = (tiles.float() / 255 - torch.from_numpy(MEAN)) / torch.from_numpy(STD)
    return values.permute(0, 3, 1, 2)


def look_at(canvases: list[Canvas], frames: bool = False) -> tuple[Seen, list[int]]:
    """All canvases' tiles and targets on end, and each one's number of tiles; frames of a film get one tile each."""
    parts = []
    for canvas in canvases:
        tiles, grid = cut_tiles(canvas.picture, (1, 1) if frames else None)
        parts.append((tiles, *mark_targets(canvas.marks, canvas.picture.size, grid)))
    joined = [torch.from_numpy(np.concatenate(part)) for part in zip(*parts)]
    return Seen(*joined), [len(part[0]) for part in parts]


def join_seen(parts: list[Seen]) -> Seen:
    return Seen(*(torch.cat(tensors) for tensors in zip(*(vars(part).values() for part in parts))))


def make_pages(random: Random, count: int, easy: float = 0.0) -> Seen:
    return look_at([draw_page(random, easy) for _ in range(count)])[0]
