"""A picture under the pen: writes text and shapes, and remembers which character or shape lies where."""

import io
import math
from dataclasses import dataclass, field
from random import Random

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from fonts import cap_height
from strings import DIGITS, LETTERS, MARKS

SIDE = 112  # px of one tile
SHAPES = ["circle", "square", "triangle", "star", "diamond"]
COLOURS = {"red": (215, 30, 35), "green": (30, 150, 50), "blue": (30, 70, 210), "yellow": (245, 215, 30),
           "orange": (245, 130, 20), "purple": (130, 40, 160), "black": (20, 20, 20), "grey": (140, 140, 145)}
CLASSES = [" ", *LETTERS, *DIGITS, *MARKS, *SHAPES]  # what a mark can be; 0 is nothing
INDEX = {name: index for index, name in enumerate(CLASSES)}

# Paper and the inks that go with it; dark mode is one of seven.
LIGHT = [(255, 255, 255)] * 5 + [(250, 248, 240), (240, 240, 240), (255, 250, 225), (230, 238, 250), (236, 246, 236)]
DARK = [(30, 30, 32), (18, 24, 38), (45, 45, 48), (20, 40, 35)]
DARK_INK = [(0, 0, 0)] * 4 + [(30, 30, 30), (70, 70, 75), (20, 30, 80), (90, 20, 20), (0, 60, 30)]
LIGHT_INK = [(255, 255, 255)] * 2 + [(225, 225, 225), (190, 210, 255), (255, 240, 190)]

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Mark:
    """A character or shape: its class, colour (0 for text) and box in picture pixels."""

    kind: int
    colour: int
    box: Box


@dataclass
class Canvas:
    picture: Image.Image
    ink: tuple[int, int, int]
    marks: list[Mark] = field(default_factory=list)

    @property
    def pen(self) -> ImageDraw.ImageDraw:
        return ImageDraw.Draw(self.picture)


def open_canvas(random: Random, width: float, height: float) -> Canvas:
    """An empty picture with paper and a readable ink."""
    dark = random.random() < 1 / 7
    paper = random.choice(DARK if dark else LIGHT)
    return Canvas(Image.new("RGB", (round(width), round(height)), paper), random.choice(LIGHT_INK if dark else DARK_INK))


def write(canvas: Canvas, text: str, font: ImageFont.FreeTypeFont, spot: tuple[float, float], ink: tuple | None = None) -> Box:
    """Writes `text` with the capitals' top left at `spot`, notes each character, and returns the text's box."""
    x, y = round(spot[0]), round(spot[1])
    top, bottom = cap_height(font)
    canvas.pen.text((x, y - top), text, font=font, fill=ink or canvas.ink)
    right = x
    for index, letter in enumerate(text):
        left, right = right, x + font.getlength(text[: index + 1])
        if letter != " ":
            canvas.marks.append(Mark(INDEX[letter], 0, (left, y, right, y + bottom - top)))
    return x, y, right, y + bottom - top


def write_centred(canvas: Canvas, text: str, font: ImageFont.FreeTypeFont, box: Box, ink: tuple | None = None) -> Box:
    """Writes `text` in the middle of `box`."""
    top, bottom = cap_height(font)
    x = (box[0] + box[2] - font.getlength(text)) / 2
    return write(canvas, text, font, (x, (box[1] + box[3] - bottom + top) / 2), ink)


def draw_shape(canvas: Canvas, shape: str, colour: str, spot: tuple[float, float, float]) -> None:
    """A filled shape around spot = (centre x, centre y, half its size)."""
    x, y, r = spot
    pen, fill = canvas.pen, COLOURS[colour]
    if shape == "circle":
        pen.ellipse((x - r, y - r, x + r, y + r), fill=fill)
    elif shape == "square":
        pen.rectangle((x - 0.88 * r, y - 0.88 * r, x + 0.88 * r, y + 0.88 * r), fill=fill)
    else:
        corners = {"triangle": [(0, -1), (0.95, 0.75), (-0.95, 0.75)], "diamond": [(0, -1), (0.75, 0), (0, 1), (-0.75, 0)]}
        star = [(math.sin(math.pi * k / 5) * (1, 0.42)[k % 2], -math.cos(math.pi * k / 5) * (1, 0.42)[k % 2])
                for k in range(10)]
        pen.polygon([(x + r * a, y + r * b) for a, b in corners.get(shape, star)], fill=fill)
    mark_colour(canvas, colour, (x - r * 0.6, y - r * 0.6, x + r * 0.6, y + r * 0.6), INDEX[shape])


def mark_colour(canvas: Canvas, colour: str, box: Box, kind: int = 0) -> None:
    """Notes that `box` is filled with `colour`."""
    canvas.marks.append(Mark(kind, 1 + list(COLOURS).index(colour), box))


def contrast_ink(fill: tuple[int, int, int]) -> tuple[int, int, int]:
    """White on dark fills, near-black on light ones."""
    return (255, 255, 255) if sum(fill) < 400 else (15, 15, 15)


def resize(canvas: Canvas, across: float, down: float) -> Canvas:
    """The picture and its marks scaled by two factors."""
    width, height = canvas.picture.size
    size = (max(16, round(width * across)), max(16, round(height * down)))
    across, down = size[0] / width, size[1] / height
    marks = [Mark(mark.kind, mark.colour, tuple(edge * (across, down)[index % 2] for index, edge in enumerate(mark.box)))
             for mark in canvas.marks]
    return Canvas(canvas.picture.resize(size, Image.Resampling.BICUBIC), canvas.ink, marks)


def wear(canvas: Canvas, random: Random) -> Canvas:
    """What happens to pictures on their way: another size, a little blur, JPEG; half of them stay as they are."""
    if random.random() < 0.5:
        scale = random.uniform(0.8, 1.6)
        canvas = resize(canvas, scale * random.uniform(0.95, 1.05), scale * random.uniform(0.95, 1.05))
    if random.random() < 0.08:
        canvas.picture = canvas.picture.filter(ImageFilter.GaussianBlur(random.uniform(0.3, 0.8)))
    if random.random() < 0.15:
        kept = io.BytesIO()
        canvas.picture.save(kept, "JPEG", quality=random.randint(50, 92))
        canvas.picture = Image.open(kept).convert("RGB")
    return canvas
