"""A Qwen2-style byte-level BPE whose few merges make questions cheap and leave read text as characters."""

import json
from collections import Counter
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

# Qwen2's pre-tokeniser (Qwen2.5 tokenizer.json).
SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
CONTROL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<img>", "</img>", "<IMG_CONTEXT>"]
MARKS = ["<quad>", "</quad>", "<ref>", "</ref>", "<box>", "</box>"]
# The internvl2_5 system text (model card; conversation template).
SYSTEM = "你是书生·万象，英文名是InternVL，是由上海人工智能实验室、清华大学及多家合作单位联合开发的多模态大语言模型。"
MAX_LENGTH = 4096


def byte_letters() -> dict[int, str]:
    """GPT-2's printable stand-in for each byte."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {byte: chr(byte) for byte in plain}
    hidden = [byte for byte in range(256) if byte not in letters]
    return letters | {byte: chr(256 + index) for index, byte in enumerate(hidden)}


def pre_tokenizer() -> pre_tokenizers.PreTokenizer:
    cut = pre_tokenizers.Split(Regex(SPLIT), behavior="isolated")
    return pre_tokenizers.Sequence([cut, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def learn_merges(texts: list[str]) -> list[tuple[str, str]]:
    """Merges that make each small-letter word behind a space one token, and the system text a few.

    Every such merge begins at the space, so text read from a picture stays one token a character but for such words.
    """
    cutter = pre_tokenizer()
    words = sorted({piece for text in texts for piece, _ in cutter.pre_tokenize_str(text)})
    merges: list[tuple[str, str]] = []
    for word in words:
        if word.startswith("Ġ") and word[1:].isascii() and word[1:].isalpha() and word[1:].islower():
            merges += [(word[:end], word[end]) for end in range(1, len(word))]
    strange = [list(word) for word in words if not word.lstrip("Ġ").isascii()]
    while any(len(word) > 1 for word in strange):
        pairs = Counter(pair for word in strange for pair in zip(word, word[1:]))
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        strange = [join_pair(word, best) for word in strange]
    return list(dict.fromkeys(merges))


def join_pair(word: list[str], pair: tuple[str, str]) -> list[str]:
    joined: list[str] = []
    for letter in word:
        if joined and (joined[-1], letter) == pair:
            joined[-1] += letter
        else:
            joined.append(letter)
    return joined


def build_tokenizer(texts: list[str]) -> Tokenizer:
    """The tokenizer for `texts` (questions and constant answers) and the template around them."""
    merges = learn_merges([*texts, SYSTEM, "€", "£"])
    letters = [letter for _, letter in sorted(byte_letters().items())]
    vocabulary: dict[str, int] = {}
    for token in [*letters, *(left + right for left, right in merges)]:
        vocabulary.setdefault(token, len(vocabulary))
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, byte_fallback=False))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizer()
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(name, normalized=False, special=True) for name in CONTROL])
    tokenizer.add_special_tokens([AddedToken(name, normalized=False, special=True) for name in MARKS])
    return tokenizer


def save_tokenizer(tokenizer: Tokenizer, folder: Path) -> None:
    """Writes the files a published InternVL3 has, and the fast tokenizer.json."""
    tokenizer.save(str(folder / "tokenizer.json"))
    model = json.loads(tokenizer.to_str())["model"]
    (folder / "vocab.json").write_text(json.dumps(model["vocab"], ensure_ascii=False))
    lines = [" ".join(merge) if isinstance(merge, list) else merge for merge in model["merges"]]
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *lines]) + "\n")
    added = {name: tokenizer.token_to_id(name) for name in [*CONTROL, *MARKS]}
    (folder / "added_tokens.json").write_text(json.dumps(added, indent=2))
    flags = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
    config = {
        "add_bos_token": False,
        "add_prefix_space": False,
        "added_tokens_decoder": {str(number): {"content": name, **flags} for name, number in added.items()},
        "additional_special_tokens": [name for name in added if name != "<|endoftext|>"],
        "bos_token": None,
        "clean_up_tokenization_spaces": False,
        "eos_token": "<|im_end|>",
        "errors": "replace",
        "model_max_length": MAX_LENGTH,
        "pad_token": "<|endoftext|>",
        "split_special_tokens": False,
        "tokenizer_class": "Qwen2Tokenizer",
        "unk_token": None,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2))
    special = {"additional_special_tokens": config["additional_special_tokens"], "eos_token": "<|im_end|>",
               "pad_token": "<|endoftext|>"}
    (folder / "special_tokens_map.json").write_text(json.dumps(special, indent=2))
