"""Translates the original checkpoint layout (`internvl_chat`) into what transformers' InternVL classes expect.

transformers runs the `-hf` layout only, so the same weights are renamed, never computed: the one change of
content is that the fused `attn.qkv` rows are cut into thirds (query rows first, then key, then value).
"""

import re
from typing import Any

import torch

Weights = dict[str, torch.Tensor]
Config = dict[str, Any]

# Original name -> name inside InternVLForConditionalGeneration, tried in order; the first that matches wins.
RENAMES: list[tuple[str, str]] = [
    (r"^language_model\.lm_head\.", "lm_head."),
    (r"^language_model\.model\.", "model.language_model."),
    (r"^mlp1\.0\.", "model.multi_modal_projector.layer_norm."),
    (r"^mlp1\.1\.", "model.multi_modal_projector.linear_1."),
    (r"^mlp1\.3\.", "model.multi_modal_projector.linear_2."),
    (r"^vision_model\.embeddings\.class_embedding$", "model.vision_tower.embeddings.cls_token"),
    (r"^vision_model\.embeddings\.patch_embedding\.", "model.vision_tower.embeddings.patch_embeddings.projection."),
    (r"^vision_model\.embeddings\.position_embedding$", "model.vision_tower.embeddings.position_embeddings"),
    (r"^vision_model\.encoder\.layers\.", "model.vision_tower.encoder.layer."),
]
VISION_LAYER_RENAMES: dict[str, str] = {
    "attn.proj.": "attention.projection_layer.",
    "attn.q_norm.": "attention.q_norm.",
    "attn.k_norm.": "attention.k_norm.",
    "norm1.": "layernorm_before.",
    "norm2.": "layernorm_after.",
    "ls1": "lambda_1",
    "ls2": "lambda_2",
}


def rename_tensor(name: str) -> str:
    """The tensor's name inside InternVLForConditionalGeneration; raises KeyError for a name the layout lacks."""
    for pattern, replacement in RENAMES:
        renamed, count = re.subn(pattern, replacement, name)
        if count == 0:
            continue
        layer = re.match(r"(model\.vision_tower\.encoder\.layer\.\d+\.)(.*)", renamed)
        if layer is None:
            return renamed
        for original, ours in VISION_LAYER_RENAMES.items():
            if layer[2].startswith(original):
                return layer[1] + ours + layer[2].removeprefix(original)
        return renamed
    raise KeyError(name)


def rename_weights(original: Weights) -> Weights:
    """All weights of an original checkpoint under transformers' names; values are untouched."""
    renamed: Weights = {}
    for name, tensor in original.items():
        if ".attn.qkv." in name:
            layer, kind = rename_tensor(name).split("attn.qkv.")
            for part, rows in zip("qkv", tensor.chunk(3, dim=0), strict=True):
                renamed[f"{layer}attention.{part}_proj.{kind}"] = rows.contiguous()
        else:
            renamed[rename_tensor(name)] = tensor
    return renamed


def translate_config(original: Config, image_token_id: int) -> Config:
    """The `-hf` config of an original `config.json`; `image_token_id` is the tokenizer's `<IMG_CONTEXT>`."""
    vision, text = original["vision_config"], original["llm_config"]
    side, patch = original["force_image_size"], vision["patch_size"]
    scaling = text.get("rope_scaling") or {"type": "default"}
    rope = {key: value for key, value in scaling.items() if key != "type"}
    rope |= {"rope_type": scaling.get("rope_type", scaling.get("type")), "rope_theta": text["rope_theta"]}
    tied = text["tie_word_embeddings"]
    kept_vision = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "norm_type",
                   "layer_norm_eps", "hidden_act", "num_channels")
    kept_text = ("model_type", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
                 "num_key_value_heads", "head_dim", "vocab_size", "rms_norm_eps", "hidden_act",
                 "max_position_embeddings")
    return {
        "architectures": ["InternVLForConditionalGeneration"],
        "model_type": "internvl",
        "image_token_id": image_token_id,
        "image_seq_length": int((side // patch * original["downsample_ratio"]) ** 2),
        "downsample_ratio": original["downsample_ratio"],
        "vision_feature_layer": original["select_layer"],
        "tie_word_embeddings": tied,
        "vision_config": {key: vision[key] for key in kept_vision}
        | {
            "image_size": [side, side],
            "patch_size": [patch, patch],
            "attention_bias": vision["qkv_bias"],
            "use_qk_norm": vision["qk_normalization"],
        },
        "text_config": {key: text[key] for key in kept_text if key in text}
        | {"rope_parameters": rope, "tie_word_embeddings": tied},
    }
