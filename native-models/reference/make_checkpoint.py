"""Makes a random, tiny InternVL3 checkpoint from a seed and a shape, in the original or the `-hf` layout.

    python make_checkpoint.py OUT --seed 1 --heads 14 --kv-heads 2 --head-dim 64 --tile 112 --layout original

Equal seed and shape give equal weights in every layout and every split into files.
"""

import argparse
import dataclasses
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import InternVLConfig, InternVLForConditionalGeneration

from original_layout import Config, Weights, rename_weights, translate_config
from random_weights import PADDING_ROWS, SPECIAL_TOKENS, Shape, random_weights
from sentencepiece_tokenizer import InternLm2Tokenizer, train as train_sentencepiece
from sentencepiece_tokenizer import write_tokenizer as write_sentencepiece

DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}
Layout = Literal["original", "hf", "hf-prefixed"]  # hf-prefixed: names as they are in memory, `model.` in front


# --- tokenizer -------------------------------------------------------------------------------------------------

# Cuts text into the pieces that merges never cross: Qwen2's expression, so that seams behave as in real models.
PIECES = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
          r"|\s*[\r\n]+|\s+(?!\S)|\s+")
CORPUS = ["user\n", "assistant\n", "system\n", "What is the number in the picture?", "Image-1: \nImage-2: \n",
          "你是书生·万象，英文名是InternVL，是由上海人工智能实验室、清华大学及多家合作单位联合开发的多模态大语言模型。",
          "the total and the colour of the shape are there, then the other one\n\n"] * 3


def make_tokenizer() -> Tokenizer:
    """A byte-level BPE: 256 bytes, 44 merged entries, then the family's special tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(PIECES), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=300, initial_alphabet=alphabet))
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL_TOKENS])
    return tokenizer


def write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def tokenizer_config(added: dict[str, int], plain: Collection[str] = ()) -> Config:
    """A `tokenizer_config.json`; every added token is special except those in `plain`."""
    return {
        "added_tokens_decoder": {
            str(index): {"content": token, "lstrip": False, "normalized": False, "rstrip": False,
                         "single_word": False, "special": token not in plain}
            for token, index in added.items()
        },
        "additional_special_tokens": [token for token in added if token != "<|endoftext|>" and token not in plain],
        "bos_token": None,
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "unk_token": None,
        "add_prefix_space": False,
        "clean_up_tokenization_spaces": False,
        "errors": "replace",
        "split_special_tokens": False,
        "model_max_length": 8192,
        "tokenizer_class": "Qwen2Tokenizer",
    }


def write_original_tokenizer(folder: Path, vocabulary: dict[str, int], merges: list[str], config: Config) -> None:
    """vocab.json, merges.txt and the added tokens beside them, as original checkpoints ship them."""
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]) + "\n", encoding="utf-8")
    added = {token["content"]: int(index) for index, token in config["added_tokens_decoder"].items()}
    write_json(folder / "added_tokens.json", added)
    write_json(folder / "tokenizer_config.json", config)


def write_tokenizer(folder: Path, tokenizer: Tokenizer, layout: Layout) -> None:
    config = tokenizer_config({token: tokenizer.get_vocab()[token] for token in SPECIAL_TOKENS})
    if layout == "original":
        model = json.loads(tokenizer.to_str())["model"]
        write_original_tokenizer(folder, model["vocab"], [" ".join(pair) for pair in model["merges"]], config)
        return
    config |= {"start_image_token": "<img>", "end_image_token": "</img>", "context_image_token": "<IMG_CONTEXT>"}
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    write_json(folder / "tokenizer_config.json", config)


# --- configs and files -----------------------------------------------------------------------------------------

def original_config(shape: Shape, added: dict[str, int], rows: int) -> Config:
    """A `config.json` with the keys that published InternVL3 checkpoints carry, for `rows` embedding rows."""
    dtype = str(DTYPES[shape.dtype]).removeprefix("torch.")
    text: Config = {
        "architectures": ["Qwen2ForCausalLM"],
        "model_type": "qwen2",
        "attention_dropout": 0.0,
        "bos_token_id": added["<|endoftext|>"],
        "eos_token_id": added["<|im_end|>"],
        "hidden_act": "silu",
        "hidden_size": shape.hidden,
        "intermediate_size": shape.intermediate,
        "max_position_embeddings": 32768,
        "max_window_layers": 70,
        "num_attention_heads": shape.heads,
        "num_hidden_layers": shape.layers,
        "num_key_value_heads": shape.kv_heads,
        "rms_norm_eps": shape.rms_norm_eps,
        "rope_scaling": {"factor": shape.rope_factor, "rope_type": shape.rope_type, "type": shape.rope_type},
        "rope_theta": shape.rope_theta,
        "sliding_window": None,
        "tie_word_embeddings": shape.tied,
        "torch_dtype": dtype,
        "use_cache": False,
        "use_sliding_window": False,
        "vocab_size": rows,
    }
    if shape.heads * shape.head_dim != shape.hidden:
        text["head_dim"] = shape.head_dim
    return {
        "architectures": ["InternVLChatModel"],
        "model_type": "internvl_chat",
        "downsample_ratio": 0.5,
        "dynamic_image_size": True,
        "force_image_size": shape.tile,
        "llm_config": text,
        "max_dynamic_patch": shape.max_tiles,
        "min_dynamic_patch": 1,
        "pad2square": False,
        "ps_version": "v2",
        "select_layer": -1,
        "template": "internvl2_5",
        "tie_word_embeddings": shape.tied,
        "torch_dtype": dtype,
        "use_thumbnail": True,
        "vision_config": {
            "architectures": ["InternVisionModel"],
            "model_type": "intern_vit_6b",
            "hidden_act": "gelu",
            "hidden_size": shape.vision_hidden,
            "image_size": shape.tile,
            "initializer_factor": 1.0,
            "intermediate_size": shape.vision_intermediate,
            "layer_norm_eps": 1e-06,
            "norm_type": "rms_norm" if shape.vision_6b else "layer_norm",
            "num_attention_heads": shape.vision_heads,
            "num_channels": 3,
            "num_hidden_layers": shape.vision_layers,
            "patch_size": 14,
            "qk_normalization": shape.vision_6b,
            "qkv_bias": not shape.vision_6b,
            "torch_dtype": dtype,
        },
    }


def write_weights(folder: Path, weights: Weights, shards: int) -> None:
    """One `model.safetensors`, or `shards` files of about equal size and the index that names them."""
    if shards == 1:
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        return
    total = sum(tensor.nbytes for tensor in weights.values())
    groups: list[Weights] = [{} for _ in range(shards)]
    seen = 0
    for name, tensor in weights.items():
        groups[min(seen * shards // total, shards - 1)][name] = tensor
        seen += tensor.nbytes
    index: dict[str, str] = {}
    for number, group in enumerate(groups, start=1):
        file = f"model-{number:05d}-of-{shards:05d}.safetensors"
        save_file(group, folder / file, metadata={"format": "pt"})
        index |= dict.fromkeys(group, file)
    write_json(folder / "model.safetensors.index.json",
               {"metadata": {"total_size": total}, "weight_map": dict(sorted(index.items()))})


def write_hf_files(folder: Path, shape: Shape) -> None:
    """The small files that tell an `-hf` checkpoint's preprocessing and chat template."""
    write_json(folder / "preprocessor_config.json", {
        "crop_to_patches": True, "do_convert_rgb": True, "do_normalize": True, "do_rescale": True, "do_resize": True,
        "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225],
        "image_processor_type": "GotOcr2ImageProcessorFast", "processor_class": "InternVLProcessor",
        "max_patches": shape.max_tiles, "min_patches": 1, "resample": 3, "rescale_factor": 1 / 255,
        "size": {"height": shape.tile, "width": shape.tile},
    })
    write_json(folder / "processor_config.json",
               {"image_seq_length": shape.visual_tokens_per_tile, "processor_class": "InternVLProcessor"})
    (folder / "chat_template.jinja").write_text(
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' }}"
        "{% if message['content'] is string %}{{ message['content'] }}"
        "{% else %}{% for content in message['content'] %}"
        "{% if content['type'] == 'image' %}{{ '<IMG_CONTEXT>\\n' }}"
        "{% elif content['type'] == 'text' %}{{ content['text'] }}{% endif %}"
        "{% endfor %}{% endif %}{{ '<|im_end|>\\n' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}", encoding="utf-8")


def make_checkpoint(folder: Path, shape: Shape, layout: Layout, seed: int) -> None:
    """Writes one checkpoint folder; weights that were there before are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("*.safetensors*"):
        stale.unlink()
    if shape.language == "internlm2":
        make_internlm2_checkpoint(folder, shape, seed)
        return
    tokenizer = make_tokenizer()
    weights = {name: tensor.to(DTYPES[shape.dtype]).contiguous()
               for name, tensor in random_weights(shape, seed, tokenizer.get_vocab_size()).items()}
    added = {token: tokenizer.get_vocab()[token] for token in SPECIAL_TOKENS}
    config = original_config(shape, added, tokenizer.get_vocab_size() + PADDING_ROWS)
    stop_ids = [added["<|im_end|>"], added["<|endoftext|>"]]
    if layout == "original":
        write_json(folder / "config.json", config)
        write_json(folder / "generation_config.json", {"eos_token_id": stop_ids})
        write_weights(folder, weights, shape.shards)
    else:
        hf_config = InternVLConfig(**translate_config(config, added["<IMG_CONTEXT>"]))
        model = InternVLForConditionalGeneration(hf_config).to(DTYPES[shape.dtype])
        missing, unexpected = model.load_state_dict(rename_weights(weights), strict=False)
        if unexpected or set(missing) - ({"lm_head.weight"} if shape.tied else set()):
            raise ValueError(f"names do not match transformers': missing {missing}, unexpected {unexpected}")
        model.generation_config.eos_token_id = stop_ids
        size_bytes = sum(tensor.nbytes for tensor in weights.values())
        largest = max(tensor.nbytes for tensor in weights.values())
        shard_size = size_bytes if shape.shards == 1 else max(largest, size_bytes // shape.shards)
        model.save_pretrained(folder, max_shard_size=shard_size,
                              save_original_format=layout == "hf")
        write_hf_files(folder, shape)
    write_tokenizer(folder, tokenizer, layout)


def make_internlm2_checkpoint(folder: Path, shape: Shape, seed: int) -> None:
    """The original layout with InternLM2 inside: tokenizer.model, its own config keys and weight names."""
    folder.mkdir(parents=True, exist_ok=True)
    write_sentencepiece(folder, train_sentencepiece(seed))
    tokenizer = InternLm2Tokenizer(folder)
    ids = tokenizer.get_vocab()
    weights = {name: tensor.to(DTYPES[shape.dtype])
               for name, tensor in random_weights(shape, seed, tokenizer.get_vocab_size()).items()}
    config = original_config(shape, ids | {"<|endoftext|>": ids["</s>"]}, tokenizer.get_vocab_size() + PADDING_ROWS)
    text = config["llm_config"]
    text |= {"architectures": ["InternLM2ForCausalLM"], "model_type": "internlm2", "bias": shape.attention_bias,
             "rope_scaling": {"factor": shape.rope_factor, "type": shape.rope_type}}
    for key in ("attention_dropout", "max_window_layers", "sliding_window", "use_sliding_window"):
        del text[key]
    write_json(folder / "config.json", config)
    write_json(folder / "generation_config.json", {"eos_token_id": [ids["<|im_end|>"], ids["</s>"]]})
    write_weights(folder, weights, shape.shards)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--layout", choices=["original", "hf", "hf-prefixed"], default="original")
    for field in dataclasses.fields(Shape):
        flag = "--" + field.name.replace("_", "-")
        if isinstance(field.default, bool):
            parser.add_argument(flag, action="store_true")
        else:
            choices = list(DTYPES) if field.name == "dtype" else None
            parser.add_argument(flag, type=type(field.default), default=field.default, choices=choices)
    return parser.parse_args()


if __name__ == "__main__":
    arguments = vars(parse_arguments())
    folder, layout, seed = (arguments.pop(name) for name in ("folder", "layout", "seed"))
    make_checkpoint(folder, Shape(**arguments), layout, seed)
