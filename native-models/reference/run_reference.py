"""Runs transformers' InternVLForConditionalGeneration in fp32 on a checkpoint of either layout and writes what it saw.

    python run_reference.py CHECKPOINT OUT

The standard cases (text, one picture, two pictures, combined pictures, multi-turn) go to OUT/index.json and
OUT/<case>.safetensors; README.md documents the schema.
"""

import argparse
import copy
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import InternVLConfig, InternVLForConditionalGeneration, Qwen2Tokenizer

from internlm2 import InternLm2Chat
from original_layout import Weights, rename_weights, translate_config
from sentencepiece_tokenizer import InternLm2Tokenizer

NEW_TOKENS = 64
SYSTEM_TEXT = ("你是书生·万象，英文名是InternVL，"
               "是由上海人工智能实验室、清华大学及多家合作单位联合开发的多模态大语言模型。")
MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
STD = np.array([0.229, 0.224, 0.225], dtype=np.float32)

Message = dict[str, Any]


# --- checkpoint ------------------------------------------------------------------------------------------------

@dataclass
class Reference:
    """A checkpoint ready to run: the model widened to fp32, its tokenizer and what the folder says about tiles."""

    model: InternVLForConditionalGeneration | InternLm2Chat
    tokenizer: Tokenizer | InternLm2Tokenizer
    tile: int
    max_tiles: int
    visual_tokens_per_tile: int
    has_system_text: bool


def read_weights(folder: Path) -> Weights:
    weights: Weights = {}
    for file in sorted(folder.glob("*.safetensors")):
        weights |= load_file(file)
    return weights


def load_checkpoint(folder: Path) -> Reference:
    """Loads either layout; an original one is renamed on the way, with every tensor accounted for."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if config.get("llm_config", {}).get("model_type") == "internlm2":
        return load_internlm2(folder, config)
    tokenizer = Qwen2Tokenizer.from_pretrained(folder).backend_tokenizer
    if config["model_type"] == "internvl":
        model, report = InternVLForConditionalGeneration.from_pretrained(
            folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True)
        if report["missing_keys"] or report["unexpected_keys"]:
            raise ValueError(f"{folder.name}: {report}")
        max_tiles = json.loads((folder / "preprocessor_config.json").read_text(encoding="utf-8"))["max_patches"]
    else:
        translated = translate_config(config, tokenizer.get_vocab()["<IMG_CONTEXT>"])
        model = InternVLForConditionalGeneration(InternVLConfig(**translated, attn_implementation="eager")).float()
        missing, unexpected = model.load_state_dict(rename_weights(read_weights(folder)), strict=False)
        tied = {"lm_head.weight"} if translated["tie_word_embeddings"] else set()
        if unexpected or set(missing) != tied:
            raise ValueError(f"{folder.name}: missing {missing}, unexpected {unexpected}")
        max_tiles = config["max_dynamic_patch"]
    return Reference(model.eval(), tokenizer, model.config.vision_config.image_size[0], max_tiles,
                     model.config.image_seq_length, has_system_text=config["model_type"] != "internvl")


def load_internlm2(folder: Path, config: dict[str, Any]) -> Reference:
    tokenizer = InternLm2Tokenizer(folder)
    weights = {name: tensor.float() for name, tensor in read_weights(folder).items()}
    model = InternLm2Chat(config, weights, tokenizer.get_vocab()["<IMG_CONTEXT>"])
    return Reference(model.float().eval(), tokenizer, config["force_image_size"], config["max_dynamic_patch"],
                     model.config.image_seq_length, has_system_text=True)


# --- pictures --------------------------------------------------------------------------------------------------

def choose_grid(width: int, height: int, tile: int, max_tiles: int) -> tuple[int, int]:
    """Columns and rows whose aspect ratio is closest to the picture's (`dynamic_preprocess` of the model card)."""
    grids = {(i, j) for n in range(1, max_tiles + 1) for i in range(1, n + 1) for j in range(1, n + 1)
             if 1 <= i * j <= max_tiles}
    best, best_difference = (1, 1), float("inf")
    for grid in sorted(grids, key=lambda grid: grid[0] * grid[1]):
        difference = abs(width / height - grid[0] / grid[1])
        if difference < best_difference:
            best, best_difference = grid, difference
        elif difference == best_difference and width * height > 0.5 * tile * tile * grid[0] * grid[1]:
            best = grid
    return best


def cut_tiles(picture: Image.Image, tile: int, max_tiles: int) -> tuple[np.ndarray, tuple[int, int]]:
    """uint8 tiles [tiles, tile, tile, 3], row by row, the thumbnail last if there is more than one; and the grid."""
    columns, rows = choose_grid(*picture.size, tile, max_tiles)
    resized = picture.resize((columns * tile, rows * tile), Image.Resampling.BICUBIC)
    tiles = [resized.crop((column * tile, row * tile, (column + 1) * tile, (row + 1) * tile))
             for row in range(rows) for column in range(columns)]
    if len(tiles) > 1:
        tiles.append(picture.resize((tile, tile), Image.Resampling.BICUBIC))
    return np.stack([np.asarray(one) for one in tiles]), (columns, rows)


def normalise(tiles: np.ndarray) -> np.ndarray:
    """fp32 pixel values [tiles, 3, tile, tile], each step rounded to fp32: (byte / 255 - mean) / std."""
    values = (tiles.astype(np.float32) / np.float32(255) - MEAN) / STD
    return np.ascontiguousarray(values.transpose(0, 3, 1, 2))


# --- prompt ----------------------------------------------------------------------------------------------------

def build_prompt(reference: Reference, messages: list[Message], tiles_of: dict[str, int]) -> list[int]:
    """Token ids of the internvl2_5 template with every placeholder expanded; `-hf` layouts have no system text."""
    text = f"<|im_start|>system\n{SYSTEM_TEXT}<|im_end|>\n" if reference.has_system_text else ""
    for message in messages:
        text += f"<|im_start|>{message['role']}\n"
        for part in message["parts"]:
            if part["type"] == "text":
                text += part["text"]
            else:
                tiles = sum(tiles_of[file] for file in part["pictures"])
                text += "<img>" + "<IMG_CONTEXT>" * (tiles * reference.visual_tokens_per_tile) + "</img>"
        text += "<|im_end|>\n"
    return reference.tokenizer.encode(text + "<|im_start|>assistant\n", add_special_tokens=False).ids


# --- model -----------------------------------------------------------------------------------------------------

@torch.inference_mode()
def generate_greedily(reference: Reference, prompt: list[int],
                      pixels: torch.Tensor | None) -> tuple[list[int], list[float]]:
    """64 ids, stop tokens ignored, and each step's distance between the best and second best logit.

    Rows without a tokenizer entry are never chosen.
    """
    entries = reference.tokenizer.get_vocab_size()
    ids, margins = [], []
    step = reference.model(input_ids=torch.tensor([prompt]), pixel_values=pixels, use_cache=True, logits_to_keep=1)
    while True:
        best, second = step.logits[0, -1, :entries].topk(2).values.tolist()
        ids.append(int(step.logits[0, -1, :entries].argmax()))
        margins.append(best - second)
        if len(ids) == NEW_TOKENS:
            return ids, margins
        step = reference.model(input_ids=torch.tensor([ids[-1:]]), past_key_values=step.past_key_values, use_cache=True)


@torch.inference_mode()
def run_once(model: InternVLForConditionalGeneration | InternLm2Chat, ids: list[int],
             pixels: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Logits at every position [positions, vocabulary], and visual tokens [tokens, hidden] if there are pictures."""
    output = model(input_ids=torch.tensor([ids]), pixel_values=pixels, use_cache=False)
    visual = output.image_hidden_states
    return output.logits[0], None if visual is None else visual.flatten(0, 1)


def relative_error(ours: torch.Tensor, theirs: torch.Tensor) -> float:
    """max|a - b| / max|b| over the whole tensor."""
    return float((ours - theirs).abs().max() / theirs.abs().max())


def describe_picture(file: str, picture: Image.Image, reference: Reference) -> tuple[dict[str, Any], np.ndarray]:
    """What the case file says about one picture, and its pixel values."""
    tiles, (columns, rows) = cut_tiles(picture, reference.tile, reference.max_tiles)
    pixels = normalise(tiles)
    return {
        "file": file, "width": picture.width, "height": picture.height, "columns": columns, "rows": rows,
        "thumbnail": len(tiles) > 1, "visualTokens": len(tiles) * reference.visual_tokens_per_tile,
        "tilesSha256": hashlib.sha256(tiles.tobytes()).hexdigest(),
        "pixelValuesSha256": hashlib.sha256(pixels.tobytes()).hexdigest(),
    }, pixels


def run_case(reference: Reference, messages: list[Message], folder: Path) -> tuple[dict[str, Any], Weights]:
    """Golden values of one conversation: the JSON part and the arrays. Picture files are relative to `folder`."""
    files = [file for message in messages for part in message["parts"] for file in part.get("pictures", [])]
    described = [describe_picture(file, Image.open(folder / file).convert("RGB"), reference) for file in files]
    tiles_of = {one["file"]: len(pixels) for one, pixels in described}
    pixels = torch.from_numpy(np.concatenate([values for _, values in described])) if described else None

    prompt = build_prompt(reference, messages, tiles_of)
    greedy, margins = generate_greedily(reference, prompt, pixels)
    ids = prompt + greedy[:-1]  # the last id is never fed
    logits, visual = run_once(reference.model, ids, pixels)
    exact_pixels = None if pixels is None else pixels.double()
    exact_logits, exact_visual = run_once(copy.deepcopy(reference.model).double(), ids, exact_pixels)

    # 16 positions over the prompt, its last, and every eighth of the answer
    strided = np.linspace(0, len(prompt) - 1, 17).astype(int).tolist() + list(range(len(prompt) + 7, len(ids), 8))
    positions = torch.tensor(strided, dtype=torch.int32)
    arrays: Weights = {"logitPositions": positions, "logits": logits[positions].contiguous()}
    rounding = {"logits": relative_error(logits.double(), exact_logits)}
    if visual is not None and exact_visual is not None:
        rows = torch.arange(0, len(visual), max(1, len(visual) // 64), dtype=torch.int32)
        arrays |= {"visualTokenRows": rows, "visualTokens": visual[rows].contiguous()}
        rounding["visualTokens"] = relative_error(visual.double(), exact_visual)
    return {
        "messages": messages,
        "maxTiles": reference.max_tiles,
        "pictures": [one for one, _ in described],
        "promptIds": prompt,
        "greedyIds": greedy,
        "margins": [float(f"{margin:.6g}") for margin in margins],
        "roundingError": {name: float(f"{value:.2e}") for name, value in rounding.items()},
    }, arrays


# --- standard cases --------------------------------------------------------------------------------------------

def say(text: str) -> Message:
    return {"type": "text", "text": text}


def show(*pictures: str) -> Message:
    return {"type": "pictures", "pictures": list(pictures)}


def turn(role: str, *parts: Message) -> Message:
    return {"role": role, "parts": list(parts)}


CASES: dict[str, list[Message]] = {
    "text": [turn("user", say("What is 12 + 30? Say it in one word, please."))],
    "one-picture": [turn("user", show("wide.png"), say("\nWhat is the number in the picture?"))],
    "two-pictures": [turn("user", say("Image-1: "), show("tall.png"), say("\nImage-2: "), show("strip.png"),
                          say("\nWhich one is brighter?"))],
    "combined-pictures": [turn("user", show("strip.png", "tall.png"), say("\nHow many shapes are there?"))],
    "multi-turn": [turn("user", show("strip.png"), say("\nWhich colour has the shape?")),
                   turn("assistant", say("The shape is red, and it is small.")),
                   turn("user", say("Where is it then?\n\nAnd the other one — naïve 书?"))],
}


def draw_pictures(folder: Path, seed: int = 0) -> None:
    """Three small PNG files: a smooth ground, loud rectangles with sharp edges, and a patch of noise."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (width, height) in {"wide": (150, 100), "tall": (61, 97), "strip": (200, 90)}.items():
        random = np.random.default_rng([seed, width])
        across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
        ground = random.uniform(0, 255, (3, 3))
        across, down = across[..., None], down[..., None]
        pixels = ground[0] * (1 - across) + ground[1] * across * 0.6 + ground[2] * down * 0.4
        for _ in range(6):
            left, top = random.integers(0, width - 12), random.integers(0, height - 12)
            pixels[top:top + random.integers(5, 40), left:left + random.integers(5, 40)] = random.uniform(0, 255, 3)
        pixels[-24:, -24:] = random.uniform(0, 255, (24, 24, 3))
        Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(folder / f"{name}.png", optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0, help="seed of the pictures")
    arguments = parser.parse_args()
    draw_pictures(arguments.out, arguments.seed)
    reference = load_checkpoint(arguments.checkpoint)
    index = []
    for kind, messages in CASES.items():
        entry, arrays = run_case(reference, messages, arguments.out)
        save_file(arrays, arguments.out / f"{kind}.safetensors")
        index.append({"case": kind, "kind": kind, "checkpoint": str(arguments.checkpoint),
                      "arrays": f"{kind}.safetensors"} | entry)
    (arguments.out / "index.json").write_text(json.dumps(index, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
