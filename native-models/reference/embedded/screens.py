"""Draws what programs show: dialogs with buttons, menus and rows of buttons, to be read, found and clicked."""

from dataclasses import dataclass

from canvas import COLOURS, Box, Canvas, contrast_ink, mark_colour, open_canvas, wear, write, write_centred
from exercise import Exercise, Pupil, Turn, box_turn, click_turn
from fonts import choose_font, load_font
from strings import choose
from wordings import ORDINALS
from words import BUTTONS

BUTTON_COLOURS = [name for name in COLOURS if name != "grey"]


@dataclass(frozen=True)
class Button:
    text: str
    colour: str
    box: Box


def make_caption(pupil: Pupil) -> str:
    """A button's usual word, or any label; held-out drawings only have labels never trained on."""
    if pupil.held_out or pupil.random.random() < 0.6:
        return choose("label", pupil.random, pupil.held_out)
    return pupil.random.choice(BUTTONS)


def make_captions(pupil: Pupil, count: int) -> list[str]:
    captions: list[str] = []
    while len(captions) < count:
        caption = make_caption(pupil)
        captions += [caption] if caption not in captions else []
    return captions


def draw_button(canvas: Canvas, button: Button, font) -> None:
    radius = (button.box[3] - button.box[1]) * 0.2
    canvas.pen.rounded_rectangle(button.box, radius, fill=COLOURS[button.colour])
    mark_colour(canvas, button.colour, button.box)
    write_centred(canvas, button.text, font, button.box, contrast_ink(COLOURS[button.colour]))


def ask_buttons(pupil: Pupil, buttons: list[Button], canvas: Canvas) -> list[Turn]:
    """One question of each skill, each about some button."""
    chosen = [pupil.random.choice(buttons) for _ in range(4)]
    turns = [
        pupil.ask("button", "coloured-button", chosen[0].text, name=chosen[0].colour),
        box_turn(pupil, chosen[1].text, chosen[1].box, canvas),
        click_turn(pupil, "click", chosen[2].text, chosen[2].box, canvas),
        click_turn(pupil, "click-coloured", chosen[3].colour, chosen[3].box, canvas),
    ]
    return turns


def draw_buttons(pupil: Pupil) -> Exercise:
    """One to four buttons in a row or a grid."""
    random = pupil.random
    count = random.choice([1, 2, 2, 3, 4])
    across = random.choice([n for n in (1, 2, 3) if n <= count])
    down = -(-count // across)
    font = load_font(choose_font(random, pupil.held_out), random.randint(16, 28))
    captions = make_captions(pupil, count)
    width = max(font.getlength(caption) for caption in captions) + font.size * random.uniform(1, 2.5)
    height, gap = font.size * random.uniform(1.7, 2.4), font.size * random.uniform(0.5, 1.6)
    canvas = open_canvas(random, across * (width + gap) + gap, down * (height + gap) + gap)
    buttons = []
    for index, (caption, colour) in enumerate(zip(captions, random.sample(BUTTON_COLOURS, count))):
        x, y = gap + index % across * (width + gap), gap + index // across * (height + gap)
        buttons.append(Button(caption, colour, (x, y, x + width, y + height)))
        draw_button(canvas, buttons[-1], font)
    turns = ask_buttons(pupil, buttons, canvas)
    random.shuffle(turns)
    return Exercise([wear(canvas, random)], turns)


def draw_dialog(pupil: Pupil) -> Exercise:
    """A window: title bar, one or two lines of message, buttons below."""
    random = pupil.random
    name, size = choose_font(random, pupil.held_out), random.randint(15, 21)
    font = load_font(name, size)
    title = choose(random.choice(["label", "phrase"]), random, pupil.held_out)
    message = [choose("phrase", random, pupil.held_out) for _ in range(random.choice([1, 1, 2]))]
    captions = make_captions(pupil, random.choice([1, 2, 2, 3]))
    widths = [font.getlength(caption) + 1.6 * size for caption in captions]
    width = max([sum(widths) + size * (len(captions) + 1), *(font.getlength(line) + 2.5 * size for line in [title, *message])])
    bar, pitch = 2.0 * size, 1.5 * size
    canvas = open_canvas(random, width, bar + pitch * len(message) + 4.2 * size)
    band = random.choice([(225, 225, 230), (60, 90, 160), (70, 70, 75), (200, 215, 240)])
    canvas.pen.rectangle((0, 0, width, bar), fill=band)
    write(canvas, title, font, (0.8 * size, 0.62 * size), contrast_ink(band))
    for index, line in enumerate(message):
        write(canvas, line, font, (1.2 * size, bar + 0.8 * size + index * pitch))
    x, y = width - sum(widths) - size * len(captions), bar + pitch * len(message) + 1.5 * size
    x = x if random.random() < 0.6 else size
    buttons = []
    for caption, wide, colour in zip(captions, widths, random.sample(BUTTON_COLOURS, len(captions))):
        buttons.append(Button(caption, colour, (x, y, x + wide, y + 2 * size)))
        draw_button(canvas, buttons[-1], font)
        x += wide + size
    turns = [pupil.ask("dialog", "heading", title), pupil.ask("dialog", "message", " ".join(message))]
    turns += random.sample(ask_buttons(pupil, buttons, canvas), 3)
    random.shuffle(turns)
    return Exercise([wear(canvas, random)], turns)


def draw_menu(pupil: Pupil) -> Exercise:
    """Items below each other, one of them highlighted."""
    random = pupil.random
    items = make_captions(pupil, random.randint(2, 6))
    font = load_font(choose_font(random, pupil.held_out), random.randint(15, 24))
    pitch = font.size * random.uniform(1.5, 2.0)
    width = max(max(font.getlength(item) for item in items) + 2 * font.size, 60) * random.uniform(1, 1.4)
    canvas = open_canvas(random, width, pitch * len(items) + font.size)
    selected = random.randrange(len(items))
    colour = random.choice(["blue", "green", "purple", "grey", "orange"])
    boxes = []
    for index, item in enumerate(items):
        box = (0, font.size * 0.5 + index * pitch, width, font.size * 0.5 + (index + 1) * pitch)
        boxes.append(box)
        if index == selected:
            canvas.pen.rectangle(box, fill=COLOURS[colour])
            mark_colour(canvas, colour, box)
        ink = contrast_ink(COLOURS[colour]) if index == selected else None
        write(canvas, item, font, (0.8 * font.size, (box[1] + box[3]) / 2 - 0.36 * font.size), ink)
    turns = [pupil.ask("menu", "selected-item", items[selected])]
    for index in random.sample(range(len(items)), 2):
        name = "last" if index == len(items) - 1 and random.random() < 0.5 else ORDINALS[index]
        turns.append(pupil.ask("menu", "nth-item", items[index], name=name))
    place = random.randrange(len(items))
    turns += [box_turn(pupil, items[place], boxes[place], canvas), click_turn(pupil, "click", items[place], boxes[place], canvas)]
    random.shuffle(turns)
    return Exercise([wear(canvas, random)], turns)
