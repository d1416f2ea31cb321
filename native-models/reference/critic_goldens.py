"""Step scores of VisualPRM's form on the committed tiny checkpoints: test/golden/critic/scores.json.

    python critic_goldens.py

Written after `generate_steps_with_soft_score` of OpenGVLab/VisualPRM-8B (modeling_internvl_chat.py): every step is a
prompt of its own, with the steps before it approved by "+"; the score is the softmax of the logits of "+" and "-" at
the prompt's end. The weights are random, so the numbers say nothing of the solutions; they are only to be met.
"""

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from make_goldens import GOLDEN
from run_reference import Message, Reference, build_prompt, cut_tiles, load_checkpoint, normalise, say, show, turn

# A head of VisualPRM-8B-v1_1's kind (Qwen2.5) and one of VisualPRM-8B's (InternLM2, SentencePiece).
CHECKPOINTS = ["g7-d64-t112-bf16", "g4-d32-t56-bf16-internlm2"]

QUESTION = "How many shapes are there?"
SOLUTIONS = [
    "I look at the picture first.\n\nThere is a red rectangle at the left.\n\nFinal answer: 1",
    "I look at the picture first.\n\nThere are two of them, 1 + 1 = 2 - 0.\n\n\n\nFinal answer: 2\n",
    "3",
]
QUESTIONS: dict[str, list[Message]] = {
    "text": [say(QUESTION)],
    "one-picture": [show("strip.png"), say(f"\n{QUESTION}")],
    "two-pictures": [say("Image-1: "), show("tall.png"), say("\nImage-2: "), show("strip.png"), say(f"\n{QUESTION}")],
}


@torch.inference_mode()
def score_steps(reference: Reference, question: list[Message], solution: str, pictures: Path) -> list[float]:
    files = [file for part in question for file in part.get("pictures", [])]
    tiles = {file: cut_tiles(Image.open(pictures / file).convert("RGB"), reference.tile, reference.max_tiles)[0]
             for file in files}
    pixels = torch.from_numpy(np.concatenate([normalise(tiles[file]) for file in files])) if files else None
    # The tiny SentencePiece vocabulary spells both by their bytes; the published ones have a piece for each.
    verdicts = [reference.tokenizer.encode(f"<|im_start|>assistant\n{word}", add_special_tokens=False).ids[-1]
                for word in "+-"]
    history: list[Message] = []
    scores = []
    for index, step in enumerate(solution.strip().split("\n\n")):
        first = [say("### Question:\n"), *question, say(f"\n\n### Solution Process:\n{step}")]
        asked = turn("user", *(first if index == 0 else [say(step)]))
        prompt = build_prompt(reference, [*history, asked], {file: len(each) for file, each in tiles.items()})
        logits = reference.model(input_ids=torch.tensor([prompt]), pixel_values=pixels, logits_to_keep=1).logits[0, -1]
        scores.append(float(logits[verdicts].softmax(-1)[0]))
        history += [asked, turn("assistant", say("+"))]
    return scores


def main() -> None:
    torch.set_num_threads(1)
    entries = []
    for name in CHECKPOINTS:
        reference = load_checkpoint(GOLDEN / "checkpoints" / name)
        for kind, question in QUESTIONS.items():
            for solution in SOLUTIONS:
                scores = score_steps(reference, question, solution, GOLDEN / "cases" / "pictures")
                entries.append({"checkpoint": f"checkpoints/{name}", "kind": kind, "question": question,
                                "solution": solution, "scores": [float(f"{score:.8g}") for score in scores]})
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) for entry in entries)
    (GOLDEN / "critic" / "scores.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
