"""Random weights of an InternVL3 shape under the original layout's names (model card: InternViT, projector, Qwen2)."""

import math
from dataclasses import dataclass

import torch

from original_layout import Weights

SPECIAL_TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<img>", "</img>", "<IMG_CONTEXT>",
                  "<quad>", "</quad>", "<ref>", "</ref>", "<box>", "</box>"]
QUIET = 0.05  # size of what enters a residual stream first: small enough that a wrong norm epsilon shows
PADDING_ROWS = 8  # embedding rows without a tokenizer entry, as many published models carry


@dataclass(frozen=True)
class Shape:
    """Everything that decides a checkpoint's form. Widths are multiples of 32."""

    heads: int = 2
    kv_heads: int = 2
    head_dim: int = 32
    hidden: int = 64
    intermediate: int = 96
    layers: int = 2
    vision_hidden: int = 32
    vision_intermediate: int = 64
    vision_layers: int = 2
    vision_heads: int = 2
    tile: int = 56
    max_tiles: int = 6
    tied: bool = False
    dtype: str = "bf16"
    shards: int = 1
    rope_theta: float = 1e6
    rms_norm_eps: float = 1e-6
    vision_6b: bool = False  # InternViT-6B's way: RMSNorm, queries and keys normed, no bias in qkv
    language: str = "qwen2"  # or "internlm2"
    rope_type: str = "dynamic"
    rope_factor: float = 2.0
    attention_bias: bool = True  # InternLM2 only: Qwen2 always has one

    @property
    def visual_tokens_per_tile(self) -> int:
        return (self.tile // 14 // 2) ** 2


class RandomWeights:
    """Random tensors under the original layout's names, in fp32, drawn one after the other from one seed.

    Scaled so that activations stay near 1 and logits spread over several units; every norm, bias and layer scale
    differs from its neutral value, and some channels are far louder than the rest, as in trained models.
    """

    def __init__(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)
        self.tensors: Weights = {}

    def normal(self, *size: int) -> torch.Tensor:
        return torch.randn(*size, generator=self.generator)

    def linear(self, name: str, rows: int, columns: int, *, gain: float = 1.0, bias: bool = True) -> None:
        self.tensors[f"{name}.weight"] = self.normal(rows, columns) * gain / math.sqrt(columns)
        if bias:
            self.tensors[f"{name}.bias"] = self.normal(rows) * gain * 0.3

    def norm(self, name: str, width: int, *, bias: bool = True) -> None:
        scale = 1 + 0.2 * self.normal(width)
        scale[int(torch.randint(width, (1,), generator=self.generator))] *= 5  # an outlier channel
        self.tensors[f"{name}.weight"] = scale
        if bias:
            self.tensors[f"{name}.bias"] = self.normal(width) * 0.1


def add_vision_weights(weights: RandomWeights, shape: Shape) -> None:
    """InternViT and the projector."""
    tensors, normal, width = weights.tensors, weights.normal, shape.vision_hidden
    tensors["vision_model.embeddings.class_embedding"] = normal(1, 1, width) * QUIET
    tensors["vision_model.embeddings.patch_embedding.weight"] = normal(width, 3, 14, 14) * QUIET / 14
    tensors["vision_model.embeddings.patch_embedding.bias"] = normal(width) * QUIET
    tensors["vision_model.embeddings.position_embedding"] = normal(1, (shape.tile // 14) ** 2 + 1, width) * QUIET
    for index in range(shape.vision_layers):
        layer = f"vision_model.encoder.layers.{index}"
        weights.linear(f"{layer}.attn.qkv", 3 * width, width, bias=not shape.vision_6b)
        if shape.vision_6b:
            for part in ("q_norm", "k_norm"):
                weights.norm(f"{layer}.attn.{part}", width, bias=False)
        weights.linear(f"{layer}.attn.proj", width, width, gain=QUIET)
        weights.linear(f"{layer}.mlp.fc1", shape.vision_intermediate, width)
        weights.linear(f"{layer}.mlp.fc2", width, shape.vision_intermediate, gain=QUIET)
        for part in ("1", "2"):
            weights.norm(f"{layer}.norm{part}", width, bias=not shape.vision_6b)
            tensors[f"{layer}.ls{part}"] = 0.1 + 0.9 * torch.rand(width, generator=weights.generator)
    weights.norm("mlp1.0", 4 * width)
    weights.linear("mlp1.1", shape.hidden, 4 * width)
    weights.linear("mlp1.3", shape.hidden, shape.hidden, gain=1.5)


def add_language_weights(weights: RandomWeights, shape: Shape, token_count: int) -> None:
    """A Qwen2 decoder with `token_count` tokens and the padding rows behind them."""
    hidden, language = shape.hidden, "language_model.model"
    rows = token_count + PADDING_ROWS
    head = weights.normal(rows, hidden) * 3 / math.sqrt(hidden)
    head[token_count - len(SPECIAL_TOKENS):token_count] *= 0.2  # control tokens are hardly ever chosen: answers go on
    head[token_count:] *= 2  # rows without a token are loud: an engine that samples them is found out
    embedding = head if shape.tied else weights.normal(rows, hidden) * QUIET
    weights.tensors[f"{language}.embed_tokens.weight"] = embedding
    for index in range(shape.layers):
        layer = f"{language}.layers.{index}"
        weights.linear(f"{layer}.self_attn.q_proj", shape.heads * shape.head_dim, hidden, gain=1.7)
        weights.linear(f"{layer}.self_attn.k_proj", shape.kv_heads * shape.head_dim, hidden, gain=1.7)
        weights.linear(f"{layer}.self_attn.v_proj", shape.kv_heads * shape.head_dim, hidden)
        weights.linear(f"{layer}.self_attn.o_proj", hidden, shape.heads * shape.head_dim, gain=2.5, bias=False)
        weights.linear(f"{layer}.mlp.gate_proj", shape.intermediate, hidden, bias=False)
        weights.linear(f"{layer}.mlp.up_proj", shape.intermediate, hidden, bias=False)
        weights.linear(f"{layer}.mlp.down_proj", hidden, shape.intermediate, gain=2.5, bias=False)
        weights.norm(f"{layer}.input_layernorm", hidden, bias=False)
        weights.norm(f"{layer}.post_attention_layernorm", hidden, bias=False)
    weights.tensors[f"{language}.norm.weight"] = 1 + 0.2 * weights.normal(hidden)
    if not shape.tied:
        weights.tensors["language_model.lm_head.weight"] = head


def add_internlm2_weights(weights: RandomWeights, shape: Shape, token_count: int) -> None:
    """An InternLM2 decoder under its own names; its control tokens stand at both ends of the vocabulary."""
    hidden, language = shape.hidden, "language_model.model"
    rows = token_count + PADDING_ROWS
    head = weights.normal(rows, hidden) * 3 / math.sqrt(hidden)
    head[:8] *= 0.2
    head[token_count - len(SPECIAL_TOKENS):token_count] *= 0.2
    head[token_count:] *= 2
    weights.tensors[f"{language}.tok_embeddings.weight"] = weights.normal(rows, hidden) * QUIET
    for index in range(shape.layers):
        layer, bias = f"{language}.layers.{index}", shape.attention_bias
        attention_rows = (shape.heads + 2 * shape.kv_heads) * shape.head_dim
        weights.linear(f"{layer}.attention.wqkv", attention_rows, hidden, gain=1.5, bias=bias)
        weights.linear(f"{layer}.attention.wo", hidden, shape.heads * shape.head_dim, gain=2.5, bias=bias)
        weights.linear(f"{layer}.feed_forward.w1", shape.intermediate, hidden, bias=False)
        weights.linear(f"{layer}.feed_forward.w3", shape.intermediate, hidden, bias=False)
        weights.linear(f"{layer}.feed_forward.w2", hidden, shape.intermediate, gain=2.5, bias=False)
        weights.norm(f"{layer}.attention_norm", hidden, bias=False)
        weights.norm(f"{layer}.ffn_norm", hidden, bias=False)
    weights.tensors[f"{language}.norm.weight"] = 1 + 0.2 * weights.normal(hidden)
    weights.tensors["language_model.output.weight"] = head


def random_weights(shape: Shape, seed: int, token_count: int) -> Weights:
    weights = RandomWeights(seed)
    add_vision_weights(weights, shape)
    add_language = {"qwen2": add_language_weights, "internlm2": add_internlm2_weights}[shape.language]
    add_language(weights, shape, token_count)
    return weights.tensors
