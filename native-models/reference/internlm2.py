"""InternLM2 written out in torch, inside an InternVL: transformers has none, and the published code does not run there.

From the published modeling_internlm2.py: `wqkv` holds, for each key-value head, its group of query heads, then the key
head, then the value head; rotary angles turn the halves of a head; `w2(silu(w1(x)) * w3(x))`; RMSNorm in front of
both halves of a layer and behind the last; linear rope scaling divides positions, dynamic changes nothing up to
`max_position_embeddings`.
"""

import math
from types import SimpleNamespace

import torch
from torch import nn
from torch.nn import functional
from transformers import InternVLConfig
from transformers.models.internvl.modeling_internvl import InternVLModel

from original_layout import Config, Weights, rename_weights, translate_config


def rms_norm(x: torch.Tensor, weight: torch.Tensor, epsilon: float) -> torch.Tensor:
    return weight * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + epsilon)


def rotate(x: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
    """x [heads, tokens, width]; the first half of a head turns with the second."""
    first, second = x.chunk(2, dim=-1)
    cos, sin = angles.cos(), angles.sin()
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)


class InternLm2Chat(nn.Module):
    """The whole model with the call that run_reference.py makes; its "cache" is what it has read, read again."""

    def __init__(self, config: Config, weights: Weights, image_token_id: int) -> None:
        super().__init__()
        self.language = config["llm_config"]
        # transformers' own vision half; the language model that comes with it is never asked
        stand_in = dict(self.language, model_type="qwen2", num_hidden_layers=1, intermediate_size=32)
        translated = translate_config(dict(config, llm_config=stand_in), image_token_id)
        self.model = InternVLModel(InternVLConfig(**translated, attn_implementation="eager"))
        vision = {name: tensor for name, tensor in weights.items() if not name.startswith("language_model.")}
        renamed = {name.removeprefix("model."): tensor for name, tensor in rename_weights(vision).items()}
        missing, unexpected = self.model.load_state_dict(renamed, strict=False)
        if unexpected or any(not name.startswith("language_model.") for name in missing):
            raise ValueError(f"missing {missing}, unexpected {unexpected}")
        self.weights = nn.ParameterDict({name.replace(".", "/"): tensor for name, tensor in weights.items()
                                         if name.startswith("language_model.")})
        self.config = self.model.config
        self.image_token_id = image_token_id

    def weight(self, name: str) -> torch.Tensor:
        return self.weights[f"language_model.{name}".replace(".", "/")]

    def linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        bias = f"language_model.{name}.bias".replace(".", "/")
        return functional.linear(x, self.weight(f"{name}.weight"), self.weights[bias] if bias in self.weights else None)

    def attend(self, x: torch.Tensor, name: str) -> torch.Tensor:
        """x [tokens, hidden] -> same."""
        language, tokens = self.language, len(x)
        heads, groups = language["num_attention_heads"], language["num_key_value_heads"]
        width, each = language.get("head_dim") or language["hidden_size"] // heads, heads // groups
        qkv = self.linear(x, f"{name}.wqkv").view(tokens, groups, each + 2, width)
        query = qkv[:, :, :each].reshape(tokens, heads, width).transpose(0, 1)
        key, value = qkv[:, :, -2].transpose(0, 1), qkv[:, :, -1].transpose(0, 1)
        scaling = language["rope_scaling"] or {"type": "default"}
        factor = scaling["factor"] if scaling["type"] == "linear" else 1.0
        steps = torch.arange(0, width, 2, dtype=torch.float64)
        frequencies = (1 / language["rope_theta"] ** (steps / width)).to(x.dtype)
        angles = torch.outer(torch.arange(tokens).to(x.dtype) / factor, frequencies)
        query, key = rotate(query, angles), rotate(key, angles).repeat_interleave(each, dim=0)
        scores = query @ key.transpose(1, 2) / math.sqrt(width)
        scores = scores.masked_fill(torch.ones(tokens, tokens, dtype=torch.bool).triu(1), -math.inf)
        attended = scores.softmax(-1) @ value.repeat_interleave(each, dim=0)
        return self.linear(attended.transpose(0, 1).reshape(tokens, heads * width), f"{name}.wo")

    def decode(self, x: torch.Tensor) -> torch.Tensor:
        """Embeddings [tokens, hidden] -> logits [tokens, vocabulary]."""
        epsilon = self.language["rms_norm_eps"]
        for index in range(self.language["num_hidden_layers"]):
            layer = f"model.layers.{index}"
            normed = rms_norm(x, self.weight(f"{layer}.attention_norm.weight"), epsilon)
            x = x + self.attend(normed, f"{layer}.attention")
            normed = rms_norm(x, self.weight(f"{layer}.ffn_norm.weight"), epsilon)
            feed = f"{layer}.feed_forward"
            gated = functional.silu(self.linear(normed, f"{feed}.w1")) * self.linear(normed, f"{feed}.w3")
            x = x + self.linear(gated, f"{feed}.w2")
        return self.linear(rms_norm(x, self.weight("model.norm.weight"), epsilon), "output")

    def forward(self, input_ids: torch.Tensor, pixel_values: torch.Tensor | None = None,
                past_key_values: torch.Tensor | None = None, *, use_cache: bool = False,
                logits_to_keep: int = 0) -> SimpleNamespace:
        states = functional.embedding(input_ids[0], self.weight("model.tok_embeddings.weight"))
        visual = None
        if pixel_values is not None:
            visual = self.model.get_image_features(pixel_values, vision_feature_layer=-1,
                                                   vision_feature_select_strategy="default").pooler_output
            states[input_ids[0] == self.image_token_id] = visual.flatten(0, 1)
        if past_key_values is not None:
            states = torch.cat([past_key_values, states])
        logits = self.decode(states)
        return SimpleNamespace(logits=logits[None, -logits_to_keep:], image_hidden_states=visual,
                               past_key_values=states if use_cache else None)
