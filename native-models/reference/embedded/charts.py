"""Draws bar charts with their values, and small tables to be looked up or copied."""

import json

from canvas import COLOURS, mark_colour, open_canvas, wear, write, write_centred
from exercise import Exercise, Pupil
from fonts import choose_font, load_font
from strings import choose

# Column headings and what stands below them; the first column always holds labels.
COLUMNS = {"Price": "amount", "Qty": "integer", "Date": "date", "Code": "code", "City": "city", "Time": "time", "Sum": "amount"}
FIRST = ["Item", "Name", "Product"]


def choose_labels(pupil: Pupil, count: int, longest: int) -> list[str]:
    labels: list[str] = []
    while len(labels) < count:
        label = choose("label", pupil.random, pupil.held_out)
        if label not in labels and len(label) <= longest:
            labels.append(label)
    return labels


def draw_bars(pupil: Pupil) -> Exercise:
    """Two to five bars with a label below and the value above each."""
    random = pupil.random
    labels = choose_labels(pupil, random.randint(2, 5), 6)
    values = random.sample(range(3, 100), len(labels))
    font = load_font(choose_font(random, pupil.held_out), random.randint(15, 20))
    slot = max(font.getlength(label) for label in labels) + font.size * random.uniform(0.5, 1.2)
    tall, base = random.uniform(90, 180), 1.9 * font.size
    canvas = open_canvas(random, slot * len(labels) + font.size, tall + base + 1.6 * font.size)
    bottom = canvas.picture.height - base
    one_colour = random.choice(list(COLOURS)) if random.random() < 0.6 else None
    for index, (label, value) in enumerate(zip(labels, values)):
        colour = one_colour or random.choice(list(COLOURS))
        x = 0.5 * font.size + index * slot
        top = bottom - tall * value / max(values)
        box = (x + 0.2 * slot, top, x + 0.8 * slot, bottom)
        canvas.pen.rectangle(box, fill=COLOURS[colour])
        mark_colour(canvas, colour, box)
        write_centred(canvas, label, font, (x, bottom, x + slot, canvas.picture.height))
        write_centred(canvas, str(value), font, (x, top - 1.4 * font.size, x + slot, top))
    canvas.pen.line((0, bottom, canvas.picture.width, bottom), fill=canvas.ink, width=2)
    order = sorted(range(len(labels)), key=values.__getitem__)
    turns = [pupil.ask("highest", "highest-bar", labels[order[-1]]), pupil.ask("highest", "lowest-bar", labels[order[0]])]
    for index in random.sample(range(len(labels)), 2):
        turns.append(pupil.ask("bar", "bar-value", str(values[index]), name=labels[index]))
    random.shuffle(turns)
    return Exercise([wear(canvas, random)], turns)


def draw_table(pupil: Pupil) -> Exercise:
    """Two to four rows of two or three columns under headings, with or without lines."""
    random = pupil.random
    heads = random.sample(list(COLUMNS), random.choice([1, 1, 2]))
    labels = choose_labels(pupil, random.randint(2, 4), 8)
    body = [[label, *(choose(COLUMNS[head], random, pupil.held_out) for head in heads)] for label in labels]
    cells = [[random.choice(FIRST), *heads], *body]
    name, size = choose_font(random, pupil.held_out), random.randint(14, 20)
    font, pitch = load_font(name, size), size * random.uniform(1.5, 2.0)
    widths = [max(font.getlength(row[column]) for row in cells) + 1.2 * size for column in range(len(cells[0]))]
    margin = random.uniform(4, 14)
    canvas = open_canvas(random, sum(widths) + 2 * margin, pitch * len(cells) + 2 * margin)
    edges = [margin + sum(widths[:column]) for column in range(len(widths) + 1)]
    draw_rules(canvas, pupil, edges, [margin + pitch * row for row in range(len(cells) + 1)])
    for row, texts in enumerate(cells):
        for column, text in enumerate(texts):
            write(canvas, text, font, (edges[column] + 0.5 * size, margin + (row + 0.5) * pitch - 0.36 * size))
    turns = []
    for row in random.sample(body, 2):
        column = random.randrange(len(heads))
        turns.append(pupil.ask("cell", "cell", row[column + 1], column=heads[column].lower(), row=row[0]))
    if len(labels) < 4:
        copies = [pupil.ask("table", "markdown", to_markdown(cells)), pupil.ask("table", "json", to_json(cells))]
        turns.append(random.choice(copies))
    random.shuffle(turns)
    return Exercise([wear(canvas, random)], turns)


def draw_rules(canvas, pupil: Pupil, columns: list[float], rows: list[float]) -> None:
    """All lines of the table, the one below its head, or none."""
    style = pupil.random.choice(["all", "all", "head", "none"])
    ink = tuple((ink + paper) // 2 for ink, paper in zip(canvas.ink, canvas.picture.getpixel((0, 0))))
    for y in rows if style == "all" else rows[1:2] if style == "head" else []:
        canvas.pen.line((columns[0], y, columns[-1], y), fill=ink)
    for x in columns if style == "all" else []:
        canvas.pen.line((x, rows[0], x, rows[-1]), fill=ink)


def to_markdown(cells: list[list[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in cells]
    return "\n".join([lines[0], "|" + "---|" * len(cells[0]), *lines[1:]])


def to_json(cells: list[list[str]]) -> str:
    return json.dumps([dict(zip(cells[0], row)) for row in cells[1:]], ensure_ascii=False)
