"""Draws the eye's exercise: tiles full of random strings, shapes and fills, cut by the edges as tiles of a picture are."""

from random import Random

from canvas import COLOURS, SHAPES, SIDE, Canvas, contrast_ink, draw_shape, mark_colour, open_canvas, resize, write
from fonts import COMMON, choose_font, files_of, load_font
from strings import choose

KINDS = ["word", "word", "word", "label", "person", "number", "number", "amount", "money", "date", "code", "mixed"]


def choose_size(random: Random) -> int:
    """Font size in px: mostly that of screens and papers after tiling, sometimes a cropped headline."""
    kind = random.random()
    return random.randint(12, 26) if kind < 0.6 else random.randint(20, 44) if kind < 0.9 else random.randint(44, 96)


def draw_page(random: Random, easy: float = 0.0) -> Canvas:
    """A little more than one tile of text and shapes, resampled to one tile.

    `easy` is the share of pages in plain sizes of the common fonts, where the eye begins.
    """
    if random.random() < 0.1:
        return draw_scatter(random)
    plain = random.random() < easy
    scale = 1.0 if plain or random.random() < 0.35 else random.uniform(0.75, 1.9)
    side = SIDE * scale
    canvas = open_canvas(random, side, side)
    name = random.choice(files_of(COMMON)) if plain else choose_font(random)
    font = load_font(name, round((random.randint(19, 33) if plain else choose_size(random)) * scale))
    pitch = font.size * random.uniform(1.0, 2.0)
    if random.random() < 0.15:
        draw_fill(canvas, random, side)
    sparse = random.random() < 0.3
    y = random.uniform(-0.4 * font.size, side - font.size) if sparse else random.uniform(-0.6, 0.9) * font.size
    while y < side:
        x = random.uniform(-1.5, 0.5) * font.size if random.random() < 0.7 else random.uniform(0, 0.8) * side
        while x < side:
            text = choose(random.choice(KINDS), random, False)
            write(canvas, text, font, (x, y))
            x += font.getlength(text) + font.size * random.choice([0.3, 0.5, 1, 2])
            if sparse and random.random() < 0.4:
                break
        y += pitch
        if sparse and random.random() < 0.7:
            break
    return resize(canvas, SIDE / canvas.picture.width, SIDE / canvas.picture.height)


def draw_fill(canvas: Canvas, random: Random, side: float) -> None:
    """A coloured panel under the text, which takes the ink that shows on it."""
    colour = random.choice(list(COLOURS))
    canvas.pen.rectangle((0, 0, side, side), fill=COLOURS[colour])
    canvas.ink = contrast_ink(COLOURS[colour])
    mark_colour(canvas, colour, (0, 0, side, side))


def draw_scatter(random: Random) -> Canvas:
    """Shapes of every size, which may touch."""
    canvas = open_canvas(random, SIDE, SIDE)
    for _ in range(random.randint(1, 7)):
        r = random.uniform(8, 18) if random.random() < 0.7 else random.uniform(18, 45)
        draw_shape(canvas, random.choice(SHAPES), random.choice(list(COLOURS)),
                   (random.uniform(0, SIDE), random.uniform(0, SIDE), r))
    return canvas
