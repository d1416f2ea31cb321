"""What PIL and the model card's preprocessing say about pictures: test/golden/media/.

The committed set, anew:   python media_goldens.py
Needs numpy, pillow and torch of requirements.txt. Every run writes the same bytes. Picture files are made by
picture_goldens.py.
"""
import base64
import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

OUT = Path(__file__).resolve().parents[2] / "test" / "golden" / "media"


def sha256(array: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def write_json(name: str, value: Any) -> None:
    """One entry of the outermost list or object a line."""
    text = json.dumps(value, separators=(",", ":"))
    if isinstance(value, list):
        text = "[\n" + ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in value) + "\n]"
    (OUT / name).write_text(text + "\n")


# --- pictures by formula, the same in test/support/drawn-pictures.ts ---------------------------------------------

def scramble(x: np.ndarray, y: np.ndarray, channel: np.ndarray) -> np.ndarray:
    def times(a: np.ndarray, factor: int) -> np.ndarray:
        return (a.astype(np.uint64) * factor & 0xFFFFFFFF).astype(np.uint32)
    value = times(x, 0x9E3779B1) + times(y, 0x85EBCA77) + times(channel + 1, 0xC2B2AE3D)
    value = times(value ^ (value >> 15), 0x2C1B3C6D)
    value = times(value ^ (value >> 12), 0x297A2D39)
    return value ^ (value >> 15)


def draw(drawing: str, width: int, height: int) -> Image.Image:
    y, x, channel = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    if drawing == "noise":
        values = scramble(x, y, channel) >> 8
    elif drawing == "gradient":
        values = np.abs((x * (3 + channel) + y * (5 - channel)) % 511 - 255) ^ ((x * y) >> 9)
    else:
        values = np.where((scramble(x >> 1, y // 3, channel * 0) >> 16) % 3 == 0, 0, 255)
    return Image.fromarray((values & 255).astype(np.uint8))


# --- resizing ----------------------------------------------------------------------------------------------------

SIZES = [  # from, to
    ((64, 48), (64, 48)), ((64, 48), (64, 31)), ((64, 48), (37, 48)), ((64, 48), (128, 48)), ((64, 48), (64, 96)),
    ((64, 48), (224, 112)), ((97, 61), (56, 56)), ((61, 97), (112, 56)), ((97, 61), (83, 59)), ((17, 13), (170, 131)),
    ((640, 480), (1344, 896)), ((1000, 707), (448, 448)), ((999, 333), (1344, 448)), ((1501, 1000), (448, 448)),
    ((333, 999), (448, 1344)), ((1920, 1080), (896, 448)), ((4, 3), (448, 448)), ((3, 4), (2, 2)),
    ((1, 1), (448, 448)), ((1, 1), (1, 1)), ((2, 1), (56, 112)), ((1, 2), (3, 1)), ((5, 7), (1, 1)),
    ((1, 20000), (448, 448)), ((20000, 1), (448, 448)), ((1, 20000), (448, 5376)), ((20000, 1), (5376, 448)),
    ((3, 20000), (2, 100)), ((20000, 3), (100, 2)), ((10, 1001), (7, 1000)), ((10, 1000), (7, 999)),
    ((10, 1001), (7, 1001)), ((10, 1001), (7, 2000)), ((2, 4000), (448, 5376)), ((2500, 3), (2499, 4)),
]


def resize_goldens() -> None:
    cases = []
    for source, target in SIZES:
        for drawing in ("noise", "gradient", "text"):
            pixels = np.asarray(draw(drawing, *source).resize(target, Image.Resampling.BICUBIC))
            case: dict[str, Any] = {"drawing": drawing, "from": source, "to": target, "sha256": sha256(pixels)}
            if pixels.size <= 600:
                case["pixels"] = base64.b64encode(pixels.tobytes()).decode()
            cases.append(case)
    write_json("resize-bicubic.json", cases)


# --- grids and tiles: `dynamic_preprocess` of the InternVL3 model card --------------------------------------------

def target_ratios(least: int, most: int) -> list[tuple[int, int]]:
    ratios = set((i, j) for n in range(least, most + 1) for i in range(1, n + 1) for j in range(1, n + 1)
                 if least <= i * j <= most)
    return sorted(ratios, key=lambda ratio: ratio[0] * ratio[1])


def closest_ratio(size: tuple[int, int], ratios: list[tuple[int, int]], tile: int) -> tuple[int, int]:
    best_difference, best = math.inf, (1, 1)
    for ratio in ratios:
        difference = abs(size[0] / size[1] - ratio[0] / ratio[1])
        if difference < best_difference:
            best_difference, best = difference, ratio
        elif difference == best_difference and size[0] * size[1] > 0.5 * tile * tile * ratio[0] * ratio[1]:
            best = ratio
    return best


def grid_goldens() -> None:
    rng = np.random.default_rng(7)
    sizes = [(1, 1), (1, 20000), (20000, 1), (448, 448), (1920, 1080), (1080, 1920), (4000, 3000), (595, 842)]
    sizes += [(5 * k, 4 * k) for k in (1, 80, 90, 100, 120, 300)] + [(4 * k, 5 * k) for k in (80, 90, 300)]
    for i, j in target_ratios(1, 12):  # exactly a grid's shape, below and above half of its pixels
        sizes += [(i * k, j * k) for k in (97, 316, 317, 600)]
    for (a, b), (c, d) in zip(target_ratios(1, 12), target_ratios(1, 12)[3:]):  # half way between two grids
        sizes += [((a * d + b * c) * k, 2 * b * d * k) for k in (11, 40, 200)]
    sizes += [tuple(int(v) for v in np.exp(rng.uniform(0, 9, 2)).round() + 1) for _ in range(150)]
    limits = [(1, most) for most in (*range(1, 14), 18, 24, 40)]
    limits += [(most, most) for most in (2, 3, 4, 6, 12, 24)] + [(2, 6), (2, 12), (4, 12), (5, 7), (10, 40)]
    cases = [{"minTiles": least, "maxTiles": most, "tileSize": tile,
              "grids": " ".join("%dx%d" % closest_ratio(size, target_ratios(least, most), tile) for size in sizes)}
             for least, most in limits for tile in ((448, 112) if (least, most) == (1, 12) else (448,))]
    orders = [{"minTiles": least, "maxTiles": most,
               "sha256": hashlib.sha256(" ".join("%dx%d" % r for r in target_ratios(least, most)).encode()).hexdigest()}
              for most in (*range(1, 41), 64, 100, 256) for least in sorted({1, 2, (most + 1) // 2, most}) if least <= most]
    (OUT / "tile-grid.json").write_text(
        '{"sizes":' + json.dumps(sizes, separators=(",", ":")) + ',\n"cases":[\n'
        + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + '\n],\n"orders":[\n'
        + ",\n".join(json.dumps(order, separators=(",", ":")) for order in orders) + "\n]}\n")


def tile_goldens() -> None:
    cases = []
    for drawing, size, least, most, tile, thumbnail in [
        ("noise", (640, 480), 1, 12, 448, True), ("text", (595, 842), 1, 12, 112, True),
        ("gradient", (1920, 1080), 1, 6, 112, True), ("noise", (300, 100), 1, 12, 56, False),
        ("text", (100, 100), 1, 1, 112, True), ("gradient", (1, 20000), 1, 12, 56, True),
        ("noise", (20000, 1), 1, 12, 56, True), ("noise", (1, 1), 1, 12, 56, True),
        ("gradient", (448, 448), 1, 12, 448, True), ("text", (250, 200), 2, 2, 84, True),
    ]:
        picture = draw(drawing, *size)
        columns, rows = closest_ratio(size, target_ratios(least, most), tile)
        fitted = picture.resize((columns * tile, rows * tile))
        tiles = [fitted.crop((n % columns * tile, n // columns * tile, (n % columns + 1) * tile,
                              (n // columns + 1) * tile)) for n in range(columns * rows)]
        if thumbnail and len(tiles) != 1:
            tiles.append(picture.resize((tile, tile)))
        cases.append({"drawing": drawing, "size": size, "minTiles": least, "maxTiles": most, "tileSize": tile,
                      "useThumbnail": thumbnail, "columns": columns, "rows": rows, "tileCount": len(tiles),
                      "sha256": sha256(np.stack([np.asarray(one) for one in tiles]))})
    write_json("tiles.json", cases)


def pixel_value_goldens() -> None:
    """The three channels' values of every byte, by the torch operations of ToTensor and Normalize."""
    byte = torch.arange(256, dtype=torch.uint8).repeat(3, 1)[:, :, None]
    values = byte.to(torch.float32).div(255)
    mean, std = (torch.tensor(v, dtype=torch.float32).view(-1, 1, 1)
                 for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    values = values.sub_(mean).div_(std)
    write_json("pixel-values.json", {"float32LittleEndian": base64.b64encode(values.numpy().tobytes()).decode()})


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    resize_goldens()
    grid_goldens()
    tile_goldens()
    pixel_value_goldens()
