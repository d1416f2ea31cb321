"""Writes a training state as a checkpoint folder in the original InternVL3 layout, bf16, as published models look."""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from learning import model_weights
from model import PATCH, TILE, Shape, TextShape, TinyInternVL
from texts import all_texts
from tokenizer import MAX_LENGTH, build_tokenizer, save_tokenizer


def make_config(shape: Shape, tokenizer) -> dict:
    vision, text = shape.vision, shape.text
    end = tokenizer.token_to_id("<|im_end|>")
    return {
        "architectures": ["InternVLChatModel"],
        "model_type": "internvl_chat",
        "downsample_ratio": 0.5,
        "dynamic_image_size": True,
        "force_image_size": TILE,
        "max_dynamic_patch": 12,
        "min_dynamic_patch": 1,
        "pad2square": False,
        "ps_version": "v2",
        "select_layer": -1,
        "template": "internvl2_5",
        "tie_word_embeddings": False,
        "torch_dtype": "bfloat16",
        "use_backbone_lora": 0,
        "use_llm_lora": 0,
        "use_thumbnail": True,
        "hidden_size": text.hidden,
        "llm_config": {
            "architectures": ["Qwen2ForCausalLM"],
            "model_type": "qwen2",
            "attention_dropout": 0.0,
            "bos_token_id": tokenizer.token_to_id("<|endoftext|>"),
            "eos_token_id": end,
            "hidden_act": "silu",
            "hidden_size": text.hidden,
            "initializer_range": 0.02,
            "intermediate_size": text.intermediate,
            "max_position_embeddings": MAX_LENGTH,
            "num_attention_heads": text.heads,
            "num_hidden_layers": text.layers,
            "num_key_value_heads": text.kv_heads,
            "rms_norm_eps": 1e-06,
            "rope_scaling": None,
            "rope_theta": text.rope_theta,
            "sliding_window": None,
            "tie_word_embeddings": False,
            "torch_dtype": "bfloat16",
            "use_cache": True,
            "use_sliding_window": False,
            "vocab_size": text.vocabulary,
        },
        "vision_config": {
            "architectures": ["InternVisionModel"],
            "model_type": "intern_vit_6b",
            "attention_dropout": 0.0,
            "drop_path_rate": 0.0,
            "dropout": 0.0,
            "hidden_act": "gelu",
            "hidden_size": vision.hidden,
            "image_size": TILE,
            "initializer_factor": 1.0,
            "initializer_range": 0.02,
            "intermediate_size": vision.intermediate,
            "layer_norm_eps": 1e-06,
            "norm_type": "layer_norm",
            "num_attention_heads": vision.heads,
            "num_channels": 3,
            "num_hidden_layers": vision.layers,
            "patch_size": PATCH,
            "qk_normalization": False,
            "qkv_bias": True,
            "torch_dtype": "bfloat16",
            "use_flash_attn": False,
        },
    }


def export(state: Path, folder: Path) -> None:
    """The state file's model as a published-looking folder; README.md is written by hand."""
    tokenizer = build_tokenizer(all_texts())
    shape = Shape(text=TextShape(vocabulary=tokenizer.get_vocab_size()))
    model = TinyInternVL(shape)
    model.load_state_dict(model_weights(state))
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: part.to(torch.bfloat16).contiguous() for name, part in model.state_dict().items()}
    save_file(weights, str(folder / "model.safetensors.part"), metadata={"format": "pt"})
    (folder / "model.safetensors.part").chmod(0o644)
    (folder / "model.safetensors.part").replace(folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(make_config(shape, tokenizer), indent=2) + "\n")
    ends = [tokenizer.token_to_id("<|im_end|>"), tokenizer.token_to_id("<|endoftext|>")]
    (folder / "generation_config.json").write_text(
        json.dumps({"_from_model_config": True, "eos_token_id": ends}, indent=2) + "\n")
    save_tokenizer(tokenizer, folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("state", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    export(options.state, options.folder)
