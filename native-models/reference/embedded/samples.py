"""Draws the sample pictures of assets/samples, with strings and fonts never trained on."""

import argparse
import json
from pathlib import Path
from random import Random

from skills import draw_kind

# File -> kind and seed, chosen by eye for a clear layout among those that the model reads right.
SAMPLES = {"receipt.png": ("total", 1), "word.png": ("word", 1), "number.png": ("number", 1), "dialog.png": ("button", 1),
           "chart.png": ("highest", 1), "table.png": ("cell", 1), "shapes.png": ("count", 1)}


def draw_samples(folder: Path, samples: dict[str, tuple[str, int]]) -> None:
    """Writes the pictures and samples.json with a suggested question and its answer for each."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for name, (kind, seed) in samples.items():
        exercise = draw_kind(Random(f"sample/{kind}/{seed}"), kind, held_out=True)
        exercise.canvases[0].picture.save(folder / name, optimize=True)
        rows.append({"file": name, "question": exercise.turns[0].question, "answer": exercise.turns[0].answer})
    (folder / "samples.json").write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    draw_samples(parser.parse_args().folder, SAMPLES)
