"""Draws papers with named values: receipts, invoices, forms and ID-like cards."""

from dataclasses import dataclass

from canvas import COLOURS, Canvas, contrast_ink, open_canvas, wear, write, write_centred
from exercise import UNREADABLE, Exercise, Pupil, Turn
from fonts import choose_font, load_font
from strings import choose


@dataclass(frozen=True)
class Entry:
    """A value's name in questions, the labels it may carry on paper, and what kind of string it is."""

    name: str
    labels: tuple[str, ...]
    value: str


TOTAL = Entry("total", ("TOTAL", "Total", "Total", "TOTAL DUE", "Amount due"), "amount")
SUMS = [Entry("tax", ("TAX", "Tax", "VAT"), "amount"), Entry("subtotal", ("SUBTOTAL", "Subtotal"), "amount"),
        Entry("tip", ("TIP", "Tip"), "amount"), Entry("discount", ("DISCOUNT", "Discount"), "amount"),
        Entry("cash", ("CASH", "Cash"), "amount"), Entry("change", ("CHANGE", "Change"), "amount")]
HEADS = [Entry("date", ("DATE", "Date"), "date"), Entry("time", ("TIME", "Time"), "time"),
         Entry("order number", ("ORDER", "Order", "Order no."), "integer"), Entry("table", ("TABLE", "Table"), "integer"),
         Entry("code", ("CODE", "Code"), "code")]
INVOICE = [Entry("invoice number", ("Invoice no.", "Invoice", "INVOICE NO."), "code"), Entry("date", ("Date", "DATE"), "date"),
           Entry("customer", ("Customer", "Bill to", "To"), "person"), Entry("due date", ("Due", "Due date"), "date"),
           Entry("city", ("City",), "city")]
FORM = [Entry("name", ("Name", "NAME", "Full name"), "person"), Entry("city", ("City", "CITY"), "city"),
        Entry("date", ("Date", "DATE"), "date"), Entry("age", ("Age",), "integer"), Entry("code", ("Code", "CODE"), "code"),
        Entry("room", ("Room", "ROOM"), "integer"), Entry("item", ("Item", "ITEM"), "label"),
        Entry("quantity", ("Quantity", "Qty"), "integer"), Entry("price", ("Price", "PRICE"), "money"),
        Entry("time", ("Time", "TIME"), "time"), Entry("seat", ("Seat", "SEAT"), "code"), Entry("gate", ("Gate", "GATE"), "code")]
CARD = [Entry("name", ("Name", "NAME"), "person"), Entry("number", ("No.", "Number", "ID"), "code"),
        Entry("date of birth", ("Born", "Date of birth"), "date"), Entry("expiry date", ("Expires", "Valid until"), "date"),
        Entry("city", ("City",), "city"), Entry("class", ("Class",), "code")]
LABELS = {label.upper() for entry in [TOTAL, *SUMS, *HEADS] for label in entry.labels}  # never an article's name
CARD_TITLES = ["ID CARD", "MEMBER CARD", "Student card", "Library card", "VISITOR", "Staff pass", "Driving licence"]


@dataclass
class Row:
    """A line of paper: label left and value right (either may be empty), asked for under `wording` or not at all."""

    label: str
    value: str = ""
    kind: str = ""
    wording: str = ""
    name: str = ""


def fill(pupil: Pupil, entry: Entry, kind: str, separator: str = "") -> Row:
    label = pupil.random.choice(entry.labels) + separator
    wording = "total" if entry.name == "total" else "field"
    return Row(label, choose(entry.value, pupil.random, pupil.held_out), kind, wording, entry.name)


def ask_rows(pupil: Pupil, rows: list[Row], absent: list[Entry], header: list[str]) -> list[Turn]:
    """Questions about some rows, about a value that the paper does not have, and for all that it says."""
    asked = [row for row in rows if row.kind]
    turns: list[Turn] = []
    for row in pupil.random.sample(asked, min(4, len(asked))):
        follows = bool(turns) and row.kind != "item-price" and pupil.random.random() < 0.25
        turns.append(pupil.ask(row.kind, "and" if follows else row.wording, row.value, name=row.name))
        turns[-1].follows = follows
    names = {row.name for row in rows}
    missing = [entry for entry in absent if entry.name not in names]
    if missing and pupil.random.random() < 0.2:
        entry = pupil.random.choice(missing)
        wording = "total" if entry.name == "total" else "field"
        turns.insert(pupil.random.choice([0, len(turns)]), pupil.ask("absent", wording, UNREADABLE, name=entry.name))
    if pupil.random.random() < 0.3:
        turns.append(pupil.ask("lines", "lines", "\n".join([*header, *(f"{row.label} {row.value}" for row in rows)])))
    return turns


def set_rows(pupil: Pupil, rows: list[Row], header: list[str], columns: str) -> Canvas:
    """Lays rows out under a centred header; columns: 'ragged' values follow labels, 'left' or 'right' align them."""
    random = pupil.random
    name, size = choose_font(random, pupil.held_out), random.randint(15, 23)
    font = load_font(name, size)
    head = load_font(name, round(size * random.choice([1, 1, 1.2, 1.4])))
    pitch = size * random.uniform(1.3, 1.9)
    label_width = max(font.getlength(row.label) for row in rows)
    gap = size * random.uniform(0.6, 2.5)
    width = label_width + gap + max(font.getlength(row.value) for row in rows)
    width = max([width, *(head.getlength(line) for line in header)]) + 2 * (margin := random.uniform(6, 20))
    canvas = open_canvas(random, width, pitch * (len(rows) + 1.15 * len(header)) + 2 * margin)
    y = margin
    for line in header:
        write_centred(canvas, line, head, (0, y, width, y + pitch))
        y += 1.15 * pitch
    for row in rows:
        write(canvas, row.label, font, (margin, y + 0.25 * pitch))
        start = margin + gap + (font.getlength(row.label) if columns == "ragged" else label_width)
        start = width - margin - font.getlength(row.value) if columns == "right" else start
        write(canvas, row.value, font, (start, y + 0.25 * pitch))
        y += pitch
    return canvas


def draw_receipt(pupil: Pupil) -> Exercise:
    """A shop's name, articles with prices, sums and the total."""
    random = pupil.random
    shop = choose(random.choice(["phrase", "label"]), random, pupil.held_out)
    rows = [fill(pupil, entry, "field") for entry in random.sample(HEADS, random.choice([0, 0, 1, 2]))]
    labels: list[str] = []
    while len(labels) < random.choice([0, 1, 2, 2, 3]):
        label = choose("label", random, pupil.held_out)
        labels += [label] if label not in labels and label.upper() not in LABELS else []
    rows += [Row(label, choose("amount", random, pupil.held_out), "item-price", "item-price", label) for label in labels]
    rows += [fill(pupil, entry, "field") for entry in random.sample(SUMS, random.choice([0, 1, 1, 2]))]
    if random.random() < 0.9 or not rows:
        sign = random.choice(["", "", "", "$", "€"])
        total = fill(pupil, TOTAL, "total")
        rows.append(Row(total.label, sign + total.value, "total", "total", "total"))
    if random.random() < 0.15:
        random.shuffle(rows)
    header = [shop] if random.random() < 0.7 else []
    canvas = set_rows(pupil, rows, header, "right" if random.random() < 0.8 else "left")
    turns = ask_rows(pupil, rows, [TOTAL, *SUMS, *HEADS], header)
    if header:
        turns.append(pupil.ask("field", "shop", shop))
    return Exercise([wear(canvas, random)], turns)


def draw_entries(pupil: Pupil, entries: list[Entry], header: list[str], least: int) -> Exercise:
    """Label and value lines of an invoice or a form."""
    random = pupil.random
    chosen = random.sample(entries, random.randint(least, min(len(entries), least + 3)))
    separator = random.choice([":", ":", ""])
    rows = [fill(pupil, entry, "field", separator) for entry in chosen]
    if entries is INVOICE:
        rows.append(fill(pupil, TOTAL, "total", separator))
    canvas = set_rows(pupil, rows, header, random.choice(["ragged", "left", "left", "right"]))
    return Exercise([wear(canvas, random)], ask_rows(pupil, rows, [*entries, TOTAL], header))


def draw_invoice(pupil: Pupil) -> Exercise:
    return draw_entries(pupil, INVOICE, [pupil.random.choice(["INVOICE", "Invoice", "BILL"])], 2)


def draw_form(pupil: Pupil) -> Exercise:
    titles = ["Order form", "APPLICATION", "Booking", "TICKET", "Boarding pass", "Registration"]
    return draw_entries(pupil, FORM, [pupil.random.choice(titles)] if pupil.random.random() < 0.5 else [], 2)


def draw_card(pupil: Pupil) -> Exercise:
    """A card with a coloured band, a place for the photograph and three to four values beside it."""
    random = pupil.random
    rows = [fill(pupil, entry, "field") for entry in random.sample(CARD, random.randint(2, 4))]
    name, size = choose_font(random, pupil.held_out), random.randint(15, 20)
    font, small = load_font(name, size), load_font(name, round(size * 0.75))
    stacked = random.random() < 0.5
    pitch = size * (2.3 if stacked else 1.6)
    photo = size * 4 * random.choice([0, 1, 1])
    labels = max(font.getlength(row.label) for row in rows) + size
    width = photo + max(font.getlength(row.value) for row in rows) + (0 if stacked else labels) + 3 * size
    title = random.choice(CARD_TITLES)
    width = max(width, font.getlength(title) + 2 * size)
    canvas = open_canvas(random, width, pitch * len(rows) + 3.2 * size)
    band = COLOURS[random.choice(list(COLOURS))]
    canvas.pen.rectangle((0, 0, width, 2 * size), fill=band)
    write_centred(canvas, title, font, (0, 0, width, 2 * size), contrast_ink(band))
    if photo:
        canvas.pen.rectangle((size * 0.7, 2.7 * size, photo, 2.7 * size + photo), fill=(190, 190, 195))
    x, y = photo + size, 2.7 * size
    for row in rows:
        write(canvas, row.label, small if stacked else font, (x, y))
        write(canvas, row.value, font, (x, y + 1.05 * size) if stacked else (x + labels, y))
        y += pitch
    return Exercise([wear(canvas, random)], ask_rows(pupil, rows, CARD, [title]))
