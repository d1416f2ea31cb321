"""Prints, for each language GGUF of a folder, the bytes of weights that one new token reads: all but the token table."""

import json
import sys
from pathlib import Path

from gguf import GGUFReader

sizes = {}
for path in Path(sys.argv[1]).glob("language-*.gguf"):
    tensors = GGUFReader(path).tensors
    sizes[path.stem.removeprefix("language-")] = sum(int(t.n_bytes) for t in tensors if t.name != "token_embd.weight")
print(json.dumps(sizes))
