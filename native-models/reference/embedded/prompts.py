"""The conversation as text: internvl2_5's template with one picture, several, or the frames of a film before it."""

from model import VISUAL_TOKENS
from tokenizer import SYSTEM


def show_pictures(tiles: list[int], frames: bool) -> str:
    """The lines before the first question (model card, `chat`): pictures of so many tiles each."""
    places = ["<img>" + "<IMG_CONTEXT>" * (VISUAL_TOKENS * count) + "</img>\n" for count in tiles]
    if frames:
        return "".join(f"Frame{index + 1}: {place}" for index, place in enumerate(places))
    if len(places) > 1:
        return "".join(f"Image-{index + 1}: {place}" for index, place in enumerate(places))
    return "".join(places)


def build_prompt(shown: str, turns: list[tuple[str, str]], question: str) -> str:
    """Everything before the answer to `question`; `turns` are the earlier questions and answers."""
    prompt = f"<|im_start|>system\n{SYSTEM}<|im_end|>\n"
    for index, (asked, answer) in enumerate([*turns, (question, "")]):
        prompt += f"<|im_start|>user\n{shown if index == 0 else ''}{asked}<|im_end|>\n<|im_start|>assistant\n"
        if index < len(turns):
            prompt += f"{answer}<|im_end|>\n"
    return prompt
