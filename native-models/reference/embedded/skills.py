"""The skills: which scene asks each kind of question, how often training draws it, and how many held-out ones there are."""

from dataclasses import dataclass
from random import Random

from canvas import SIDE
from charts import draw_bars, draw_table
from exercise import Exercise, Pupil
from lines import draw_line, draw_lines
from papers import draw_card, draw_form, draw_invoice, draw_receipt
from screens import draw_buttons, draw_dialog, draw_menu
from several import draw_compared, draw_film
from shapes import draw_counted, draw_one_shape
from tiles import choose_grid
from unreadable import draw_unreadable

SCENES = {
    "word": lambda pupil: draw_line(pupil, "word"), "number": lambda pupil: draw_line(pupil, "number"),
    "date": lambda pupil: draw_line(pupil, "date"), "money": lambda pupil: draw_line(pupil, "money"),
    "lines": draw_lines, "receipt": draw_receipt, "invoice": draw_invoice, "form": draw_form, "card": draw_card,
    "dialog": draw_dialog, "buttons": draw_buttons, "menu": draw_menu, "bars": draw_bars, "table": draw_table,
    "shape": draw_one_shape, "counted": draw_counted, "compared": draw_compared, "film": draw_film,
    "unreadable": draw_unreadable,
}

# How often training draws each scene, at the start (one line first) and later.
EARLY = {"word": 6, "number": 6, "date": 2, "money": 2, "lines": 4, "receipt": 2, "form": 1, "buttons": 1, "menu": 0.5,
         "shape": 1, "counted": 0.7, "unreadable": 0.5}
LATE = {"word": 3, "number": 3, "date": 1.2, "money": 1.2, "lines": 2, "receipt": 4, "invoice": 1.5, "form": 2, "card": 1.2,
        "dialog": 1.5, "buttons": 1.5, "menu": 1.2, "bars": 1.5, "table": 1.5, "shape": 0.7, "counted": 0.8, "compared": 1,
        "film": 0.7, "unreadable": 0.8}


@dataclass(frozen=True)
class Kind:
    """A kind of held-out question: the scenes that ask it, and how many of the 1,000 there are."""

    scenes: tuple[str, ...]
    count: int


KINDS = {
    "word": Kind(("word",), 110), "number": Kind(("number",), 115), "date": Kind(("date",), 50), "money": Kind(("money",), 50),
    "total": Kind(("receipt", "receipt", "invoice"), 120), "field": Kind(("form", "card", "invoice", "receipt"), 100),
    "item-price": Kind(("receipt",), 30), "button": Kind(("buttons", "dialog"), 50), "dialog": Kind(("dialog",), 30),
    "menu": Kind(("menu",), 30), "bar": Kind(("bars",), 30), "highest": Kind(("bars",), 20), "cell": Kind(("table",), 30),
    "table": Kind(("table",), 20), "shape": Kind(("shape",), 25), "colour": Kind(("shape",), 25), "count": Kind(("counted",), 30),
    "box": Kind(("buttons", "menu", "dialog"), 25), "click": Kind(("buttons", "menu", "dialog"), 20),
    "compare": Kind(("compared",), 20), "frame": Kind(("film",), 20), "second": Kind(("receipt", "form", "buttons", "shape"), 15),
    "unreadable": Kind(("unreadable",), 20), "absent": Kind(("receipt", "form", "invoice", "card"), 15),
}
assert sum(kind.count for kind in KINDS.values()) == 1000

LOWEST_CAPITAL = 8.5  # px after tiling, a font of 12 px: what an exercise asks to be read is never smaller


def count_tiles(exercise: Exercise) -> int:
    """Tiles with thumbnails, as the prompt shows them."""
    if exercise.frames:
        return len(exercise.canvases)
    areas = [columns * rows for columns, rows in (choose_grid(*canvas.picture.size) for canvas in exercise.canvases)]
    return sum(area + (area > 1) for area in areas)


def is_legible(exercise: Exercise) -> bool:
    """False where tiling shrinks some text below what anyone could be asked to read."""
    for canvas in exercise.canvases:
        rows = 1 if exercise.frames else choose_grid(*canvas.picture.size)[1]
        heights = [mark.box[3] - mark.box[1] for mark in canvas.marks if mark.kind and not mark.colour]
        if heights and min(heights) * rows * SIDE / canvas.picture.height < LOWEST_CAPITAL:
            return False
    return True


def mix_of(progress: float) -> dict[str, float]:
    """The share of each scene: from EARLY to LATE over the first part of a run (progress 0 to 1)."""
    return {name: (1 - progress) * EARLY.get(name, 0) + progress * share for name, share in LATE.items()}


def draw_training(random: Random, progress: float) -> Exercise:
    """An exercise from the training strings, fonts and wordings; large pictures become rare."""
    shares = mix_of(progress)
    pupil = Pupil(random)
    while True:
        exercise = SCENES[random.choices(list(shares), list(shares.values()))[0]](pupil)
        tiles = count_tiles(exercise)
        if exercise.turns and is_legible(exercise) and (tiles <= 7 or random.random() < 0.4):
            return exercise


def draw_kind(random: Random, kind: str, held_out: bool) -> Exercise:
    """An exercise whose first turn is of `kind`; for "second" the second turn is what counts."""
    pupil = Pupil(random, held_out)
    while True:
        exercise = SCENES[random.choice(KINDS[kind].scenes)](pupil)
        if not is_legible(exercise):
            continue
        if kind == "second" and len(exercise.turns) > 1 and all(turn.target is None for turn in exercise.turns[:2]):
            return Exercise(exercise.canvases, exercise.turns[:2], exercise.frames)
        first = next((turn for turn in exercise.turns if turn.kind == kind and not turn.follows), None)
        if first:
            return Exercise(exercise.canvases, [first], exercise.frames)
