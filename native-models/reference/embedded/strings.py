"""Strings that drawings print (words, names, numbers, dates, money, codes), split by hash into training and held-out."""

import hashlib
from random import Random

from words import CITIES, FIXED, NAMES, WORDS

UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LETTERS = UPPER + UPPER.lower()
DIGITS = "0123456789"
MARKS = ".,:-/'!?&%$€£()+#@*"
HELD_OUT_SHARE = 8  # one string of eight is never drawn in training
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def is_held_out(text: str) -> bool:
    """True for the strings kept out of training, in any case; single characters and fixed labels never are."""
    if len(text) < 2 or text.upper() in FIXED:
        return False
    return hashlib.sha256(text.upper().encode()).digest()[0] % HELD_OUT_SHARE == 0


def choose(kind: str, random: Random, held_out: bool | None) -> str:
    """Draws a string of a kind until it lies on the wanted side of the split (None: either side)."""
    while True:
        text = MAKERS[kind](random)
        if held_out is None or is_held_out(text) == held_out:
            return text


def make_digits(random: Random, length: int) -> str:
    return random.choice(DIGITS[1:]) + "".join(random.choices(DIGITS, k=length - 1))


def set_case(random: Random, text: str) -> str:
    kind = random.random()
    return text.upper() if kind < 0.4 else text.title() if kind < 0.8 else text.lower()


def make_word(random: Random) -> str:
    """A listed word, a pronounceable one or letters at random: a reader must not guess."""
    kind = random.random()
    if kind < 0.4:
        return set_case(random, random.choice(WORDS))
    if kind < 0.8:
        parts = [random.choice("BCDFGHJKLMNPRSTVWZ") + random.choice("AEIOUY") for _ in range(random.randint(1, 3))]
        return set_case(random, "".join(parts) + random.choice(["", *"NRSTLMDKX"]))
    letters = UPPER if random.random() < 0.6 else "abcdefghijkmnopqrstuvwxyz"
    return "".join(random.choices(letters, k=random.randint(2, 8)))


def make_label(random: Random) -> str:
    """A listed word as a label shows it: capitalised, never all small."""
    word = random.choice(WORDS)
    return word.upper() if random.random() < 0.2 else word.title()


def make_phrase(random: Random) -> str:
    return f"{make_label(random)} {random.choice(WORDS).title()}"


def make_person(random: Random) -> str:
    last = random.choice(NAMES).title() if random.random() < 0.3 else make_surname(random)
    return f"{random.choice(NAMES).title()} {last}"


def make_surname(random: Random) -> str:
    parts = [random.choice("BDFGHJKLMNPRSTVW") + random.choice("aeiou").upper() for _ in range(random.randint(1, 2))]
    return ("".join(parts) + random.choice("NRSTLMDK")).title()


def make_city(random: Random) -> str:
    return random.choice(CITIES)


def make_integer(random: Random) -> str:
    return make_digits(random, random.randint(1, 4))


def make_amount(random: Random) -> str:
    """A price without a currency: 7.50, 128.00."""
    cents = random.choice(["00", "50", "99", "95", *[f"{random.randint(0, 99):02d}"] * 6])
    return f"{make_digits(random, random.choice([1, 1, 2, 2, 3]))}.{cents}"


def make_money(random: Random) -> str:
    sign = random.choice("$$€£")
    return random.choice(["{s}{a}", "{s}{a}", "{s}{a}", "{s} {a}", "{a} EUR", "{a} USD"]).format(s=sign, a=make_amount(random))


def make_date(random: Random) -> str:
    day, month, year = random.randint(1, 28), random.randint(1, 12), random.randint(1990, 2035)
    mark = random.choice("-/.")
    return random.choice([
        f"{year}-{month:02d}-{day:02d}", f"{year}-{month:02d}-{day:02d}", f"{day:02d}{mark}{month:02d}{mark}{year}",
        f"{day:02d}{mark}{month:02d}", f"{day:02d}{mark}{month:02d}{mark}{year % 100:02d}",
        f"{MONTHS[month - 1]} {day}", f"{day} {MONTHS[month - 1]} {year}",
    ])


def make_time(random: Random) -> str:
    return f"{random.randint(0, 23):02d}:{random.randint(0, 59):02d}"


def make_code(random: Random) -> str:
    """Letters and digits without O and I, which look like 0 and 1."""
    letters = "".join(random.choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=random.randint(1, 3)))
    return letters + random.choice(["", "-"]) + make_digits(random, random.randint(1, 5))


def make_number(random: Random) -> str:
    maker = random.choice([make_amount, make_code, make_integer, make_time, None, None, None])
    return maker(random) if maker else make_digits(random, random.randint(2, 8))


def make_mixed(random: Random) -> str:
    """Any characters, as dense as in a line of code or a price tag: only the eye is asked about these."""
    return "".join(random.choices(LETTERS + DIGITS + MARKS * 2, k=random.randint(3, 10)))


MAKERS = {"word": make_word, "label": make_label, "phrase": make_phrase, "person": make_person, "city": make_city,
          "integer": make_integer, "amount": make_amount, "money": make_money, "date": make_date, "time": make_time,
          "code": make_code, "number": make_number, "mixed": make_mixed}
