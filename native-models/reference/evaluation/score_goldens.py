"""Scores of whole answers, intervals and tests by their definitions: test/golden/evaluation/scores.json.

The committed set, anew:   python score_goldens.py
Needs only Python. ../metric_goldens.py holds the text metrics; here are the letter, yes and no, boxes, clicks, relative
accuracy in a sentence, the figures of MME and POPE, and what says how sure a score is. Written apart from the product's
code, so that both can be wrong only in the same way by chance.
"""

import json
import re
from fractions import Fraction
from math import ceil, comb
from pathlib import Path

OUT = Path(__file__).resolve().parents[3] / "test" / "golden" / "evaluation"
LETTERS = "ABCDEFGHIJ"


def without_thoughts(said: str) -> str:
    while "<think>" in said:
        before, _, rest = said.partition("<think>")
        said = before + rest.partition("</think>")[2]
    return said.strip()


def chosen(said: str, choices: list[str]) -> str | None:
    """A bare letter, then "answer is B", then (B) or *B*, then "B." at the start, then a lone capital, then a choice's text."""
    letters = LETTERS[: len(choices)] if choices else LETTERS
    bare = said.strip("().: ")
    if len(bare) == 1 and bare.upper() in letters and len(said) <= 4:
        return bare.upper()
    named = re.search(rf"(?i)(?:answer|option|choice)(?: is|:)?\s*(?:option\s*)?[:*(\s]*([{letters}])\b", said)
    if named:
        return named[1].upper()
    marked = re.search(rf"[(*]([{letters}])[)*]", said)
    if marked:
        return marked[1]
    if said[:1] in letters and said[:1] and said[1:2] in (".", ":", ")") and said[1:2]:
        return said[0]
    for word in re.finditer(r"[A-Za-z']+", said):
        rest = said[word.end() : word.end() + 2]
        is_article = word[0] == "A" and re.match(r" [a-z]", rest)
        is_person = word[0] == "I" and re.match(r"['’ ][a-z]", rest)
        if word[0] in letters and len(word[0]) == 1 and not is_article and not is_person:
            return word[0]
    told = [letter for letter, choice in zip(LETTERS, choices) if choice.strip() and choice.strip().lower() in said.lower()]
    return told[0] if len(told) == 1 else None


def yes_or_no(said: str) -> str | None:
    for word in re.findall(r"[a-z0-9_]+", said.lower()):
        if word in ("yes", "no", "not"):
            return "yes" if word == "yes" else "no"
    return None


def relative_accuracy(said: str, answer: str) -> float:
    number = re.search(r"-?\d+(?:\.\d+)?", said.replace(",", ""))
    if not number:
        return 0.0
    # In whole per cents as exact fractions, so that no level depends on rounding.
    error = abs(Fraction(number[0]) - Fraction(answer)) / abs(Fraction(answer))
    return sum(error < Fraction(100 - level, 100) for level in range(50, 100, 5)) / 10


def in_shares(box: list[float], unit: str, size: dict | None) -> list[float]:
    if unit == "share":
        return box
    return [box[0] / size["width"], box[1] / size["height"], box[2] / size["width"], box[3] / size["height"]]


def said_box(said: str) -> list[float] | None:
    found = re.search(r"<box>\s*\[\[([^\]]*)\]", said)
    numbers = [float(number) for number in found[1].split(",")] if found else []
    return [number / 1000 for number in numbers] if len(numbers) == 4 and max(numbers) <= 1000 else None


def overlap(a: list[float], b: list[float]) -> float:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    union = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)) - shared
    return shared / union if union > 0 else 0.0


def said_point(said: str) -> tuple[float, float] | None:
    click = re.search(r"pyautogui\.\w+\(x=([\d.]+), y=([\d.]+)", said)
    if click and float(click[1]) <= 1 and float(click[2]) <= 1:
        return float(click[1]), float(click[2])
    box = said_box(said)
    return ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2) if box else None


def score(case: dict) -> float:
    said, metric, answers = without_thoughts(case["said"]), case["metric"], case["answers"]
    if metric == "choiceLetter":
        return float(chosen(said, case.get("choices", [])) in answers)
    if metric == "yesNo":
        return float(yes_or_no(said) is not None and yes_or_no(said) == yes_or_no(answers[0]))
    if metric == "meanRelativeAccuracy":
        return relative_accuracy(said, answers[0])
    if metric == "sameText":
        return float(said == answers[0])
    wanted = in_shares(case["box"], case.get("boxUnit", "share"), case.get("size"))
    if metric == "boxIou":
        box = said_box(said)
        return float(box is not None and overlap(box, wanted) >= 0.5)
    point = said_point(said)
    return float(point is not None and wanted[0] <= point[0] <= wanted[2] and wanted[1] <= point[1] <= wanted[3])


COLOURS = ["red", "dark blue", "green", "none of them"]
CHOICES = [
    ("B", "B"), ("b", "B"), ("(C)", "C"), ("D.", "D"), ("The answer is B.", "B"), ("answer: (a)", "A"),
    ("The correct option is D, since it rains.", "D"), ("Answer: **C**", "C"), ("C. green", "C"),
    ("It is green, so (C) fits.", "C"), ("A dog stands beside B", "B"), ("green", "C"), ("It looks dark blue to me", "B"),
    ("red or green", "A"), ("I see nothing", "A"), ("", "A"), ("<think>A or B?</think>D", "D"), ("<think>A", "A"), ("E", "A"),
    ("B)", "B"), ("Option C", "C"),
]
YES_NO = [
    ("Yes", "Yes"), ("no.", "No"), ("Yes, there is a dog.", "yes"), ("There is not.", "no"), ("Yesterday", "Yes"),
    ("No, yes", "yes"), ("NO", "no"), ("It is so", "no"), ("yes", "No"),
]
DISTANCES = [
    ("2.1", "2.0"), ("The distance is 1.9 meters.", "2.0"), ("3", "2"), ("1,050", "1000"), ("2", "2"), ("2.95", "2"),
    ("about three", "3"), ("105", "100"), ("110", "100"), ("0.55", "1"),
]
BOXES = [
    ("<ref>the cat</ref><box>[[100, 200, 500, 600]]</box>", [0.1, 0.2, 0.5, 0.6], None),
    ("<ref>the cat</ref><box>[[100, 200, 300, 600]]</box>", [0.1, 0.2, 0.5, 0.6], None),
    ("<ref>the cat</ref><box>[[100, 200, 299, 600]]</box>", [0.1, 0.2, 0.5, 0.6], None),
    ("<ref>a</ref><box>[[0, 0, 1000, 1000]]</box>", [0, 0, 640, 480], (640, 480)),
    ("<ref>a</ref><box>[[500, 500, 1000, 1000]]</box>", [320, 240, 640, 480], (640, 480)),
    ("<ref>a</ref><box>[[500, 500, 1000, 1000]]</box>", [0, 0, 320, 240], (640, 480)),
    ("in the middle", [0.1, 0.2, 0.5, 0.6], None),
    ("<ref>a</ref><box>[[1, 2, 3]]</box>", [0.0, 0.0, 1.0, 1.0], None),
]
CLICKS = [
    ("pyautogui.click(x=0.2346, y=0.381)", [0.1, 0.2, 0.5, 0.6], None),
    ("pyautogui.click(x=0.9, y=0.381)", [0.1, 0.2, 0.5, 0.6], None),
    ("I click it: pyautogui.click(x=0.5, y=0.6)", [0.1, 0.2, 0.5, 0.6], None),
    ("pyautogui.click(x=0.5, y=0.25)", [600, 100, 700, 140], (1280, 480)),
    ("pyautogui.doubleClick(x=0.1, y=0.1)", [600, 100, 700, 140], (1280, 480)),
    ("<ref>close</ref><box>[[100, 100, 300, 300]]</box>", [0.15, 0.15, 0.25, 0.25], None),
    ("click at the top", [0.0, 0.0, 1.0, 1.0], None),
    ("<think>pyautogui.click(x=0.2, y=0.3)</think>pyautogui.click(x=0.9, y=0.9)", [0.1, 0.2, 0.5, 0.6], None),
]


def place_case(metric: str, said: str, box: list[float], size: tuple[int, int] | None) -> dict:
    pixels = {"boxUnit": "pixel", "size": {"width": size[0], "height": size[1]}} if size else {}
    return {"metric": metric, "said": said, "answers": [], "box": box, **pixels}


CASES = [
    *({"metric": "choiceLetter", "said": said, "answers": [right], "choices": COLOURS} for said, right in CHOICES),
    *({"metric": "yesNo", "said": said, "answers": [right]} for said, right in YES_NO),
    *({"metric": "meanRelativeAccuracy", "said": said, "answers": [right]} for said, right in DISTANCES),
    *({"metric": "sameText", "said": said, "answers": [right]} for said, right in [("HIX", "HIX"), ("hix", "HIX"), (" HIX\n", "HIX")]),
    *(place_case("boxIou", *row) for row in BOXES),
    *(place_case("pointInBox", *row) for row in CLICKS),
]


def random_numbers(seed: int):
    """splitmix32: the finaliser of MurmurHash3 over a Weyl sequence, as numbers from 0 to 1."""
    state, mask = seed, 2**32 - 1
    while True:
        state = (state + 0x9E3779B9) & mask
        z = state
        z = ((z ^ (z >> 16)) * 0x85EBCA6B) & mask
        z = ((z ^ (z >> 13)) * 0xC2B2AE35) & mask
        yield (z ^ (z >> 16)) / 2**32


def statistic(units: list[dict], by_group: bool) -> float:
    groups: dict[str, list[float]] = {}
    for unit in units:
        groups.setdefault(unit["group"] if by_group else "", []).append(unit["score"])
    means = [sum(scores) / len(scores) for scores in groups.values()]
    return sum(means) / len(means)


def interval(units: list[dict], by_group: bool, draws: int = 2000) -> dict:
    """Percentile bootstrap over clusters, which are drawn whole."""
    clusters: dict[str, list[dict]] = {}
    for at, unit in enumerate(units):
        clusters.setdefault(unit.get("cluster") or f"own {at}", []).append(unit)
    pool, numbers, found = list(clusters.values()), random_numbers(1), []
    for _ in range(draws):
        drawn = [pool[int(next(numbers) * len(pool))] for _ in pool]
        found.append(statistic([unit for cluster in drawn for unit in cluster], by_group))
    found.sort()
    return {"mean": statistic(units, by_group), "low": found[int(draws * 0.025)], "high": found[ceil(draws * 0.975) - 1]}


def mcnemar(only_left: int, only_right: int) -> float:
    """Two-sided exact test: twice the smaller tail of fair coins."""
    count = only_left + only_right
    tail = sum(comb(count, k) for k in range(min(only_left, only_right) + 1))
    return float(min(Fraction(1), Fraction(2 * tail, 2**count)))


def make_units() -> list[dict]:
    numbers, units = random_numbers(77), []
    for at in range(60):
        group = "human" if at % 3 else "augmented"
        units.append({"score": float(next(numbers) < (0.8 if group == "human" else 0.4)), "group": group, "cluster": f"p{at // 4}"})
    return units


def yes_no_figures(pairs: list[tuple[str, str]]) -> dict:
    hits = sum(yes_or_no(said) == "yes" == wanted for said, wanted in pairs)
    said_yes = sum(yes_or_no(said) == "yes" for said, _ in pairs)
    wanted_yes = sum(wanted == "yes" for _, wanted in pairs)
    precision, recall = hits / said_yes, hits / wanted_yes
    return {"F1": 2 * precision * recall / (precision + recall), "Precision": precision, "Recall": recall,
            "Answered yes": said_yes / len(pairs)}


def mme_figures(rows: list[tuple[str, str, int]]) -> dict:
    """Per task: per cent of questions plus per cent of pictures with both right; summed over the tasks of each kind."""
    cognition = {"commonsense_reasoning", "numerical_calculation", "text_translation", "code_reasoning"}
    totals = {"MME perception": 0.0, "MME cognition": 0.0}
    for task in dict.fromkeys(task for task, _, _ in rows):
        asked = [(picture, right) for name, picture, right in rows if name == task]
        pictures = dict.fromkeys(picture for picture, _ in asked)
        whole = sum(all(right for picture, right in asked if picture == one) for one in pictures)
        value = 100 * sum(right for _, right in asked) / len(asked) + 100 * whole / len(pictures)
        totals["MME cognition" if task in cognition else "MME perception"] += value
    return {**totals, "MME": sum(totals.values())}


PAIRS = [("Yes", "yes"), ("yes.", "yes"), ("No", "yes"), ("Yes", "no"), ("No, none.", "no"), ("Perhaps", "no"), ("no", "no")]
MME_ROWS = [("existence", "a", 1), ("existence", "a", 1), ("existence", "b", 1), ("existence", "b", 0),
            ("color", "a", 0), ("color", "a", 0), ("code_reasoning", "c", 1), ("code_reasoning", "c", 1)]
SPLITS = [(0, 0), (1, 0), (0, 5), (10, 2), (3, 4), (40, 15), (700, 620), (1, 30)]


def main() -> None:
    units = make_units()
    golden = {
        "cases": [{**case, "score": score(case)} for case in CASES],
        "intervals": {"units": units, "mean": interval(units, False), "meanOfGroups": interval(units, True)},
        "mcNemar": [{"onlyLeft": left, "onlyRight": right, "p": mcnemar(left, right)} for left, right in SPLITS],
        "yesNo": {"pairs": PAIRS, "figures": yes_no_figures(PAIRS)},
        "mme": {"rows": MME_ROWS, "figures": mme_figures(MME_ROWS)},
    }
    OUT.mkdir(parents=True, exist_ok=True)
    cases = ",\n".join(json.dumps(case, ensure_ascii=False) for case in golden.pop("cases"))
    rest = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in golden.items())
    (OUT / "scores.json").write_text(f'{{"cases": [\n{cases}\n],\n{rest}}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
