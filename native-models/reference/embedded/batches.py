"""Makes the training batches of stage two: pictures with their conversations, and pages that nobody asks about."""

from dataclasses import dataclass
from random import Random

import torch
from tokenizers import Tokenizer
from torch import Tensor

from exercise import Exercise
from looking import Seen, join_seen, look_at, make_pages
from prompts import build_prompt, show_pictures
from skills import count_tiles, draw_training
from wordings import IDENTITY, IDENTITY_QUESTIONS

IGNORE = -100  # torch's cross_entropy
SEQUENCE_END = "<|im_end|>"
PAGES = 0.25  # pages a tile of the asked pictures


@dataclass
class Asked:
    """The pictures of one batch, short rows first, with ids [B, S] and labels [B, S] (IGNORE outside answers)."""

    seen: Seen
    ids: Tensor
    labels: Tensor


def encode_turns(tokenizer: Tokenizer, turns: list[tuple[str, str]], shown: str) -> tuple[list[int], list[int]]:
    """Ids and labels of a conversation; only answers and their end are learnt."""
    ids: list[int] = []
    labels: list[int] = []
    for index, (question, answer) in enumerate(turns):
        prompt = tokenizer.encode(build_prompt(shown, turns[:index], question), add_special_tokens=False).ids
        labels += [IGNORE] * (len(prompt) - len(ids))
        reply = tokenizer.encode(answer + SEQUENCE_END, add_special_tokens=False).ids
        ids, labels = prompt + reply, labels + reply
    return ids, labels


def encode_exercise(tokenizer: Tokenizer, exercise: Exercise, random: Random) -> tuple[list[int], list[int], Seen]:
    seen, tiles = look_at(exercise.canvases, exercise.frames)
    turns = [(turn.question, turn.answer) for turn in exercise.turns]
    if random.random() < 0.02:
        turns.insert(0, (random.choice(IDENTITY_QUESTIONS), IDENTITY))
    return (*encode_turns(tokenizer, turns, show_pictures(tiles, exercise.frames)), seen)


def make_asked(random: Random, tokenizer: Tokenizer, progress: float, budget: int) -> Asked:
    """Pictures up to `budget` tiles, padded to one length, and a share of pages.

    Every fourth batch also has one row of text alone, about the model itself.
    """
    found = []
    used = 0
    while used < budget:
        exercise = draw_training(random, progress)
        used += count_tiles(exercise)
        found.append(encode_exercise(tokenizer, exercise, random))
    found.sort(key=lambda row: len(row[0]))
    rows = [row[:2] for row in found]
    if random.random() < 0.25:
        rows.insert(0, encode_turns(tokenizer, [(random.choice(IDENTITY_QUESTIONS), IDENTITY)], ""))
    seen = join_seen([*(row[2] for row in found), make_pages(random, round(PAGES * budget))])
    longest = max(len(ids) for ids, _ in rows)
    end = tokenizer.token_to_id("<|endoftext|>")
    ids = torch.tensor([ids + [end] * (longest - len(ids)) for ids, _ in rows])
    labels = torch.tensor([labels + [IGNORE] * (longest - len(labels)) for _, labels in rows])
    return Asked(seen, ids, labels)
