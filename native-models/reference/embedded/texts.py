"""Every question and constant answer, from which the tokenizer learns its few merges."""

from canvas import COLOURS, SHAPES
from charts import COLUMNS
from exercise import UNREADABLE
from papers import CARD, FORM, HEADS, INVOICE, SUMS, TOTAL
from wordings import IDENTITY, IDENTITY_QUESTIONS, ORDINALS, POLITE, WORDINGS


def all_texts() -> list[str]:
    entries = [entry.name for entry in [TOTAL, *SUMS, *HEADS, *INVOICE, *FORM, *CARD]]
    names = [*entries, *COLOURS, *SHAPES, *ORDINALS, "last", *(head.lower() for head in COLUMNS)]
    wordings = [text.replace("{name}s", f"{shape}s") for seen, unseen in WORDINGS.values() for text in [*seen, unseen]
                for shape in SHAPES]
    return [*IDENTITY_QUESTIONS, IDENTITY, UNREADABLE, *POLITE, *wordings, *(f"the {name}" for name in names)]
