"""Draws what nobody can read: blanks, noise, smears, text too small or too blurred, and photographs without text.

The photographs are those that the Python package scikit-image carries, CC0 or public domain as its
skimage/data/_fetchers.py says of each.
"""

import importlib.util
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from canvas import Canvas, open_canvas, write
from exercise import UNREADABLE, Exercise, Pupil
from fonts import choose_font, load_font
from strings import choose

TRAINING_PHOTOS = ["brick.png", "grass.png", "gravel.png", "coffee.png", "camera.png", "retina.jpg"]
HELD_OUT_PHOTOS = ["chelsea.png", "hubble_deep_field.jpg", "rocket.jpg", "astronaut.png"]
ASKED = ["read", "word", "number", "date", "money", "total", "heading", "lines"]


@cache
def load_photo(name: str) -> Image.Image | None:
    """A photograph of scikit-image's wheel, or None where the package is not installed."""
    found = importlib.util.find_spec("skimage")
    path = Path(found.submodule_search_locations[0]) / "data" / name if found else None
    return Image.open(path).convert("RGB") if path and path.exists() else None


def draw_photo(pupil: Pupil) -> Canvas | None:
    """A part of a photograph, mirrored now and then."""
    random = pupil.random
    photo = load_photo(random.choice(HELD_OUT_PHOTOS if pupil.held_out else TRAINING_PHOTOS))
    if photo is None:
        return None
    width, height = (round(edge * random.uniform(0.25, 0.6)) for edge in photo.size)
    x, y = random.randint(0, photo.width - width), random.randint(0, photo.height - height)
    part = photo.crop((x, y, x + width, y + height)).resize((round(160 * width / height), 160))
    part = part.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if random.random() < 0.5 else part
    return Canvas(part, (0, 0, 0))


def draw_noise(pupil: Pupil) -> Canvas:
    """Noise of some grain, or a gradient."""
    random = pupil.random
    width, height = random.randint(100, 260), random.randint(90, 220)
    grain = random.choice([1, 2, 4, 8, 30])
    pixels = np.random.default_rng(random.randrange(2**32)).integers(0, 256, (height // grain + 2, width // grain + 2, 3))
    picture = Image.fromarray(pixels.astype(np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
    return Canvas(picture if random.random() < 0.7 else picture.convert("L").convert("RGB"), (0, 0, 0))


def draw_spoilt(pupil: Pupil) -> Canvas:
    """Text that no one can make out any more: blurred away or as small as dust."""
    random = pupil.random
    canvas = open_canvas(random, random.randint(112, 330), random.randint(112, 230))
    blurred = random.random() < 0.5
    size = random.randint(14, 22) if blurred else 4
    font, y = load_font(choose_font(random, pupil.held_out), size), 8.0
    while y < canvas.picture.height - size:
        text = choose(random.choice(["phrase", "number", "money"]), random, pupil.held_out)
        write(canvas, text, font, (random.uniform(4, 40), y))
        y += size * random.uniform(1.3, 2.5)
    if blurred:
        canvas.picture = canvas.picture.filter(ImageFilter.GaussianBlur(size * random.uniform(0.3, 0.5)))
    canvas.marks.clear()
    return canvas


def draw_unreadable(pupil: Pupil) -> Exercise:
    random = pupil.random
    kind = random.choice(["blank", "noise", "spoilt", "spoilt", "photo", "photo"])
    canvas = draw_photo(pupil) if kind == "photo" else draw_spoilt(pupil) if kind == "spoilt" else None
    if kind == "blank":
        canvas = open_canvas(random, random.randint(100, 330), random.randint(100, 230))
    asked = random.sample(ASKED, 2)
    return Exercise([canvas or draw_noise(pupil)], [pupil.ask("unreadable", wording, UNREADABLE) for wording in asked])
