"""Answers the held-out drawings greedily with a checkpoint folder as published, and counts right answers by kind."""

import argparse
import json
import re
from collections import defaultdict
from pathlib import Path

import torch
from PIL import Image
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor

from looking import to_pixels
from model import Shape, TextShape, TinyInternVL, VisionShape
from prompts import build_prompt, show_pictures
from tiles import cut_tiles

LONGEST_ANSWER = 160  # tokens
INT4_BLOCK = 32
LEAST_OVERLAP = 0.5  # intersection over union at which a box is right


def load_checkpoint(folder: Path) -> tuple[TinyInternVL, Tokenizer]:
    """The model in fp32 from config.json and model.safetensors, and its tokenizer."""
    config = json.loads((folder / "config.json").read_text())
    text, vision = config["llm_config"], config["vision_config"]
    shape = Shape(
        VisionShape(vision["hidden_size"], vision["num_hidden_layers"], vision["num_attention_heads"],
                    vision["intermediate_size"]),
        TextShape(text["vocab_size"], text["hidden_size"], text["num_hidden_layers"], text["num_attention_heads"],
                  text["num_key_value_heads"], text["hidden_size"] // text["num_attention_heads"],
                  text["intermediate_size"], text["rope_theta"]),
    )
    model = TinyInternVL(shape)
    model.load_state_dict({name: part.float() for name, part in load_file(folder / "model.safetensors").items()})
    return model.eval(), Tokenizer.from_file(str(folder / "tokenizer.json"))


def round_to_int4(weight: Tensor) -> Tensor:
    """Symmetric 4-bit blocks of 32 along the input dimension, as a converter would store them."""
    blocks = weight.unflatten(-1, (-1, INT4_BLOCK))
    scale = blocks.abs().amax(-1, keepdim=True).clamp_min(1e-8) / 7
    return ((blocks / scale).round().clamp(-8, 7) * scale).flatten(-2)


def quantize_decoder(model: TinyInternVL) -> None:
    """Rounds the decoder layers' matrices to int4; the head stays as it is."""
    for name, parameter in model.language_model.named_parameters():
        if ".layers." in name and parameter.ndim == 2:
            parameter.data = round_to_int4(parameter.data)


@torch.no_grad()
def answer_greedily(model: TinyInternVL, tokenizer: Tokenizer, pictures: list[Image.Image], questions: list[str],
                    frames: bool = False, longest: int = LONGEST_ANSWER) -> str:
    """The answer to the last question of a conversation whose earlier answers are the model's own."""
    cut = [cut_tiles(picture.convert("RGB"), (1, 1) if frames else None)[0] for picture in pictures]
    visual = torch.cat([model.see(to_pixels(torch.from_numpy(tiles.copy())))[1] for tiles in cut]) if cut else None
    shown, placeholder = show_pictures([len(tiles) for tiles in cut], frames), tokenizer.token_to_id("<IMG_CONTEXT>")
    turns: list[tuple[str, str]] = []
    for question in questions:
        ids = tokenizer.encode(build_prompt(shown, turns, question), add_special_tokens=False).ids
        embedded = model.embed(torch.tensor([ids]), visual, placeholder)
        turns.append((question, continue_greedily(model, tokenizer, embedded, longest)))
    return turns[-1][1]


def continue_greedily(model: TinyInternVL, tokenizer: Tokenizer, embedded: Tensor, longest: int) -> str:
    caches: list[dict] = [{} for _ in model.language_model.model.layers]
    stop = {tokenizer.token_to_id("<|im_end|>"), tokenizer.token_to_id("<|endoftext|>")}
    answer: list[int] = []
    while len(answer) < longest:
        best = int(model.language_model(embedded, caches)[0, -1].argmax())
        if best in stop:
            break
        answer.append(best)
        embedded = model.embed(torch.tensor([[best]]), None, 0)
    return tokenizer.decode(answer, skip_special_tokens=False)


def is_right(row: dict, said: str) -> bool:
    """Boxes by overlap, clicks by where they land, everything else by the exact text."""
    target = row.get("target")
    numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", said.split("<box>")[-1])]
    if target and row["kind"] == "box":
        return "<box>[[" in said and len(numbers) == 4 and overlap(target, numbers) >= LEAST_OVERLAP
    if target:
        x, y = (1000 * number for number in numbers) if said.startswith("pyautogui.click(") and len(numbers) == 2 else (-1, -1)
        return target[0] <= x <= target[2] and target[1] <= y <= target[3]
    return said == row["answer"]


def overlap(a: list[float], b: list[float]) -> float:
    """Intersection over union."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(0, width) * max(0, height)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return shared / (sum(areas) - shared) if min(areas) > 0 else 0.0


def evaluate(model: TinyInternVL, tokenizer: Tokenizer, folder: Path, options: argparse.Namespace) -> dict:
    """Right answers by kind over the folder's held-out.jsonl, or every n-th of it."""
    right: dict[str, list[bool]] = defaultdict(list)
    for line in (folder / "held-out.jsonl").read_text().splitlines()[:: options.every]:
        row = json.loads(line)
        pictures = [Image.open(folder / name) for name in row["files"]]
        said = answer_greedily(model, tokenizer, pictures, row["questions"], row["frames"], options.longest)
        for name in ("all", row["kind"], *(["unseen wording"] if row["unseenWording"] else [])):
            right[name].append(is_right(row, said))
        if options.verbose and not is_right(row, said):
            print(f"{row['files'][0]} {row['questions'][-1]} -> {said!r}, wanted {row['answer']!r}")
    return {name: {"right": sum(found), "of": len(found), "share": round(sum(found) / len(found), 3)}
            for name, found in right.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("held_out", type=Path)
    parser.add_argument("--every", type=int, default=1, help="ask only every n-th drawing")
    parser.add_argument("--longest", type=int, default=LONGEST_ANSWER, help="tokens an answer may have")
    parser.add_argument("--int4", action="store_true", help="round the decoder's matrices to int4 blocks first")
    parser.add_argument("--verbose", action="store_true", help="print each wrong answer")
    parser.add_argument("--markdown", action="store_true", help="print rows for docs/embedded-model.md")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    loaded, reader = load_checkpoint(options.checkpoint)
    if options.int4:
        quantize_decoder(loaded)
    for name, found in evaluate(loaded, reader, options.held_out, options).items():
        line = f"{name:16} {found['right']:4} of {found['of']:4}  {100 * found['share']:5.1f} %"
        print(f"| {name} | {found['of']} | {found['right']} ({100 * found['share']:.0f} %) |" if options.markdown else line)
