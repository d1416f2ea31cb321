"""Scores of hand-made answers by the benchmarks' definitions: test/golden/evaluation/metrics.json.

The committed set, anew:   python metric_goldens.py
Needs only Python. Written from the papers' definitions, apart from the product's own code, so that both can be wrong
only in the same way by chance.
"""
import json
import re
from pathlib import Path

OUT = Path(__file__).resolve().parents[2] / "test" / "golden" / "evaluation"


def levenshtein(a: str, b: str) -> int:
    table = [[i + j if i * j == 0 else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            change = table[i - 1][j - 1] + (a[i - 1] != b[j - 1])
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, change)
    return table[-1][-1]


def anls(said: str, answers: list[str]) -> float:
    scores = []
    for answer in answers:
        a, b = (" ".join(text.strip().lower().split()) for text in (answer, said))
        longest = max(len(a), len(b))
        similarity = 1.0 if longest == 0 else 1 - levenshtein(a, b) / longest
        scores.append(similarity if similarity >= 0.5 else 0.0)
    return max(scores)


def as_number(text: str) -> float | None:
    try:
        return float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        return None


def relaxed_accuracy(said: str, answers: list[str]) -> float:
    def right(answer: str) -> bool:
        x, y = as_number(said.strip()), as_number(answer.strip())
        if x is not None and y:
            return abs(x - y) / abs(y) <= 0.05
        return said.strip().lower() == answer.strip().lower()

    return float(any(map(right, answers)))


def containment(said: str, answers: list[str]) -> float:
    flat = said.lower().strip().replace("\n", " ")
    return float(any(answer.lower().strip().replace("\n", " ") in flat for answer in answers))


def containment_without_blanks(said: str, answers: list[str]) -> float:
    def bare(text: str) -> str:
        return text.strip().replace("\n", " ").replace(" ", "").lower()

    return float(any(bare(answer) in bare(said) for answer in answers))


def mean_relative_accuracy(said: str, answers: list[str]) -> float:
    found = re.search(r"-?\d+(?:\.\d+)?", said.replace(",", ""))
    if not found:
        return 0.0
    best = 0.0
    for answer in answers:
        wanted = float(answer)
        error = abs(float(found[0]) - wanted) / abs(wanted) if wanted else float(float(found[0]) != 0)
        levels = [50 + 5 * i for i in range(10)]
        best = max(best, sum(round(error * 100, 6) < 100 - level for level in levels) / 10)
    return best


NUMBERS = dict(zip("none zero one two three four five six seven eight nine ten".split(), [0, *range(11)]))
PUNCTUATION = [";", "/", "[", "]", '"', "{", "}", "(", ")", "=", "+", "\\", "_", "-", ">", "<", "@", "`", ",", "?", "!"]
CONTRACTIONS = {"dont": "don't", "isnt": "isn't", "its": "its", "cant": "can't", "thats": "that's"}


def vqa_form(text: str) -> str:
    text = text.lower().replace(",", "").replace("?", "").replace("'s", " 's").strip()
    text = text.replace("\n", " ").replace("\t", " ").strip()
    out = text
    for mark in PUNCTUATION:
        alone = mark + " " in text or " " + mark in text or re.search(r"\d,\d", text)
        out = out.replace(mark, "" if alone else " ")
    out = re.sub(r"(?<!\d)\.(?!\d)", "", out)
    words = [str(NUMBERS.get(word, word)) for word in out.lower().split()]
    return " ".join(CONTRACTIONS.get(word, word) for word in words if word not in ("a", "an", "the"))


def vqa_accuracy(said: str, answers: list[str]) -> float:
    given = [vqa_form(answer) for answer in answers]
    said = vqa_form(said)
    if len(given) < 4:
        return float(said in given)
    scores = []
    for i in range(len(given)):
        others = given[:i] + given[i + 1 :]
        scores.append(min(1.0, others.count(said) / 3))
    return sum(scores) / len(scores)


def last_number(said: str, answers: list[str]) -> float:
    def last(text: str) -> float | None:
        numbers = re.findall(r"-?\d+(?:\.\d+)?", re.sub(r"(\d),(?=\d{3})", r"\1", text))
        return float(numbers[-1]) if numbers else None

    return float(last(said) is not None and any(last(answer) == last(said) for answer in answers))


def iou(a: list[float], b: list[float]) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    common = max(width, 0) * max(height, 0)
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common
    return common / union if union > 0 else 0.0


METRICS = {
    "anls": anls,
    "relaxedAccuracy": relaxed_accuracy,
    "containment": containment,
    "containmentWithoutBlanks": containment_without_blanks,
    "meanRelativeAccuracy": mean_relative_accuracy,
    "vqaAccuracy": vqa_accuracy,
    "lastNumber": last_number,
}

TEN = ["red"] * 6 + ["dark red"] * 2 + ["maroon", "orange"]
CASES: list[tuple[str, str, list[str]]] = [
    ("anls", "March 3, 2019", ["March 3, 2019"]),
    ("anls", "  march 3,   2019 ", ["March 3, 2019"]),
    ("anls", "March 8, 2019", ["March 3, 2019"]),
    ("anls", "April", ["March 3, 2019"]),
    ("anls", "ITC Limited", ["ITC", "itc limited"]),
    ("anls", "", ["x"]),
    ("anls", "ab", ["abcd"]),
    ("anls", "a", ["abc"]),
    ("anls", "Straße 5", ["Strasse 5"]),
    ("anls", "84,78", ["84.78"]),
    ("relaxedAccuracy", "105", ["100"]),
    ("relaxedAccuracy", "105.01", ["100"]),
    ("relaxedAccuracy", "95", ["100"]),
    ("relaxedAccuracy", "12.5%", ["0.125"]),
    ("relaxedAccuracy", "12.5%", ["12.5%"]),
    ("relaxedAccuracy", "12.5", ["12.5%"]),
    ("relaxedAccuracy", "0", ["0"]),
    ("relaxedAccuracy", "0.01", ["0"]),
    ("relaxedAccuracy", "Yes", ["yes"]),
    ("relaxedAccuracy", "blue ", ["Blue"]),
    ("relaxedAccuracy", "-3", ["3"]),
    ("relaxedAccuracy", "1e3", ["1000"]),
    ("relaxedAccuracy", "three", ["3"]),
    ("containment", "The sign says Coffee House.", ["coffee house"]),
    ("containment", "Coffee\nHouse", ["coffee house"]),
    ("containment", "cofee house", ["coffee house"]),
    ("containment", "x", ["y", "x"]),
    ("containmentWithoutBlanks", "x ^ { 2 } + 1", ["x^{2}+1"]),
    ("containmentWithoutBlanks", "x^2+1", ["x^{2}+1"]),
    ("meanRelativeAccuracy", "10", ["10"]),
    ("meanRelativeAccuracy", "about 9 meters", ["10"]),
    ("meanRelativeAccuracy", "9.5", ["10"]),
    ("meanRelativeAccuracy", "15", ["10"]),
    ("meanRelativeAccuracy", "14.9", ["10"]),
    ("meanRelativeAccuracy", "none", ["10"]),
    ("meanRelativeAccuracy", "1,200", ["1000"]),
    ("vqaAccuracy", "red", TEN),
    ("vqaAccuracy", "Red.", TEN),
    ("vqaAccuracy", "the red", TEN),
    ("vqaAccuracy", "dark red", TEN),
    ("vqaAccuracy", "maroon", TEN),
    ("vqaAccuracy", "blue", TEN),
    ("vqaAccuracy", "two", ["2"] * 10),
    ("vqaAccuracy", "dont walk", ["don't walk"] * 5 + ["stop"] * 5),
    ("vqaAccuracy", "coca-cola", ["coca cola"] * 4 + ["coke"] * 6),
    ("vqaAccuracy", "1,000", ["1000"] * 10),
    ("vqaAccuracy", "Yes!", ["yes"] * 10),
    ("vqaAccuracy", "5.0", ["5.0", "5", "5", "5.0"]),
    ("vqaAccuracy", "john's", ["john's", "johns", "john", "john"]),
    ("vqaAccuracy", "a dog", ["dog"]),
    ("lastNumber", "3 + 4 = 7. So the answer is 7.", ["#### 7"]),
    ("lastNumber", "It costs $1,250.50", ["1250.50"]),
    ("lastNumber", "seven", ["7"]),
    ("lastNumber", "The answer is -5", ["-5"]),
    ("lastNumber", "8 then 9", ["8"]),
]

BOXES = [
    ([0, 0, 10, 10], [0, 0, 10, 10]),
    ([0, 0, 10, 10], [5, 5, 15, 15]),
    ([0, 0, 10, 10], [10, 0, 20, 10]),
    ([0, 0, 10, 10], [20, 20, 30, 30]),
    ([0, 0, 100, 50], [0, 0, 50, 50]),
    ([3, 3, 3, 9], [0, 0, 10, 10]),
    ([100, 200, 300, 400], [110, 190, 310, 420]),
]


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    cases = [
        {"metric": metric, "said": said, "answers": answers, "score": METRICS[metric](said, answers)}
        for metric, said, answers in CASES
    ]
    boxes = [{"left": left, "right": right, "iou": iou(left, right)} for left, right in BOXES]
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    box_lines = ",\n".join(map(json.dumps, boxes))
    text = f'{{"cases":[\n{lines}\n],\n"boxes":[\n{box_lines}\n]}}\n'
    (OUT / "metrics.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
