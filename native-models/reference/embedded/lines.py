"""Draws one line of text (a word, number, date or price), tightly cropped or with room, and pages of a few lines."""

from canvas import COLOURS, Canvas, contrast_ink, mark_colour, open_canvas, wear, write
from exercise import Exercise, Pupil
from fonts import cap_height, choose_font, load_font
from strings import choose
from wordings import ORDINALS


def draw_line(pupil: Pupil, kind: str) -> Exercise:
    """One string of `kind`, asked for as text or by its kind."""
    random = pupil.random
    text = choose(kind, random, pupil.held_out)
    font = load_font(choose_font(random, pupil.held_out), random.randint(16, 40))
    top, bottom = cap_height(font)
    length, height = font.getlength(text), bottom - top
    if random.random() < 0.3:  # a tight crop, which tiling then enlarges
        width, tall = length + height * random.uniform(0.8, 3), height * random.uniform(1.8, 3.5)
    else:
        width, tall = max(112, length + random.uniform(10, 90)), random.choice([112, 112, random.uniform(60, 220)])
    canvas = open_canvas(random, width, tall)
    if random.random() < 0.1:
        fill_panel(canvas, pupil, width, tall)
    room_x, room_y = canvas.picture.width - length, canvas.picture.height - height
    write(canvas, text, font, (random.uniform(0.15, 0.85) * room_x, random.uniform(0.25, 0.75) * room_y))
    return Exercise([wear(canvas, random)], [pupil.ask(kind, kind if random.random() < 0.5 else "read", text)])


def fill_panel(canvas: Canvas, pupil: Pupil, width: float, height: float) -> None:
    """A coloured sign instead of paper."""
    colour = pupil.random.choice(list(COLOURS))
    canvas.pen.rectangle((0, 0, width, height), fill=COLOURS[colour])
    canvas.ink = contrast_ink(COLOURS[colour])
    mark_colour(canvas, colour, (0, 0, width, height))


def draw_lines(pupil: Pupil) -> Exercise:
    """Two to five lines, copied whole or one by one."""
    random = pupil.random
    kinds = ["word", "label", "phrase", "person", "number", "money", "date", "code"]
    texts = [choose(random.choice(kinds), random, pupil.held_out) for _ in range(random.randint(2, 5))]
    font = load_font(choose_font(random, pupil.held_out), random.randint(16, 28))
    pitch = font.size * random.uniform(1.25, 2.0)
    width = max(font.getlength(text) for text in texts) + random.uniform(12, 80)
    canvas = open_canvas(random, max(100, width), pitch * len(texts) + random.uniform(12, 50))
    x = random.uniform(5, canvas.picture.width - width + 6)
    centred = random.random() < 0.2
    y = random.uniform(6, canvas.picture.height - pitch * len(texts))
    for text in texts:
        write(canvas, text, font, ((canvas.picture.width - font.getlength(text)) / 2 if centred else x, y))
        y += pitch
    turns = [pupil.ask("lines", "lines", "\n".join(texts))]
    for index in random.sample(range(len(texts)), 2):
        name = "last" if index == len(texts) - 1 and random.random() < 0.5 else ORDINALS[index]
        turns.append(pupil.ask("line", "nth-line", texts[index], name=name))
    return Exercise([wear(canvas, random)], turns)
