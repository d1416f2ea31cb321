"""Checks that drawings show what their answers say. Run: python -m unittest test_drawings"""

import unittest
from random import Random

import numpy as np

import fonts
from canvas import CLASSES, COLOURS, SHAPES, Canvas, Mark, open_canvas, write
from charts import draw_bars
from evaluate import is_right, overlap
from exercise import UNREADABLE, Pupil
from fonts import choose_font, load_font
from prompts import build_prompt, show_pictures
from shapes import draw_counted
from skills import KINDS, SCENES, draw_kind, draw_training, is_legible
from strings import MAKERS, choose, is_held_out
from texts import all_texts
from tiles import BIN_COLUMNS, mark_targets
from tokenizer import build_tokenizer
from wordings import WORDINGS

READ = {"word", "number", "date", "money", "total", "field", "item-price", "button", "menu", "bar", "cell", "line"}


def spell(canvas: Canvas) -> str:
    """What the marks say, in the order in which they were written."""
    return "".join(CLASSES[mark.kind] for mark in canvas.marks if mark.kind and not mark.colour)


def find_text(canvas: Canvas, text: str) -> list[list[Mark]]:
    """The marks of every place where `text` is written."""
    letters = [mark for mark in canvas.marks if mark.kind and not mark.colour]
    wanted, said = text.replace(" ", ""), spell(canvas)
    return [letters[at : at + len(wanted)] for at in range(len(said)) if said.startswith(wanted, at)]


def ink_share(canvas: Canvas, mark: Mark, shift: float = 0.0) -> float:
    """How far the pixels in a mark's box differ from each other, 0 to 1."""
    left, top, right, bottom = mark.box
    pixels = np.asarray(canvas.picture.convert("L"), dtype=float)
    part = pixels[max(0, int(top + shift)) : int(bottom + shift) + 1, max(0, int(left)) : int(right) + 1]
    return (part.max() - part.min()) / 255 if part.size else 0.0


class Drawings(unittest.TestCase):
    def test_a_seed_draws_the_same_picture_again(self):
        for name, draw in SCENES.items():
            first, second = (draw(Pupil(Random(f"test/{name}"))) for _ in range(2))
            self.assertEqual([turn.answer for turn in first.turns], [turn.answer for turn in second.turns])
            self.assertEqual(first.canvases[0].picture.tobytes(), second.canvases[0].picture.tobytes(), name)

    def test_an_answer_that_is_read_stands_in_the_picture(self):
        for kind in sorted(READ & set(KINDS)):
            for seed in range(8):
                exercise = draw_kind(Random(f"read/{kind}/{seed}"), kind, held_out=seed % 2 == 1)
                turn = exercise.turns[0]
                self.assertTrue(find_text(exercise.canvases[0], turn.answer), f"{kind}: {turn.answer}")
                self.assertFalse(find_text(exercise.canvases[0], turn.answer + "~"))

    def test_marks_lie_on_ink_and_would_not_if_they_were_shifted(self):
        canvas = open_canvas(Random(1), 300, 120)
        write(canvas, "Total 84.70", load_font(choose_font(Random(2)), 24), (20, 20))
        self.assertGreater(min(ink_share(canvas, mark) for mark in canvas.marks), 0.3)
        self.assertEqual(max(ink_share(canvas, mark, shift=50) for mark in canvas.marks), 0.0)

    def test_boxes_hold_the_named_text_and_clicks_land_in_them(self):
        for seed in range(12):
            exercise = draw_kind(Random(f"box/{seed}"), "box", held_out=False)
            turn, canvas = exercise.turns[0], exercise.canvases[0]
            name = turn.answer.split("</ref>")[0].removeprefix("<ref>")
            self.assertTrue(any(all(inside(mark, turn.target, canvas) for mark in marks) for marks in find_text(canvas, name)))
            click = draw_kind(Random(f"click/{seed}"), "click", held_out=False).turns[0]
            row = {"kind": "click", "target": click.target, "answer": click.answer}
            self.assertTrue(is_right(row, click.answer))
            self.assertFalse(is_right(row, "pyautogui.click(x=1.01, y=0.50)"))

    def test_the_highest_bar_is_the_one_with_most_ink(self):
        for seed in range(10):
            exercise = draw_bars(Pupil(Random(f"bars/{seed}")))
            canvas = exercise.canvases[0]
            bars = [mark for mark in canvas.marks if mark.colour]
            tallest = max(bars, key=lambda mark: mark.box[3] - mark.box[1])
            turn = next(turn for turn in exercise.turns if turn.kind == "highest" and "highest" in turn.question)
            middles = [(marks[0].box[0] + marks[-1].box[2]) / 2 for marks in find_text(canvas, turn.answer)]
            self.assertTrue(any(tallest.box[0] <= middle <= tallest.box[2] for middle in middles), turn.answer)

    def test_counts_are_the_number_of_shapes_drawn(self):
        for seed in range(10):
            exercise = draw_counted(Pupil(Random(f"count/{seed}")))
            shapes = [CLASSES[mark.kind] for mark in exercise.canvases[0].marks]
            for turn in exercise.turns:
                named = next((shape for shape in SHAPES if shape in turn.question), None)
                self.assertEqual(turn.answer, str(shapes.count(named) if named else len(shapes)), turn.question)

    def test_what_nobody_can_read_is_answered_so(self):
        for kind in ("unreadable", "absent"):
            self.assertEqual(draw_kind(Random(kind), kind, held_out=True).turns[0].answer, UNREADABLE)

    def test_training_never_meets_held_out_strings_fonts_or_wordings(self):
        for kind in MAKERS:
            self.assertFalse(any(is_held_out(choose(kind, Random(f"{kind}/{n}"), False)) for n in range(50)), kind)
        seen = set(fonts.files_of(fonts.COMMON) + fonts.files_of(fonts.OTHER))
        self.assertEqual((len(fonts.UNSEEN), seen & set(fonts.files_of(fonts.UNSEEN))), (3, set()))
        self.assertGreaterEqual(len({name.split("/")[1] for name in seen}), 12)
        self.assertFalse([unseen for known, unseen in WORDINGS.values() if unseen in known])
        self.assertTrue(any(draw_kind(Random(f"w/{n}"), "word", held_out=True).turns[0].unseen_wording for n in range(60)))

    def test_training_text_stays_large_enough_to_read_after_tiling(self):
        for seed in range(30):
            self.assertTrue(is_legible(draw_training(Random(f"legible/{seed}"), 1.0)))

    def test_a_character_is_asked_in_the_bin_under_its_middle(self):
        letter = CLASSES.index("K")
        _, bins, colours = mark_targets([Mark(letter, 0, (30, 16, 34, 26)), Mark(0, 2, (56, 56, 112, 112))], (112, 112), (1, 1))
        self.assertEqual([tuple(place) for place in np.argwhere(bins == letter)], [(0, 1, 1 * BIN_COLUMNS + 1)])
        self.assertEqual([int(token) for token in np.flatnonzero(colours[0])], [10, 11, 14, 15])
        self.assertEqual(list(COLOURS)[colours[0, 10] - 1], "green")


class Words(unittest.TestCase):
    def test_text_read_from_pictures_is_one_token_a_character(self):
        tokenizer = build_tokenizer(all_texts())
        for text in ("easy", "The total", "Frame3", "€12.50", "£7", "Photo 12:30"):
            self.assertEqual(len(tokenizer.encode(text.replace(" total", "Total"), add_special_tokens=False).ids),
                             len(text.replace(" total", "Total")), text)
        self.assertEqual(tokenizer.decode(tokenizer.encode(UNREADABLE).ids), UNREADABLE)

    def test_the_template_places_pictures_as_the_card_does(self):
        self.assertEqual(show_pictures([1, 1], True).count("Frame2: <img>"), 1)
        self.assertEqual(show_pictures([2, 3], False).count("<IMG_CONTEXT>"), 5 * 16)
        prompt = build_prompt(show_pictures([1], False), [("A?", "b")], "C?")
        self.assertTrue(prompt.endswith("A?<|im_end|>\n<|im_start|>assistant\nb<|im_end|>\n"
                                        "<|im_start|>user\nC?<|im_end|>\n<|im_start|>assistant\n"))

    def test_boxes_are_right_from_half_an_overlap_on(self):
        self.assertAlmostEqual(overlap([0, 0, 100, 100], [0, 0, 100, 50]), 0.5)
        row = {"kind": "box", "target": [0, 0, 100, 100], "answer": ""}
        self.assertTrue(is_right(row, "<ref>A</ref><box>[[0,0,100,55]]</box>"))
        self.assertFalse(is_right(row, "<ref>A</ref><box>[[0,0,100,45]]</box>"))
        self.assertFalse(is_right(row, "nothing"))
        self.assertFalse(is_right({"kind": "word", "answer": "A"}, "B"))


def inside(mark: Mark, target: tuple[int, int, int, int], canvas: Canvas) -> bool:
    """Whether a mark's middle lies in a box given per mille."""
    width, height = canvas.picture.size
    x, y = (mark.box[0] + mark.box[2]) / 2 * 1000 / width, (mark.box[1] + mark.box[3]) / 2 * 1000 / height
    return target[0] <= x <= target[2] and target[1] <= y <= target[3]


if __name__ == "__main__":
    unittest.main()
