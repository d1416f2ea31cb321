"""Writes a checkpoint of InternVL with a Qwen2 decoder as llama.cpp reads it: text.gguf and vision.gguf, all in fp32.

Follows llama.cpp's own converter (ggml-org/llama.cpp: conversion/internvl.py, conversion/qwen.py; names by gguf-py).
Usage: make_gguf.py CHECKPOINT OUT
"""

import json
import struct
import sys
from pathlib import Path

import gguf
import numpy as np

CONTROL, NORMAL = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL

# The family's template; the app always sends the system text itself.
CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


def read_tensors(path):
    """Name → fp32 array, of a safetensors file in bf16 or fp32."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name == "__metadata__":
            continue
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        if entry["dtype"] == "BF16":
            values = (np.frombuffer(data[start:end], np.uint16).astype(np.uint32) << 16).view(np.float32)
        else:
            values = np.frombuffer(data[start:end], np.float32)
        tensors[name] = values.reshape(entry["shape"])
    return tensors


def write_tokenizer(writer, checkpoint):
    tokenizer = json.loads((checkpoint / "tokenizer.json").read_text())
    vocabulary = dict(tokenizer["model"]["vocab"])
    control = {token["content"] for token in tokenizer["added_tokens"]}
    vocabulary |= {token["content"]: token["id"] for token in tokenizer["added_tokens"]}
    tokens = sorted(vocabulary, key=vocabulary.get)
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in tokenizer["model"]["merges"]]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types([CONTROL if token in control else NORMAL for token in tokens])
    writer.add_token_merges(merges)
    writer.add_eos_token_id(vocabulary["<|im_end|>"])
    writer.add_pad_token_id(vocabulary["<|endoftext|>"])
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)


def write_text(checkpoint, config, tensors, out):
    decoder = config["llm_config"]
    writer = gguf.GGUFWriter(out / "text.gguf", "qwen2")
    writer.add_name("embedded")
    writer.add_context_length(decoder["max_position_embeddings"])
    writer.add_embedding_length(decoder["hidden_size"])
    writer.add_block_count(decoder["num_hidden_layers"])
    writer.add_feed_forward_length(decoder["intermediate_size"])
    writer.add_head_count(decoder["num_attention_heads"])
    writer.add_head_count_kv(decoder["num_key_value_heads"])
    writer.add_rope_freq_base(decoder["rope_theta"])
    writer.add_layer_norm_rms_eps(decoder["rms_norm_eps"])
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    write_tokenizer(writer, checkpoint)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.QWEN2, decoder["num_hidden_layers"])
    for name, values in tensors.items():
        if name.startswith("language_model."):
            add(writer, names.get_name(name.removeprefix("language_model."), (".weight", ".bias")), values)
    finish(writer)


def write_vision(config, tensors, out):
    vision = config["vision_config"]
    writer = gguf.GGUFWriter(out / "vision.gguf", "clip")
    writer.add_type("mmproj")
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_clip_has_vision_encoder(True)
    writer.add_clip_projector_type(gguf.VisionProjectorType.INTERNVL)
    writer.add_vision_projection_dim(config["llm_config"]["hidden_size"])
    writer.add_vision_image_size(vision["image_size"])
    writer.add_vision_patch_size(vision["patch_size"])
    writer.add_vision_embedding_length(vision["hidden_size"])
    writer.add_vision_feed_forward_length(vision["intermediate_size"])
    writer.add_vision_block_count(vision["num_hidden_layers"])
    writer.add_vision_head_count(vision["num_attention_heads"])
    writer.add_vision_attention_layernorm_eps(vision["layer_norm_eps"])
    writer.add_vision_image_mean([0.485, 0.456, 0.406])
    writer.add_vision_image_std([0.229, 0.224, 0.225])
    writer.add_vision_use_gelu(True)
    writer.add_vision_projector_scale_factor(int(1 / config["downsample_ratio"]))
    writer.add_vision_preproc_min_tiles(config["min_dynamic_patch"])
    writer.add_vision_preproc_max_tiles(config["max_dynamic_patch"])
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.MMPROJ, vision["num_hidden_layers"])
    for name, values in vision_tensors(tensors):
        if name.startswith("vision_model."):
            name = "vision_tower." + name
        add(writer, names.get_name(name, (".weight", ".bias")), values)
    finish(writer)


def vision_tensors(tensors):
    for name, values in tensors.items():
        if not name.startswith(("vision_model.", "mlp1.")):
            continue
        if ".attn.qkv." in name:
            for part, share in zip("qkv", np.split(values, 3)):
                yield name.replace("attn.qkv", f"self_attn.{part}_proj"), share
        elif "position_embedding" in name:
            yield name + ".weight", values[0]
        elif name.endswith((".ls1", ".ls2")):
            yield name + ".weight", values
        elif "class_embedding" in name:
            yield name, values.reshape(-1)
        else:
            yield name, values


def add(writer, name, values):
    assert name is not None
    writer.add_tensor(name, np.ascontiguousarray(values, np.float32))


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main(checkpoint, out):
    config = json.loads((checkpoint / "config.json").read_text())
    tensors = read_tensors(checkpoint / "model.safetensors")
    write_text(checkpoint, config, tensors, out)
    write_vision(config, tensors, out)


main(Path(sys.argv[1]), Path(sys.argv[2]))
