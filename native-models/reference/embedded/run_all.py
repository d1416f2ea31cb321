"""Runs the whole: train, export, draw the held-out pictures and samples, evaluate; `--smoke` proves it in minutes."""

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def run(*words: str | Path | int) -> None:
    print("+", *words, flush=True)
    subprocess.run([sys.executable, *(str(word) for word in words)], cwd=HERE, check=True)


def run_all(state: Path, out: Path, smoke: bool) -> None:
    """State files go to `state` (a rerun goes on from them); checkpoint, samples and drawings to `out`."""
    eye, both = (["--steps", 12], ["--steps", 6, "--tiles", 24]) if smoke else (
        ["--steps", 6000], ["--steps", 40_000, "--cool", 4000, "--int4"])
    run("train_eye.py", "--state", state, *eye)
    run("train.py", "--state", state, *both)
    run("export.py", state / "both.pt", out / "embedded-model")
    run("check_language.py", out / "embedded-model")
    run("samples.py", out / "samples")
    run("held_out.py", out / "held-out", "--share", 0.02 if smoke else 1)
    run("evaluate.py", out / "embedded-model", out / "held-out", *(["--longest", 8] if smoke else []))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("state", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--smoke", action="store_true", help="a few steps of everything")
    parsed = parser.parse_args()
    run_all(parsed.state.resolve(), parsed.out.resolve(), parsed.smoke)
