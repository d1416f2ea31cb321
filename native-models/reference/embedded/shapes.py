"""Draws shapes with their colours, and several of them to be counted."""

import math

from canvas import COLOURS, SHAPES, SIDE, Canvas, draw_shape, open_canvas, wear
from exercise import Exercise, Pupil

NAMED_COLOURS = list(COLOURS)


def scatter(canvas: Canvas, pupil: Pupil, count: int, sizes: tuple[float, float]) -> list[tuple[float, float, float]]:
    """Places for `count` shapes that do not touch: centres and half sizes."""
    random, (width, height) = pupil.random, canvas.picture.size
    spots: list[tuple[float, float, float]] = []
    while len(spots) < count:
        r = min(width, height) * random.uniform(*sizes)
        x, y = random.uniform(r + 3, width - r - 3), random.uniform(r + 3, height - r - 3)
        if all(math.hypot(x - a, y - b) > 1.15 * (r + c) for a, b, c in spots):
            spots.append((x, y, r))
        elif random.random() < 0.01:
            spots.clear()
    return spots


def visible_colours(canvas: Canvas) -> list[str]:
    """Those that differ enough from the paper."""
    paper = canvas.picture.getpixel((0, 0))
    return [name for name, rgb in COLOURS.items() if sum(abs(a - b) for a, b in zip(paper, rgb)) > 150]


def draw_one_shape(pupil: Pupil) -> Exercise:
    """A single shape, or two or three different ones in different colours."""
    random = pupil.random
    side = random.choice([SIDE, SIDE, SIDE, 1.5 * SIDE, 2 * SIDE])
    canvas = open_canvas(random, side * random.choice([1, 1, 1, 1.5, 2]), side)
    count = random.choice([1, 1, 2, 3])
    shapes, colours = random.sample(SHAPES, count), random.sample(visible_colours(canvas), count)
    spots = scatter(canvas, pupil, count, (0.14, 0.4) if count == 1 else (0.12, 0.2))
    for shape, colour, spot in zip(shapes, colours, spots):
        draw_shape(canvas, shape, colour, spot)
    turns = [pupil.ask("colour", "shape-colour", colours[0], name=shapes[0])]
    if count == 1:
        turns += [pupil.ask("shape", "shape", shapes[0]), pupil.ask("colour", "colour", colours[0])]
    else:
        turns.append(pupil.ask("shape", "coloured-shape", shapes[-1], name=colours[-1]))
    random.shuffle(turns)
    return Exercise([wear(canvas, random)], turns)


def draw_counted(pupil: Pupil) -> Exercise:
    """One to six of a shape, sometimes among others, counted by shape, by colour and all together."""
    random = pupil.random
    side = random.choice([SIDE, SIDE, 1.5 * SIDE, 2 * SIDE])
    canvas = open_canvas(random, side * random.choice([1, 1, 1, 2]), side)
    colours = visible_colours(canvas)
    shape, one_colour = random.choice(SHAPES), random.choice(colours) if random.random() < 0.6 else None
    count, others = random.randint(1, 6), random.choice([0, 0, 0, 1, 2])
    others = min(others, 6 - count)
    shapes = [shape] * count + random.choices([name for name in SHAPES if name != shape], k=others)
    for name, spot in zip(shapes, scatter(canvas, pupil, len(shapes), (0.08, 0.13))):
        draw_shape(canvas, name, one_colour or random.choice(colours), spot)
    turns = [pupil.ask("count", "count", str(count), name=shape), pupil.ask("count", "count-all", str(len(shapes)))]
    random.shuffle(turns)
    return Exercise([wear(canvas, random)], turns)
