"""A ready-made export in transformers.js layout, made by torch.onnx from a tiny committed checkpoint: somebody else's graphs.

    python torch_export.py        # test/golden/exports/g1-d32-t56-bf16-hf/onnx/*.onnx, as committed
"""

import warnings
from pathlib import Path

import torch
from transformers import InternVLForConditionalGeneration
from transformers.cache_utils import DynamicCache

GOLDEN = Path(__file__).resolve().parents[2] / "test" / "golden"
CHECKPOINT = "g1-d32-t56-bf16-hf"


class Vision(torch.nn.Module):
    def __init__(self, model: InternVLForConditionalGeneration) -> None:
        super().__init__()
        self.inner = model.model

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        return self.inner.get_image_features(pixel_values=pixel_values, vision_feature_layer=-1,
                                             vision_feature_select_strategy="default").pooler_output


class Decoder(torch.nn.Module):
    """The merged decoder: past in, present out, a causal mask from the lengths."""

    def __init__(self, model: InternVLForConditionalGeneration) -> None:
        super().__init__()
        self.language, self.head = model.model.language_model, model.lm_head

    def forward(self, embeds: torch.Tensor, mask: torch.Tensor, positions: torch.Tensor,
                *past: torch.Tensor) -> tuple[torch.Tensor, ...]:
        cache = DynamicCache()
        for layer in range(len(past) // 2):
            cache.update(past[2 * layer], past[2 * layer + 1], layer)
        new, total = embeds.shape[1], mask.shape[1]
        rows = torch.arange(new)[:, None] + (total - new)
        hidden = torch.where(torch.arange(total)[None] <= rows, 0.0, -1e30)[None, None]
        output = self.language(inputs_embeds=embeds, attention_mask=hidden, position_ids=positions,
                               past_key_values=cache, use_cache=True)
        present = [each for layer in output.past_key_values.layers for each in (layer.keys, layer.values)]
        return (self.head(output.last_hidden_state), *present)


def main() -> None:
    warnings.filterwarnings("ignore")
    out = GOLDEN / "exports" / CHECKPOINT / "onnx"
    out.mkdir(parents=True, exist_ok=True)
    model = InternVLForConditionalGeneration.from_pretrained(
        GOLDEN / "checkpoints" / CHECKPOINT, dtype=torch.float32, attn_implementation="eager").eval()
    text = model.config.text_config
    layers, heads, hidden = text.num_hidden_layers, text.num_key_value_heads, text.hidden_size
    side = model.config.vision_config.image_size[0]

    def export(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...], name: str, ports: dict[str, dict[int, str]],
               output_names: list[str]) -> None:
        names = [port for port in ports if port not in output_names]
        with torch.no_grad():
            torch.onnx.export(module, inputs, str(out / name), input_names=names, output_names=output_names,
                              dynamic_axes=ports, opset_version=17, dynamo=False)

    export(Vision(model), (torch.randn(2, 3, side, side),), "vision_encoder.onnx",
           {"pixel_values": {0: "tiles"}, "image_features": {0: "tiles"}}, ["image_features"])
    export(model.get_input_embeddings(), (torch.ones(1, 3, dtype=torch.long),), "embed_tokens.onnx",
           {"input_ids": {0: "batch", 1: "new"}, "inputs_embeds": {0: "batch", 1: "new"}}, ["inputs_embeds"])
    ports = {"inputs_embeds": {0: "batch", 1: "new"}, "attention_mask": {0: "batch", 1: "total"},
             "position_ids": {0: "batch", 1: "new"}}
    ports |= {f"past_key_values.{layer}.{kind}": {0: "batch", 2: "past"}
              for layer in range(layers) for kind in ("key", "value")}
    outputs = {"logits": {0: "batch", 1: "new"}}
    outputs |= {f"present.{layer}.{kind}": {0: "batch", 2: "total"}
                for layer in range(layers) for kind in ("key", "value")}
    past = [torch.randn(1, heads, 5, hidden // text.num_attention_heads) for _ in range(2 * layers)]
    export(Decoder(model), (torch.randn(1, 3, hidden), torch.ones(1, 8, dtype=torch.long),
                            torch.arange(5, 8)[None], *past), "decoder_model_merged.onnx", ports | outputs, list(outputs))


if __name__ == "__main__":
    main()
