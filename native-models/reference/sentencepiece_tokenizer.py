"""A SentencePiece tokenizer as InternLM2's published code uses it: trained tiny from a seed, and encoded by the original.

    python sentencepiece_tokenizer.py        # test/golden/text/sentencepiece*/, as committed

Each folder has a `tokenizer.model`, a `tokenizer_config.json` and `encodings.json`: lines of text with their ids.
"""

import io
import json
import random
from pathlib import Path

import sentencepiece

GOLDEN = Path(__file__).resolve().parents[2] / "test" / "golden"
# Of InternVL's twelve, InternLM2's own code has two in the place of pieces that its model keeps free for them.
FREE_PLACES = {"<|im_end|>": "[UNUSED_TOKEN_0]", "<|im_start|>": "[UNUSED_TOKEN_1]"}
BEHIND = ["<img>", "</img>", "<IMG_CONTEXT>", "<quad>", "</quad>", "<ref>", "</ref>", "<box>", "</box>"]
PIECES = 700
SEED = 11

WORDS = ("the total amount and the colour of the shape are there then other one what is number in picture user assistant "
         "system invoice date price naïve café Größe straße où été año Привет мир число 图片 数字 什么 万象 英文 模型 研发 "
         "書生 日本語 テスト 한국어 العربية 12 30 448 3.14 1,000 € $ % ( ) [ ] { } <b> </b> x=0.2346 y=0.381 a_b __ -- == "
         "don't I'm we'll it's").split()
RARE = ["😀", "👩‍👩‍👧", "🇨🇳", "𝔘𝔫𝔦", "龘", "\u200b", "é", "\ufeff", "ﬁ", "①", "\t", "\u3000", "\x01", "ẞ", "▁", "<0x41>",
        "<s>", "</s>", "<unk>", "[UNUSED_TOKEN_0]", "<ref>", "</ref>", "<box>", "ꙮ", "½"]


def lines(seed: int, count: int) -> list[str]:
    """Words of many scripts with whatever lies between words; every line from one seed."""
    chance = random.Random(seed)
    between = [" ", " ", " ", "  ", "   ", "\n", "\n\n", "", ", ", ". "]
    made = ["", " ", "  ", "\n", "a", " a", "a ", "  a  b  ", "aa", "aaa", "aaaa", "aaaaaaa", "ababab", "......"]
    while len(made) < count:
        text = ""
        for _ in range(chance.randint(1, 12)):
            text += chance.choice(WORDS if chance.random() < 0.85 else RARE) + chance.choice(between)
        made.append(text)
    return made


def train(seed: int, *, prefixes_blank: bool = True, squeezes_blanks: bool = False) -> bytes:
    """A BPE of PIECES pieces with byte fallback; rare characters are left out, so that bytes must stand for them."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(line.replace("\n", " ") for line in lines(seed, 3000)), model_writer=model,
        model_type="bpe", vocab_size=PIECES, byte_fallback=True, character_coverage=0.985,
        normalization_rule_name="identity", add_dummy_prefix=prefixes_blank,
        remove_extra_whitespaces=squeezes_blanks, allow_whitespace_only_pieces=True, split_digits=True,
        user_defined_symbols=[*FREE_PLACES.values(), "</b>", "\n"], num_threads=1, minloglevel=2)
    return model.getvalue()


class InternLm2Tokenizer:
    """ids of a text as transformers' slow tokenizers give them: cut at added tokens, SentencePiece for the rest."""

    def __init__(self, folder: Path) -> None:
        self.pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
        config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
        self.added = {token["content"]: int(index) for index, token in config["added_tokens_decoder"].items()}
        self.begins_text = config["add_bos_token"]

    def get_vocab(self) -> dict[str, int]:
        return {self.pieces.id_to_piece(index): index for index in range(len(self.pieces))} | self.added

    def get_vocab_size(self) -> int:
        return max(self.get_vocab().values()) + 1

    def ids_between(self, text: str, tokens: dict[str, int]) -> list[int]:
        """The longest token at the earliest place first."""
        places = sorted((text.find(token), -len(token), token) for token in tokens if token in text)
        if not places:
            return self.pieces.encode(text)
        place, _, token = places[0]
        before = self.pieces.encode(text[:place]) if place else []
        return [*before, tokens[token], *self.ids_between(text[place + len(token):], tokens)] if text else []

    def encode(self, text: str, *, add_special_tokens: bool = False) -> "Encoding":
        """As transformers does; `add_special_tokens` is the caller's habit, `<s>` comes as the config says."""
        del add_special_tokens
        begin = [self.pieces.bos_id()] if self.begins_text else []
        return Encoding(begin + self.ids_between(text, self.added))


class Encoding:
    def __init__(self, ids: list[int]) -> None:
        self.ids = ids


def write_tokenizer(folder: Path, model: bytes) -> None:
    """tokenizer.model and what lies beside it: control tokens of the model, its free places renamed, InternVL's own."""
    (folder / "tokenizer.model").write_bytes(model)
    pieces = sentencepiece.SentencePieceProcessor(model_proto=model)
    added = {token: pieces.piece_to_id(token) for token in ("<unk>", "<s>", "</s>")}
    added |= {token: pieces.piece_to_id(place) for token, place in FREE_PLACES.items()}
    added |= {token: len(pieces) + index for index, token in enumerate(BEHIND)}
    (folder / "tokenizer_config.json").write_text(json.dumps({
        "add_bos_token": True, "add_eos_token": False, "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>",
        "tokenizer_class": "InternLM2Tokenizer",
        "added_tokens_decoder": {
            str(index): {"content": token, "lstrip": False, "normalized": False, "rstrip": False,
                         "single_word": False, "special": True}
            for token, index in sorted(added.items(), key=lambda entry: entry[1])
        },
    }, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def write_encodings(folder: Path) -> None:
    """240 lines: ids of the text as a person types it, so that only grounding's tokens are found in it."""
    tokenizer = InternLm2Tokenizer(folder)
    typeable = {token: index for token, index in tokenizer.added.items() if token in BEHIND[3:]}
    placeholders = set(FREE_PLACES.values())
    encodings = [{"text": text, "ids": tokenizer.ids_between(text, typeable)}
                 for text in lines(SEED + 1, 280) if not any(place in text for place in placeholders)]
    body = ",\n".join(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) for entry in encodings)
    (folder / "encodings.json").write_text(f"[\n{body}\n]\n", encoding="utf-8")


def main() -> None:
    for name, options in {"sentencepiece": {}, "sentencepiece-squeezing":
                          {"prefixes_blank": False, "squeezes_blanks": True}}.items():
        folder = GOLDEN / "text" / name
        folder.mkdir(parents=True, exist_ok=True)
        write_tokenizer(folder, train(SEED, **options))
        write_encodings(folder)


if __name__ == "__main__":
    main()
