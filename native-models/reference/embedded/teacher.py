"""The dense heads that teach vision, kept out of the checkpoint: what lies in each patch and in each visual token's cell."""

import torch.nn.functional as F
from torch import Tensor, nn, ones

from canvas import CLASSES, COLOURS
from looking import Seen
from model import Shape
from tiles import BINS

EMPTY_WEIGHT = 0.2  # most bins hold nothing


class Teacher(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.patch = nn.Linear(shape.vision.hidden, len(CLASSES))
        self.bin = nn.Linear(shape.text.hidden, BINS * len(CLASSES))
        self.colour = nn.Linear(shape.text.hidden, len(COLOURS) + 1)
        weight = ones(len(CLASSES))
        weight[0] = EMPTY_WEIGHT
        self.register_buffer("weight", weight, persistent=False)

    def forward(self, patches: Tensor, visual: Tensor, seen: Seen) -> tuple[Tensor, Tensor]:
        """Dense loss, and the share of filled bins named right."""
        bins = self.bin(visual).unflatten(-1, (BINS, -1)).float().flatten(0, 2)
        wanted = seen.bins.flatten()
        patch_loss = F.cross_entropy(self.patch(patches).float().flatten(0, 1), seen.patches.flatten(), ignore_index=-1)
        bin_loss = F.cross_entropy(bins, wanted, self.weight, ignore_index=-1)
        colour_loss = F.cross_entropy(self.colour(visual).float().flatten(0, 1), seen.colours.flatten(), ignore_index=-1)
        filled = wanted > 0
        right = (bins.detach()[filled].argmax(-1) == wanted[filled]).float().mean()
        return 0.5 * patch_loss + 2 * bin_loss + 0.5 * colour_loss, right
