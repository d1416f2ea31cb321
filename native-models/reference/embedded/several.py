"""Draws several pictures at once: two to compare, or four to eight frames of a film."""

from canvas import SIDE, Canvas, draw_shape, open_canvas, write_centred
from exercise import Exercise, Pupil
from fonts import choose_font, load_font
from shapes import SHAPES, visible_colours
from strings import choose


def draw_subject(pupil: Pupil, subject: tuple[str, str], width: float = SIDE) -> Canvas:
    """A small picture of subject = ("text", string) or (colour, shape)."""
    random, (kind, name) = pupil.random, subject
    canvas = open_canvas(random, width, SIDE)
    while kind != "text" and kind not in visible_colours(canvas):
        canvas = open_canvas(random, width, SIDE)
    if kind == "text":
        font = load_font(choose_font(random, pupil.held_out), random.randint(18, 28))
        while font.getlength(name) > width - 6:
            font = load_font(choose_font(random, pupil.held_out), font.size - 2)
        write_centred(canvas, name, font, (0, random.uniform(-25, 25), width, SIDE))
    else:
        r = random.uniform(16, 36)
        draw_shape(canvas, name, kind, (random.uniform(r, width - r), random.uniform(r, SIDE - r), r))
    return canvas


def choose_subject(pupil: Pupil) -> tuple[str, str]:
    """A short string, or a coloured shape."""
    random = pupil.random
    if random.random() < 0.5:
        return random.choice(["red", "green", "blue", "yellow", "orange", "purple"]), random.choice(SHAPES)
    while len(text := choose(random.choice(["label", "integer", "number"]), random, pupil.held_out)) > 7:
        pass
    return "text", text


def name_subject(subject: tuple[str, str]) -> str:
    """As a question names it: "the red star", or the string itself."""
    return subject[1] if subject[0] == "text" else f"the {subject[0]} {subject[1]}"


def draw_compared(pupil: Pupil) -> Exercise:
    """Two pictures that show the same or two things."""
    random = pupil.random
    first = second = choose_subject(pupil)
    same = random.random() < 0.35
    while not same and second == first:
        second = choose_subject(pupil)
    width = random.choice([SIDE, SIDE, 2 * SIDE])
    canvases = [draw_subject(pupil, subject, width) for subject in (first, second)]
    turns = [pupil.ask("compare", "same", "yes" if same else "no")]
    place = random.randrange(2)
    if not same:
        turns.append(pupil.ask("compare", "which-picture", ["first", "second"][place], name=name_subject((first, second)[place])))
    if (first, second)[place][0] == "text":
        turns.append(pupil.ask("compare", "nth-picture", (first, second)[place][1], name=["first", "second"][place]))
    random.shuffle(turns)
    return Exercise(canvases, turns)


def draw_film(pupil: Pupil) -> Exercise:
    """Four to eight frames of one tile each, all different."""
    random = pupil.random
    subjects: list[tuple[str, str]] = []
    count = random.randint(4, 8)
    while len(subjects) < count:
        subject = choose_subject(pupil)
        subjects += [subject] if subject not in subjects else []
    turns = [pupil.ask("frame", "which-frame", f"Frame{index + 1}", name=name_subject(subjects[index]))
             for index in random.sample(range(count), 3)]
    return Exercise([draw_subject(pupil, subject) for subject in subjects], turns, frames=True)
