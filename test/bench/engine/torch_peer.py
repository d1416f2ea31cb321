"""transformers in bf16 at the 1B shape with random weights: speed needs no others. Reads a row's name a line, prints its ms."""

import sys
import time

import torch
from transformers import DynamicCache, InternVLVisionConfig, InternVLVisionModel, Qwen2Config, Qwen2ForCausalLM

DECODED = 32
torch.set_num_threads(2)
torch.manual_seed(1)

VISION = InternVLVisionConfig(hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096,
                              image_size=[448, 448], patch_size=[14, 14], attention_bias=True)
TEXT = Qwen2Config(vocab_size=151_674, hidden_size=896, intermediate_size=4864, num_hidden_layers=24,
                   num_attention_heads=14, num_key_value_heads=2, max_position_embeddings=32_768, rope_theta=1e6,
                   tie_word_embeddings=False)


def timed(work) -> float:
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


@torch.inference_mode()
def main() -> None:
    torch.set_default_dtype(torch.bfloat16)
    vision, text = InternVLVisionModel(VISION).eval(), Qwen2ForCausalLM(TEXT).eval()
    tile = torch.rand(1, 3, 448, 448)

    def read(tokens: int):
        cache = DynamicCache()
        ids = torch.randint(0, 150_000, (1, tokens))
        elapsed = timed(lambda: text(ids, past_key_values=cache, logits_to_keep=1))
        return cache, elapsed

    def decode(tokens: int) -> float:
        cache, _ = read(tokens)
        ids = torch.randint(0, 150_000, (DECODED, 1, 1))
        return timed(lambda: [text(row, past_key_values=cache, logits_to_keep=1) for row in ids]) / DECODED

    rows = {
        "vision": lambda: timed(lambda: vision(tile)),
        "prefill512": lambda: read(512)[1],
        "prefill3000": lambda: read(3000)[1],
        "decode512": lambda: decode(512),
        "decode3000": lambda: decode(3000),
    }
    rows["vision"]()
    print(f"torch {torch.__version__}", flush=True)
    for line in sys.stdin:
        print(rows[line.strip()](), flush=True)


if __name__ == "__main__":
    main()
