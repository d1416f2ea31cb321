"""Checks the exported decoder against transformers' Qwen2ForCausalLM: same logits from the same embeddings."""

import argparse
import json
from pathlib import Path

import torch
from transformers import AutoTokenizer, Qwen2Config, Qwen2ForCausalLM

from evaluate import load_checkpoint
from prompts import build_prompt, show_pictures

TOLERANCE = 1e-4  # relative, fp32


@torch.no_grad()
def check_language(folder: Path) -> None:
    model, tokenizer = load_checkpoint(folder)
    config = json.loads((folder / "config.json").read_text())["llm_config"]
    theirs = Qwen2ForCausalLM(Qwen2Config(**{key: value for key, value in config.items() if "dtype" not in key}))
    theirs.load_state_dict(model.language_model.state_dict())
    theirs.float().eval()
    prompt = build_prompt(show_pictures([3], False), [], "What is the total?")
    ids = tokenizer.encode(prompt, add_special_tokens=False).ids
    assert ids == AutoTokenizer.from_pretrained(folder)(prompt, add_special_tokens=False)["input_ids"], "tokenizers differ"
    visual = model.see(torch.randn(3, 3, 112, 112, generator=torch.Generator().manual_seed(1)))[1]
    embedded = model.embed(torch.tensor([ids]), visual, tokenizer.token_to_id("<IMG_CONTEXT>"))
    ours = model.language_model(embedded)
    reference = theirs(inputs_embeds=embedded).logits
    difference = ((ours - reference).abs().max() / reference.abs().max()).item()
    print(json.dumps({"relativeDifference": difference, "tokens": len(ids)}))
    assert difference < TOLERANCE


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    check_language(parser.parse_args().checkpoint)
