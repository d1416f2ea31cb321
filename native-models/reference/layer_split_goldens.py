"""Which device the model card gives each decoder layer, for its seven sizes on 1 to 8 devices: test/golden/layer-split.json.

    python layer_split_goldens.py

Needs only Python. The rule is the card's (huggingface.co/OpenGVLab/InternVL3-1B, README, section "Multiple GPUs", the
function `split_model`), told here in our own words and worked out layer by layer instead of as a device map:
- the vision encoder sits on device 0, which therefore counts as half a device;
- every other device takes ceil(layers / (devices - 1/2)) layers, device 0 half of that, rounded up, and they are dealt
  out in the devices' order until none is left;
- the last layer goes back to device 0, where the final norm and lm_head are, so that what comes out is where it went in.
Layer counts are those of the published language models (Qwen2.5 0.5B to 72B; InternLM3-8B for the 9B).
"""
import json
from fractions import Fraction
from math import ceil
from pathlib import Path

LAYERS = {"1B": 24, "2B": 28, "8B": 28, "9B": 48, "14B": 48, "38B": 64, "78B": 80}
OUT = Path(__file__).resolve().parents[2] / "test" / "golden" / "layer-split.json"


def devices_of_layers(layers: int, devices: int) -> list[int]:
    share = ceil(layers / (devices - Fraction(1, 2)))
    dealt = [0] * ceil(Fraction(share, 2))
    for device in range(1, devices):
        dealt += [device] * share
    dealt = dealt[:layers]
    dealt[-1] = 0
    return dealt


if __name__ == "__main__":
    cases = [
        {"size": size, "layers": layers, "devices": devices, "deviceOfLayer": devices_of_layers(layers, devices)}
        for size, layers in LAYERS.items()
        for devices in range(1, 9)
    ]
    OUT.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
    print(f"{len(cases)} cases in {OUT.name}")
