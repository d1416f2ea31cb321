"""Cuts a picture into tiles exactly as the model card's `dynamic_preprocess`, and marks into per-cell targets."""

import numpy as np
from PIL import Image

from canvas import SIDE, Mark

MAX_TILES = 12
MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)  # ImageNet, as the card's build_transform
STD = np.array([0.229, 0.224, 0.225], dtype=np.float32)
CELL, PATCH = SIDE // 4, SIDE // 8
# One visual token's 28 px cell is asked in 2 x 7 bins of 4 x 14 px: which character has its centre there.
BIN_COLUMNS, BIN_ROWS = 7, 2
BINS = BIN_COLUMNS * BIN_ROWS
READABLE = 6.0  # px: capitals lower than this are not asked for

RATIOS = sorted(
    {(i, j) for n in range(1, MAX_TILES + 1) for i in range(1, n + 1) for j in range(1, n + 1) if i * j <= MAX_TILES},
    key=lambda ratio: ratio[0] * ratio[1],
)


def choose_grid(width: int, height: int) -> tuple[int, int]:
    """Columns and rows (the card's find_closest_aspect_ratio)."""
    best, best_difference = (1, 1), float("inf")
    for ratio in RATIOS:
        difference = abs(width / height - ratio[0] / ratio[1])
        if difference < best_difference:
            best, best_difference = ratio, difference
        elif difference == best_difference and width * height > 0.5 * SIDE * SIDE * ratio[0] * ratio[1]:
            best = ratio
    return best


def cut_tiles(picture: Image.Image, grid: tuple[int, int] | None = None) -> tuple[np.ndarray, tuple[int, int]]:
    """Tiles row-major and, if there are several, the thumbnail: uint8 [T, 112, 112, 3], with (columns, rows)."""
    columns, rows = grid or choose_grid(*picture.size)
    wide = np.asarray(picture.resize((SIDE * columns, SIDE * rows), Image.Resampling.BICUBIC))
    tiles = wide.reshape(rows, SIDE, columns, SIDE, 3).transpose(0, 2, 1, 3, 4).reshape(-1, SIDE, SIDE, 3)
    if columns * rows > 1:
        thumbnail = np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC))
        tiles = np.concatenate([tiles, thumbnail[None]])
    return tiles, (columns, rows)


def mark_targets(marks: list[Mark], size: tuple[int, int], grid: tuple[int, int]) -> tuple[np.ndarray, ...]:
    """What each tile shows: patches [T, 64], bins [T, 16, BINS], colours [T, 16]; -1 is "not asked"."""
    columns, rows = grid
    found = [mark_grid(marks, size, grid)]
    if columns * rows > 1:
        found.append(mark_grid(marks, size, (1, 1)))  # the thumbnail
    return tuple(np.concatenate(parts) for parts in zip(*found))


def mark_grid(marks: list[Mark], size: tuple[int, int], grid: tuple[int, int]) -> tuple[np.ndarray, ...]:
    columns, rows = grid
    patches = np.zeros((rows * 8, columns * 8), dtype=np.int64)
    bins = np.zeros((rows * 4 * BIN_ROWS, columns * 4 * BIN_COLUMNS), dtype=np.int64)
    colours = np.zeros((rows * 4, columns * 4), dtype=np.int64)
    across, down = SIDE * columns / size[0], SIDE * rows / size[1]
    for mark in marks:
        left, top, right, bottom = mark.box[0] * across, mark.box[1] * down, mark.box[2] * across, mark.box[3] * down
        x, y = (left + right) / 2, (top + bottom) / 2
        if mark.colour:
            colours[span(top, bottom, CELL), span(left, right, CELL)] = mark.colour
        if not mark.kind:
            continue
        # A character too small to read asks for nothing; its neighbours keep their places.
        kind = mark.kind if bottom - top >= READABLE else -1
        patches[span(top, bottom, PATCH), span(left, right, PATCH)] = kind
        if 0 <= x < SIDE * columns and 0 <= y < SIDE * rows:
            at = int(y * BIN_ROWS / CELL), int(x * BIN_COLUMNS / CELL)
            bins[at] = kind if bins[at] == 0 else -1
    return (cut_cells(patches, grid, (8, 8)).reshape(-1, 64), cut_bins(bins, grid),
            cut_cells(colours, grid, (4, 4)).reshape(-1, 16))


def span(low: float, high: float, step: int) -> slice:
    """The cells whose centre lies between low and high, and at least the one under the middle."""
    first, last = max(0, round(low / step)), max(0, round(high / step))
    middle = max(0, int((low + high) / 2 // step))
    return slice(first, last) if last > first else slice(middle, middle + 1)


def cut_cells(cells: np.ndarray, grid: tuple[int, int], tile: tuple[int, int]) -> np.ndarray:
    """[rows * h, columns * w] to [rows * columns, h, w]."""
    (columns, rows), (height, width) = grid, tile
    return cells.reshape(rows, height, columns, width).transpose(0, 2, 1, 3).reshape(-1, height, width)


def cut_bins(bins: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """[rows * 8, columns * 28] to [T, 16, BINS], each token's bins row-major."""
    tiles = cut_cells(bins, grid, (4 * BIN_ROWS, 4 * BIN_COLUMNS))
    return tiles.reshape(-1, 4, BIN_ROWS, 4, BIN_COLUMNS).transpose(0, 1, 3, 2, 4).reshape(-1, 16, BINS)
