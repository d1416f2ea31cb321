"""Tiny Parquet files with the columns that the card's benchmarks have on the Hub: test/golden/datasets/.

    pip install pyarrow==26.0.1 && python parquet_fixtures.py

Columns and types are those of the data sets' pages (lmms-lab/DocVQA, AI4Math/MathVista, MMMU/MMMU, BLINK-Benchmark/BLINK,
lmms-lab/RefCOCO, rootsautomation/ScreenSpot, lmms-lab/POPE, lmms-lab/Video-MME, openai/gsm8k, cais/mmlu); what stands in
them is made up. Compressions: what the Hub writes (snappy) and the others that its users upload.
"""

import struct
import zlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

OUT = Path(__file__).resolve().parents[2] / "test" / "golden" / "datasets"
PICTURE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def png(value: int) -> bytes:
    """A grey picture of 8 x 8 pixels."""
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    rows = b"".join(b"\0" + bytes([value] * 8) for _ in range(8))
    head = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def picture(value: int) -> dict[str, object]:
    return {"bytes": png(value), "path": None}


FILES: dict[str, tuple[pa.Schema, list[dict[str, object]], dict[str, object]]] = {
    "docvqa/validation-00000-of-00001.parquet": (
        pa.schema([("questionId", pa.string()), ("question", pa.string()), ("question_types", pa.list_(pa.string())),
                   ("image", PICTURE), ("docId", pa.int64()), ("answers", pa.list_(pa.string()))]),
        [{"questionId": f"{at}", "question": f"What is number {at}?", "question_types": ["layout"],
          "image": picture(at), "docId": at, "answers": [f"{at}", f'"{at}", they say']} for at in range(5)],
        {"compression": "snappy", "row_group_size": 2}),
    "mathvista/testmini-00000-of-00001.parquet": (
        pa.schema([("pid", pa.string()), ("question", pa.string()), ("image", pa.string()), ("decoded_image", PICTURE),
                   ("choices", pa.list_(pa.string())), ("answer", pa.string()), ("question_type", pa.string()),
                   ("answer_type", pa.string()), ("query", pa.string())]),
        [{"pid": "1", "question": "Which angle?", "image": "images/1.jpg", "decoded_image": picture(1),
          "choices": ["90°", "145°"], "answer": "145°", "question_type": "multi_choice", "answer_type": "text",
          "query": "Hint: …\nQuestion: Which angle?"},
         {"pid": "2", "question": "How long?", "image": "images/2.jpg", "decoded_image": picture(2), "choices": None,
          "answer": "1.2", "question_type": "free_form", "answer_type": "float", "query": "How long is it?"}],
        {"compression": "zstd"}),
    "mmmu/validation-00000-of-00001.parquet": (
        pa.schema([("id", pa.string()), ("question", pa.string()), ("options", pa.string()),
                   *[(f"image_{at}", PICTURE) for at in range(1, 8)], ("answer", pa.string()),
                   ("question_type", pa.string()), ("subfield", pa.string())]),
        [{"id": "validation_Art_1", "question": "Compare <image 1> and <image 2>.", "options": "['first', 'second']",
          "image_1": picture(1), "image_2": picture(2), "answer": "B", "question_type": "multiple-choice"}],
        {"compression": "gzip"}),
    "blink/val-00000-of-00001.parquet": (
        pa.schema([("idx", pa.string()), ("question", pa.string()), ("sub_task", pa.string()),
                   ("choices", pa.list_(pa.string())), ("answer", pa.string()), ("image_1", PICTURE),
                   ("image_2", PICTURE)]),
        [{"idx": "val_Counting_1", "question": "How many?", "sub_task": "Counting", "choices": ["0", "3"],
          "answer": "(B)", "image_1": picture(3), "image_2": None}],
        {"compression": "none"}),
    "refcoco/val-00000-of-00001.parquet": (
        pa.schema([("question_id", pa.string()), ("image", PICTURE), ("question", pa.string()),
                   ("answer", pa.list_(pa.string())), ("bbox", pa.list_(pa.float32()))]),
        [{"question_id": "7", "image": picture(7), "question": "Give a description.",
          "answer": ["the left horse", "horse"], "bbox": [10.5, 20.0, 30.0, 40.0]}],
        {"compression": "brotli"}),
    "screenspot/test-00000-of-00001.parquet": (
        pa.schema([("file_name", pa.string()), ("bbox", pa.list_(pa.float64())), ("instruction", pa.string()),
                   ("data_type", pa.string()), ("image", PICTURE)]),
        [{"file_name": "a.png", "bbox": [0.1, 0.2, 0.3, 0.4], "instruction": "close this window", "data_type": "icon",
          "image": picture(9)}],
        {"compression": "snappy"}),
    "pope/test-00000-of-00001.parquet": (
        pa.schema([("id", pa.string()), ("question_id", pa.string()), ("question", pa.string()),
                   ("answer", pa.string()), ("image", PICTURE), ("category", pa.string())]),
        [{"id": "0", "question_id": "1", "question": "Is there a snowboard in the image?", "answer": "yes",
          "image": picture(5), "category": "adversarial"}],
        {"compression": "snappy"}),
    "video-mme/test-00000-of-00001.parquet": (
        pa.schema([("video_id", pa.string()), ("videoID", pa.string()), ("question_id", pa.string()),
                   ("task_type", pa.string()), ("question", pa.string()), ("options", pa.list_(pa.string())),
                   ("answer", pa.string())]),
        [{"video_id": "001", "videoID": "fFjv93ACGo8", "question_id": "001-1", "task_type": "Counting Problem",
          "question": "How many?", "options": ["A. One.", "B. Two."], "answer": "B"}],
        {"compression": "snappy"}),
    "gsm8k/test-00000-of-00001.parquet": (
        pa.schema([("question", pa.string()), ("answer", pa.string())]),
        [{"question": "16 eggs, 3 eaten. How many are left?", "answer": "16 - 3 = <<16-3=13>>13\n#### 13"}],
        {"compression": "snappy", "use_dictionary": False}),
    "mmlu/test-00000-of-00001.parquet": (
        pa.schema([("question", pa.string()), ("subject", pa.string()), ("choices", pa.list_(pa.string())),
                   ("answer", pa.int64())]),
        [{"question": "Which is a prime?", "subject": "number_theory", "choices": ["4", "6", "7", "9"], "answer": 2}],
        {"compression": "snappy", "data_page_version": "2.0"}),
}


def main() -> None:
    for name, (schema, rows, options) in FILES.items():
        path = OUT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), path, **options)


if __name__ == "__main__":
    main()
