"""Writes test/golden/media/frame-indices.json: the model card's `get_index` for many films."""

import json
import random
from pathlib import Path

import numpy as np

TARGET = Path(__file__).parents[2] / "test" / "golden" / "media" / "frame-indices.json"


def get_index(bound, fps, max_frame, first_idx=0, num_segments=32):
    """As on the model card of InternVL3."""
    if bound:
        start, end = bound[0], bound[1]
    else:
        start, end = -100000, 100000
    start_idx = max(first_idx, round(start * fps))
    end_idx = min(round(end * fps), max_frame)
    seg_size = float(end_idx - start_idx) / num_segments
    return np.array(
        [int(start_idx + (seg_size / 2) + np.round(seg_size * idx)) for idx in range(num_segments)]
    )


def films(count: int):
    """Round rates and segments meet halves often; the first ones are the edges."""
    draw = random.Random(3)
    yield dict(frameCount=1, frameRate=25.0, segments=32, bound=None, firstIndex=0)
    yield dict(frameCount=2, frameRate=25.0, segments=8, bound=None, firstIndex=0)
    yield dict(frameCount=100, frameRate=25.0, segments=4, bound=[9, 12], firstIndex=0)
    for _ in range(count):
        rate = draw.choice([10.0, 12.5, 23.976023976, 24.0, 25.0, 29.97002997, 30.0, 59.94, draw.uniform(1, 120)])
        frames = draw.choice([draw.randint(1, 40), draw.randint(1, 100_000)])
        seconds = frames / rate
        start = draw.choice([0, draw.randint(0, 200) / 4, draw.uniform(0, seconds)])
        bound = draw.choice([None, [start, start + draw.choice([0.5, 1, draw.uniform(0, seconds)])]])
        yield dict(
            frameCount=frames,
            frameRate=rate,
            segments=draw.choice([1, 2, 3, 4, 8, 12, 16, 32, 64]),
            bound=bound,
            firstIndex=draw.choice([0, 0, 1, draw.randint(0, 50)]),
        )


cases = []
for film in films(300):
    indices = get_index(
        film["bound"], film["frameRate"], film["frameCount"] - 1, film["firstIndex"], film["segments"]
    )
    cases.append({**film, "indices": indices.tolist()})
TARGET.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
