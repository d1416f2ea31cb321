"""Draws the 1,000 held-out exercises: seeds, strings and fonts that training never meets, a quarter in unseen wordings."""

import argparse
import json
from pathlib import Path
from random import Random

from skills import KINDS, count_tiles, draw_kind

SEED = "held-out-2"  # training's seeds are "<number>/<stage>/<step>"


def draw_held_out(folder: Path, share: float, seed: str) -> None:
    """Writes held-out.jsonl and the pictures; lines are shuffled, so that every n-th is a fair sample."""
    folder.mkdir(parents=True, exist_ok=True)
    rows: list[str] = []
    for kind, asked in KINDS.items():
        random, count = Random(f"{seed}/{kind}"), max(1, round(asked.count * share))
        for number in range(1, count + 1):
            exercise = draw_kind(random, kind, held_out=True)
            files = []
            for index, canvas in enumerate(exercise.canvases):
                name = f"{kind}-{number:03d}{chr(97 + index) if len(exercise.canvases) > 1 else ''}.png"
                canvas.picture.quantize(64, dither=0).save(folder / name, optimize=True)
                files.append(name)
            last = exercise.turns[-1]
            row = {"files": files, "kind": kind, "frames": exercise.frames, "tiles": count_tiles(exercise),
                   "questions": [turn.question for turn in exercise.turns], "answer": last.answer,
                   "target": last.target, "unseenWording": last.unseen_wording}
            rows.append(json.dumps(row, ensure_ascii=False))
    Random(seed).shuffle(rows)
    (folder / "held-out.jsonl").write_text("\n".join(rows) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--share", type=float, default=1.0, help="draw only this share of each kind")
    parser.add_argument("--seed", default=SEED, help="another seed draws an untouched set")
    parsed = parser.parse_args()
    draw_held_out(parsed.folder, parsed.share, parsed.seed)
