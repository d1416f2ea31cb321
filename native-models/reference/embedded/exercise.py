"""What one drawing asks: its pictures, its questions with their answers, and how an answer is judged."""

from dataclasses import dataclass
from random import Random

from canvas import Box, Canvas
from wordings import WORDINGS, vary

UNREADABLE = "I can't read that."


@dataclass
class Turn:
    """A question of a kind with its answer; `target` (per mille) judges boxes and clicks instead of the text.

    One that `follows` makes sense only after another turn ("And the tax?").
    """

    kind: str
    question: str
    answer: str
    target: tuple[int, int, int, int] | None = None
    unseen_wording: bool = False
    follows: bool = False


@dataclass
class Exercise:
    """`frames` says that the canvases are frames of a film, one tile each."""

    canvases: list[Canvas]
    turns: list[Turn]
    frames: bool = False


@dataclass
class Pupil:
    """Who draws and for whom: the seeded generator, and whether strings, fonts and wordings are those never trained on."""

    random: Random
    held_out: bool = False

    def ask(self, kind: str, wording: str, answer: str, **blanks: str) -> Turn:
        """A turn in one of the wordings; held-out drawings take the unseen one a quarter of the time."""
        seen, unseen = WORDINGS[wording]
        other = self.held_out and self.random.random() < 0.25
        question = (unseen if other else self.random.choice(seen)).format(**blanks)
        return Turn(kind, question if self.held_out else vary(question, self.random), answer, unseen_wording=other)


def per_mille(box: Box, canvas: Canvas) -> tuple[int, int, int, int]:
    """A box as the grounding prompt gives it: whole numbers of 0 to 1000 over the picture."""
    width, height = canvas.picture.size
    scaled = (box[0] / width, box[1] / height, box[2] / width, box[3] / height)
    return tuple(max(0, min(1000, round(1000 * edge))) for edge in scaled)


def box_turn(pupil: Pupil, name: str, box: Box, canvas: Canvas) -> Turn:
    """Where `name` stands, in the published format."""
    place = per_mille(box, canvas)
    turn = pupil.ask("box", "box", f"<ref>{name}</ref><box>[[{place[0]},{place[1]},{place[2]},{place[3]}]]</box>", name=name)
    turn.target = place
    return turn


def click_turn(pupil: Pupil, wording: str, name: str, box: Box, canvas: Canvas) -> Turn:
    """One click in the middle of a box, as GUI agents write it; right anywhere inside."""
    place = per_mille(box, canvas)
    x, y = (place[0] + place[2]) / 2000, (place[1] + place[3]) / 2000
    turn = pupil.ask("click", wording, f"pyautogui.click(x={x:.2f}, y={y:.2f})", name=name)
    turn.target = place
    return turn
