"""Makes every committed golden value anew, or the same set from another seed.

    python make_goldens.py                          # test/golden/{checkpoints,cases}, as committed
    python make_goldens.py --only NAME …            # these of the committed set, the others as they are
    python make_goldens.py --out FOLDER --seed 7    # fresh weights and pictures, same shapes
    python make_goldens.py --out FOLDER --seed 7 --sweep   # all group sizes x head widths instead
"""

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import GotOcr2ImageProcessorPil
from transformers.models.internvl.modeling_internvl import InternVLModel

from make_checkpoint import Layout, make_checkpoint
from random_weights import Shape
from run_reference import CASES, Reference, cut_tiles, draw_pictures, load_checkpoint, normalise, run_case

GOLDEN = Path(__file__).resolve().parents[2] / "test" / "golden"


@dataclasses.dataclass(frozen=True)
class Recipe:
    """One checkpoint folder. The seed is chosen by hand so that no greedy choice is close and no answer is dull."""

    name: str
    layout: Layout
    seed: int
    shape: Shape


BF16 = Shape()  # 2 heads of 32, tile 56, untied
RECIPES: list[Recipe] = [
    Recipe("g1-d32-t56-bf16", "original", 3, BF16),
    Recipe("g1-d32-t56-bf16-hf", "hf", 3, BF16),
    Recipe("g4-d32-t84-fp16-tied-shards", "original", 1,
           Shape(heads=8, kv_heads=2, head_dim=32, tile=84, dtype="fp16", tied=True, shards=3, rope_theta=1e4)),
    Recipe("g7-d64-t112-bf16", "original", 1,
           Shape(heads=14, kv_heads=2, head_dim=64, hidden=32, intermediate=32, vision_layers=1, tile=112,
                 rms_norm_eps=1e-5)),
    Recipe("g7-d128-t56-bf16-tied-shards-hf", "hf-prefixed", 1,
           Shape(heads=7, kv_heads=1, head_dim=128, hidden=32, intermediate=32, vision_layers=1, tied=True, shards=2)),
    Recipe("g4-d64-t56-fp32-tied", "original", 1,
           Shape(heads=4, kv_heads=1, head_dim=64, hidden=32, intermediate=64, vision_layers=1, dtype="fp32",
                 tied=True)),
    Recipe("g1-d32-t448-bf16-tied-hf", "hf", 13, Shape(tile=448, max_tiles=2, tied=True)),
    # The groups and head width of the 2B, 14B, 38B and 78B, and the vision model of the last two.
    Recipe("g6-d128-t56-bf16", "original", 2,
           Shape(heads=6, kv_heads=1, head_dim=128, hidden=32, intermediate=32, vision_layers=1)),
    Recipe("g5-d128-t56-bf16-6b", "original", 3,
           Shape(heads=5, kv_heads=1, head_dim=128, hidden=32, intermediate=32, layers=1, vision_6b=True)),
    Recipe("g8-d128-t56-bf16-6b-hf", "hf", 1,
           Shape(heads=8, kv_heads=1, head_dim=128, hidden=32, intermediate=32, layers=1, vision_6b=True)),
    # The 9B's language model, as published (no bias, dynamic rope) and with all that its config may ask for.
    Recipe("g4-d32-t56-bf16-internlm2", "original", 1,
           Shape(heads=8, kv_heads=2, language="internlm2", rope_theta=5e7, rope_factor=6.0, attention_bias=False)),
    Recipe("g3-d32-t56-fp32-internlm2-linear", "original", 1,
           Shape(heads=6, kv_heads=2, hidden=32, intermediate=64, dtype="fp32", language="internlm2",
                 rope_type="linear", rope_factor=6.0, rms_norm_eps=1e-5, shards=2)),
]


def sweep_recipes() -> list[Recipe]:
    """Every group size with every head width, layouts and dtypes in turn; with two key-value heads throughout."""
    layouts: list[Layout] = ["original", "hf", "hf-prefixed"]
    return [
        Recipe(f"sweep-g{group}-d{head_dim}", layouts[(row + column) % 3], 100 + 3 * row + column,
               Shape(heads=2 * group, kv_heads=2, head_dim=head_dim, tile=(56, 84, 112)[row], tied=column == 1,
                     dtype=("bf16", "fp16", "fp32")[column], shards=1 + row))
        for row, group in enumerate((1, 4, 7)) for column, head_dim in enumerate((32, 64, 128))
    ]


def check_assumptions(reference: Reference, pictures: Path) -> None:
    """What this folder writes by hand is what transformers does: tiles, pixel values and the pixel unshuffle."""
    side, tile = reference.tile // 14, {"height": reference.tile, "width": reference.tile}
    processor = GotOcr2ImageProcessorPil(size=tile, crop_to_patches=True, max_patches=reference.max_tiles,
                                         image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225])
    for file in sorted(pictures.glob("*.png")):
        picture = Image.open(file)
        ours = normalise(cut_tiles(picture, reference.tile, reference.max_tiles)[0])
        theirs = processor(picture, return_tensors="np")["pixel_values"]
        np.testing.assert_allclose(ours, theirs, atol=1e-5, err_msg=file.name)
    grid = torch.arange(2 * side * side * 3).view(2, side, side, 3)
    half = grid.view(2, side, side // 2, 6).permute(0, 2, 1, 3).reshape(2, side // 2, side // 2, 12).permute(0, 2, 1, 3)
    if not torch.equal(half, InternVLModel.pixel_shuffle(reference.model.model, grid)):
        raise AssertionError("pixel unshuffle differs from transformers'")


def check_liveliness(name: str, entry: dict[str, Any], entries: int) -> None:
    """A seed is of use only if its answers are decided clearly, vary, and hold no control token."""
    faults = []
    if min(entry["margins"]) < 1e-3:
        faults.append(f"margin {min(entry['margins'])}")
    if len(set(entry["greedyIds"])) < 8:
        faults.append(f"{len(set(entry['greedyIds']))} distinct ids")
    first_text_id = 5 if "internlm2" in name else 0
    if max(entry["greedyIds"]) >= entries - 12 or min(entry["greedyIds"]) < first_text_id:
        faults.append("a control token")
    if faults:
        print(f"  {name}: dull or unclear ({', '.join(faults)}); take another seed before committing it")


def make_goldens(out: Path, recipes: list[Recipe], seed: int, *, keeps_others: bool = False) -> None:
    cases, pictures = out / "cases", out / "cases" / "pictures"
    index: list[dict[str, Any]] = []
    if keeps_others:
        remade = {f"checkpoints/{recipe.name}" for recipe in recipes}
        kept = json.loads((cases / "index.json").read_text(encoding="utf-8"))
        index = [entry for entry in kept if entry["checkpoint"] not in remade]
    else:
        draw_pictures(pictures, seed)
    for recipe in recipes:
        folder = out / "checkpoints" / recipe.name
        make_checkpoint(folder, recipe.shape, recipe.layout, recipe.seed + 1000 * seed)
        reference = load_checkpoint(folder)
        check_assumptions(reference, pictures)
        size_bytes = sum(file.stat().st_size for file in folder.iterdir())
        print(f"{recipe.name}: {size_bytes} bytes")
        for kind, messages in CASES.items():
            entry, arrays = run_case(reference, messages, pictures)
            case = f"{recipe.name}-{kind}"
            save_file(arrays, cases / f"{case}.safetensors")
            check_liveliness(case, entry, reference.tokenizer.get_vocab_size())
            index.append({"case": case, "kind": kind, "checkpoint": f"checkpoints/{recipe.name}",
                          "arrays": f"cases/{case}.safetensors"} | entry)
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) for entry in index)
    (cases / "index.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=GOLDEN)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sweep", action="store_true")
    parser.add_argument("--only", nargs="+", metavar="NAME")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    recipes = sweep_recipes() if arguments.sweep else RECIPES
    if arguments.only:
        recipes = [recipe for recipe in recipes if recipe.name in arguments.only]
    make_goldens(arguments.out, recipes, arguments.seed, keeps_others=bool(arguments.only))


if __name__ == "__main__":
    main()
