"""A tiny InternVL3 in plain torch: InternViT, pixel unshuffle, projector and a Qwen2 decoder, named as published.

The module tree carries the published names (`vision_model.*`, `mlp1.*`, `language_model.*`), so a state dict is a
checkpoint. Shapes stand at line ends; T is tiles, B pictures, S positions.
"""

from dataclasses import asdict, dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TILE = 112  # px; `force_image_size`
PATCH = 14  # px; InternViT's patch
VISUAL_TOKENS = (TILE // PATCH // 2) ** 2  # 16 a tile after the pixel unshuffle (downsample_ratio 0.5)


@dataclass(frozen=True)
class VisionShape:
    hidden: int = 256
    layers: int = 6
    heads: int = 4
    intermediate: int = 1024


@dataclass(frozen=True)
class TextShape:
    """Every width is a multiple of 32, the app's int4 block."""

    vocabulary: int = 0
    hidden: int = 256
    layers: int = 6
    heads: int = 8
    kv_heads: int = 4
    head_dim: int = 32
    intermediate: int = 704
    rope_theta: float = 10_000.0  # prompts are short here; published models have 1e6


@dataclass(frozen=True)
class Shape:
    vision: VisionShape = field(default_factory=VisionShape)
    text: TextShape = field(default_factory=TextShape)

    def to_json(self) -> dict:
        return asdict(self)


def position_table(hidden: int) -> Tensor:
    """Sine and cosine of row and column: where the learnt position embedding starts."""
    side = TILE // PATCH
    rate = 1.0 / (100 ** (torch.arange(hidden // 4) / (hidden // 4)))
    angle = torch.arange(side)[:, None] * rate  # [side, hidden/4]
    wave = torch.cat([angle.sin(), angle.cos()], dim=1)  # [side, hidden/2]
    grid = torch.cat([wave[:, None].expand(-1, side, -1), wave[None].expand(side, -1, -1)], dim=-1)
    return torch.cat([torch.zeros(1, hidden), 0.3 * grid.reshape(side * side, hidden)])[None]


class Embeddings(nn.Module):
    def __init__(self, shape: VisionShape):
        super().__init__()
        self.class_embedding = nn.Parameter(0.02 * torch.randn(1, 1, shape.hidden))
        self.patch_embedding = nn.Conv2d(3, shape.hidden, PATCH, PATCH)
        self.position_embedding = nn.Parameter(position_table(shape.hidden))

    def forward(self, pixels: Tensor) -> Tensor:
        side = TILE // PATCH
        cells = pixels.reshape(-1, 3, side, PATCH, side, PATCH).permute(0, 2, 4, 1, 3, 5).flatten(3).flatten(1, 2)
        patches = F.linear(cells, self.patch_embedding.weight.flatten(1), self.patch_embedding.bias)  # [T, 64, hidden]
        classes = self.class_embedding.expand(len(pixels), -1, -1).to(patches.dtype)
        return torch.cat([classes, patches], dim=1) + self.position_embedding  # [T, 65, hidden]


def attend(q: Tensor, k: Tensor, v: Tensor, causal: bool) -> Tensor:
    """Softmax attention over [.., S, head_dim], written out: backward is 4 x faster than torch's fused one on a CPU."""
    scores = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5  # [.., S, S]
    if causal:
        scores = scores + torch.full_like(scores[0, 0], float("-inf")).triu(1)
    return scores.softmax(-1).to(v.dtype) @ v


class VisionAttention(nn.Module):
    def __init__(self, shape: VisionShape):
        super().__init__()
        self.heads = shape.heads
        self.qkv = nn.Linear(shape.hidden, 3 * shape.hidden)
        self.proj = nn.Linear(shape.hidden, shape.hidden)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)  # [T, heads, 65, head_dim]
        return self.proj(attend(q, k, v, causal=False).transpose(1, 2).flatten(2))


class VisionMlp(nn.Module):
    def __init__(self, shape: VisionShape):
        super().__init__()
        self.fc1 = nn.Linear(shape.hidden, shape.intermediate)
        self.fc2 = nn.Linear(shape.intermediate, shape.hidden)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x)))


class VisionLayer(nn.Module):
    def __init__(self, shape: VisionShape):
        super().__init__()
        self.norm1 = nn.LayerNorm(shape.hidden, eps=1e-6)
        self.norm2 = nn.LayerNorm(shape.hidden, eps=1e-6)
        self.ls1 = nn.Parameter(torch.ones(shape.hidden))
        self.ls2 = nn.Parameter(torch.ones(shape.hidden))
        self.attn = VisionAttention(shape)
        self.mlp = VisionMlp(shape)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.ls1 * self.attn(self.norm1(x))
        return x + self.ls2 * self.mlp(self.norm2(x))


class VisionModel(nn.Module):
    """InternViT as InternVL3 uses it: `select_layer` -1, no final norm."""

    def __init__(self, shape: VisionShape):
        super().__init__()
        self.embeddings = Embeddings(shape)
        self.encoder = nn.Module()
        self.encoder.layers = nn.ModuleList(VisionLayer(shape) for _ in range(shape.layers))

    def forward(self, pixels: Tensor) -> Tensor:
        x = self.embeddings(pixels)
        for layer in self.encoder.layers:
            x = layer(x)
        return x[:, 1:]  # [T, 64, hidden]


def unshuffle_pixels(x: Tensor) -> Tensor:
    """`ps_version` v2: each 2 x 2 patches become one token of 4 x the width; [T, 64, c] -> [T, 16, 4c]."""
    tiles, count, width = x.shape
    side = int(count**0.5)
    x = x.view(tiles, side, side // 2, width * 2).permute(0, 2, 1, 3)
    x = x.reshape(tiles, side // 2, side // 2, width * 4).permute(0, 2, 1, 3)
    return x.reshape(tiles, count // 4, width * 4)


class RmsNorm(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x.float(), x.shape[-1:], self.weight, 1e-6)


def rotate(x: Tensor, theta: float, start: int) -> Tensor:
    """Rotary positions, halves as in Qwen2; x is [B, heads, S, head_dim]."""
    half = x.shape[-1] // 2
    rate = theta ** (-torch.arange(half, device=x.device) / half)
    angle = torch.arange(start, start + x.shape[2], device=x.device)[:, None] * rate  # [S, half]
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    left, right = x.chunk(2, dim=-1)
    return torch.cat([left * cos - right * sin, right * cos + left * sin], dim=-1)


class SelfAttention(nn.Module):
    def __init__(self, shape: TextShape):
        super().__init__()
        self.shape = shape
        self.q_proj = nn.Linear(shape.hidden, shape.heads * shape.head_dim)
        self.k_proj = nn.Linear(shape.hidden, shape.kv_heads * shape.head_dim)
        self.v_proj = nn.Linear(shape.hidden, shape.kv_heads * shape.head_dim)
        self.o_proj = nn.Linear(shape.heads * shape.head_dim, shape.hidden, bias=False)

    def forward(self, x: Tensor, cache: dict | None) -> Tensor:
        q, k, v = (
            projection(x).unflatten(-1, (-1, self.shape.head_dim)).transpose(1, 2)
            for projection in (self.q_proj, self.k_proj, self.v_proj)
        )  # [B, heads or kv_heads, S, head_dim]
        past = cache["k"].shape[2] if cache else 0
        q, k = rotate(q, self.shape.rope_theta, past), rotate(k, self.shape.rope_theta, past)
        if cache is not None:
            if cache:
                k, v = torch.cat([cache["k"], k], dim=2), torch.cat([cache["v"], v], dim=2)
            cache["k"], cache["v"] = k, v
        group = self.shape.heads // self.shape.kv_heads
        k, v = k.repeat_interleave(group, dim=1), v.repeat_interleave(group, dim=1)
        mixed = attend(q, k, v, causal=q.shape[2] > 1)
        return self.o_proj(mixed.transpose(1, 2).flatten(2))


class TextMlp(nn.Module):
    def __init__(self, shape: TextShape):
        super().__init__()
        self.gate_proj = nn.Linear(shape.hidden, shape.intermediate, bias=False)
        self.up_proj = nn.Linear(shape.hidden, shape.intermediate, bias=False)
        self.down_proj = nn.Linear(shape.intermediate, shape.hidden, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class TextLayer(nn.Module):
    def __init__(self, shape: TextShape):
        super().__init__()
        self.input_layernorm = RmsNorm(shape.hidden)
        self.post_attention_layernorm = RmsNorm(shape.hidden)
        self.self_attn = SelfAttention(shape)
        self.mlp = TextMlp(shape)

    def forward(self, x: Tensor, cache: dict | None) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), cache)
        return x + self.mlp(self.post_attention_layernorm(x))


class LanguageModel(nn.Module):
    """Qwen2ForCausalLM from embeddings to logits; `lm_head` untied as published."""

    def __init__(self, shape: TextShape):
        super().__init__()
        self.model = nn.Module()
        self.model.embed_tokens = nn.Embedding(shape.vocabulary, shape.hidden)
        self.model.layers = nn.ModuleList(TextLayer(shape) for _ in range(shape.layers))
        self.model.norm = RmsNorm(shape.hidden)
        self.lm_head = nn.Linear(shape.hidden, shape.vocabulary, bias=False)

    def forward(self, x: Tensor, caches: list[dict] | None = None, asked: Tensor | None = None) -> Tensor:
        """Logits of all positions, or of those where `asked` [B, S] is true: most of training's are never asked."""
        for index, layer in enumerate(self.model.layers):
            x = layer(x, caches[index] if caches is not None else None)
        x = self.model.norm(x)
        return self.lm_head(x if asked is None else x[asked])  # [B, S, vocabulary] or [asked, vocabulary]


class TinyInternVL(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        self.vision_model = VisionModel(shape.vision)
        wide, hidden = 4 * shape.vision.hidden, shape.text.hidden
        self.mlp1 = nn.Sequential(nn.LayerNorm(wide), nn.Linear(wide, hidden), nn.GELU(), nn.Linear(hidden, hidden))
        self.language_model = LanguageModel(shape.text)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=module.in_features**-0.5)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        for layer in self.vision_model.encoder.layers:
            for module in (layer.attn.proj, layer.mlp.fc2):
                module.weight.data *= 0.4
        for layer in self.language_model.model.layers:
            for module in (layer.self_attn.o_proj, layer.mlp.down_proj):
                module.weight.data *= 0.4
        self.language_model.lm_head.weight.data *= 0.3
        nn.init.normal_(self.language_model.model.embed_tokens.weight, std=1.0)

    def see(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Pixel values [T, 3, 112, 112] to (patches [T, 64, vision], visual tokens [T, 16, hidden])."""
        patches = self.vision_model(pixels)
        return patches, self.mlp1(unshuffle_pixels(patches))

    def embed(self, ids: Tensor, visual: Tensor | None, placeholder: int) -> Tensor:
        """Token embeddings [B, S, hidden], the placeholders' rows replaced by visual tokens in order."""
        x = self.language_model.model.embed_tokens(ids)
        if visual is None:
            return x
        return x.masked_scatter((ids == placeholder)[..., None], visual.to(x.dtype))
