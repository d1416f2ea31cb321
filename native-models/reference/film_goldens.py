"""Films for tests and what FFmpeg shows of them: test/support/films/ and test/golden/media/films.json.

The committed set, anew:   python film_goldens.py
Needs `ffmpeg` and `ffprobe` 5.1 or later with libx264, libx265, libvpx and libaom, which only make and judge the test
films: the product has decoders of its own. Other builds of the encoders write other bytes that show the same frames.
"""
import base64
import json
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILMS = ROOT / "test" / "support" / "films"
GOLDEN = ROOT / "test" / "golden" / "media" / "films.json"
SAMPLES = ROOT / "assets" / "samples"

# Frame n has the brightness 16 + 4n, and a white upper left quarter: 25 frames a second, 50 frames, 64 × 48.
NUMBERED = "nullsrc=s=64x48:r=25:d=2,format=yuv420p,geq=lum='if(lt(X,W/2)*lt(Y,H/2),235,16+4*N)':cb=128:cr=128"
SCENES = "nullsrc=s=64x48:r=25:d=4,format=yuv420p,geq=lum='if(lt(N,60),40,if(lt(N,66),200,110))':cb=128:cr=128"
COLOURS = "testsrc=s=64x48:r=5:d=1"
X264 = ["-c:v", "libx264", "-crf", "8"]
SHORT_GROUPS = ["-g", "12"]
QUIET_X265 = ["-c:v", "libx265", "-crf", "8", "-x265-params"]
VP9 = ["-c:v", "libvpx-vp9", "-crf", "10", "-b:v", "0", *SHORT_GROUPS]
SLOWING = "setpts='if(lt(N,25),N,25+(N-25)*4)/25/TB'"  # from the second second on at a quarter of the rate

MADE_FROM = {  # file: (what it shows, how it is stored)
    "h264.mp4": (NUMBERED, [*X264, *SHORT_GROUPS, "-bf", "3"]),
    "h265.mov": (NUMBERED, [*QUIET_X265, "keyint=12:log-level=none", "-tag:v", "hvc1"]),
    "vp8.webm": (NUMBERED, ["-c:v", "libvpx", "-crf", "4", "-b:v", "1M", *SHORT_GROUPS,
                            "-auto-alt-ref", "1", "-lag-in-frames", "16"]),
    "vp9.webm": (NUMBERED, VP9),
    "av1.mkv": (NUMBERED, ["-c:v", "libaom-av1", "-cpu-used", "8", "-crf", "10", *SHORT_GROUPS]),
    "no-duration.webm": (NUMBERED, [*VP9, "-live", "1"]),
    "fragments.mp4": (NUMBERED, [*X264, *SHORT_GROUPS, "-movflags", "frag_keyframe+empty_moov+default_base_moof"]),
    "open-groups.mp4": (NUMBERED, [*X264, "-bf", "3", "-x264opts", "open-gop=1:keyint=12"]),
    "open-groups.mkv": (NUMBERED, [*QUIET_X265, "keyint=12:open-gop=1:log-level=none"]),
    "interlaced.mp4": (NUMBERED, [*X264, *SHORT_GROUPS, "-flags", "+ildct+ilme", "-x264opts", "tff=1"]),
    "variable-rate.mp4": (f"{NUMBERED},{SLOWING}", [*X264, *SHORT_GROUPS, "-vsync", "vfr"]),
    "one-frame.mp4": (NUMBERED, [*X264, "-frames:v", "1"]),
    "three-scenes.mp4": (SCENES, ["-c:v", "libx264", "-crf", "12", "-g", "50"]),
    "hdr.mp4": (NUMBERED, [*QUIET_X265, "log-level=none", "-pix_fmt", "yuv420p10le", "-frames:v", "2"]),
    "unknown-codec.mkv": (NUMBERED.replace("64x48", "16x16"), ["-c:v", "huffyuv", "-frames:v", "1"]),
    "colours-hd.mp4": (f"{COLOURS},scale=out_color_matrix=bt709,format=yuv420p", [*X264, "-colorspace", "bt709"]),
    "colours-full.webm": (f"{COLOURS},scale=out_color_matrix=bt709:out_range=full,format=yuv444p",
                          [*VP9, "-colorspace", "bt709", "-color_range", "pc"]),
}


def run(*command: str | Path) -> bytes:
    return subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE).stdout


def ffmpeg(*arguments: str | Path) -> bytes:
    exact = ["-fflags", "+bitexact", "-flags:v", "+bitexact"]
    *rest, target = arguments
    return run("ffmpeg", "-hide_banner", "-loglevel", "error", "-y", *rest, *exact, target)


def make_films() -> None:
    FILMS.mkdir(parents=True, exist_ok=True)
    for name, (shown, stored) in MADE_FROM.items():
        ffmpeg("-f", "lavfi", "-i", shown, *stored, FILMS / name)
    ffmpeg("-f", "lavfi", "-i", "sine=d=0.3", "-c:a", "aac", "-b:a", "16k", FILMS / "sound-only.mp4")
    # Two seconds of a number, then two of circles, as the embedded model knows them.
    still = ["-loop", "1", "-framerate", "5", "-t", "2", "-i"]
    ffmpeg(*still, SAMPLES / "number.png", *still, SAMPLES / "shapes.png", "-filter_complex",
           "[0][1]concat,format=yuv420p", "-c:v", "libx264", "-crf", "10", "-g", "5", FILMS / "samples.mp4")
    with tempfile.TemporaryDirectory() as folder:
        upright = Path(folder) / "upright.mp4"
        # 601 is what FFmpeg and players take for small films that don't tell.
        ffmpeg("-f", "lavfi", "-i", f"{COLOURS},scale=out_color_matrix=bt601,format=yuv420p", *X264, upright)
        ffmpeg("-i", upright, "-c", "copy", "-metadata:s:v:0", "rotate=90", FILMS / "turned.mp4")


def read_frames(name: str) -> dict:
    """Times of all frames from the first, and RGB pixels of the first and last, turned as the file says."""
    probe = run("ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "frame=pts_time", "-of", "csv=p=0",
                FILMS / name)
    seconds = [float(line.strip(",")) for line in probe.decode().split() if line.strip(",")]
    times = [round((each - seconds[0]) * 1000) for each in seconds]
    # `neighbor` leaves the colours of a pixel where they were stored.
    flags = "accurate_rnd+full_chroma_int+neighbor"
    sizes = run("ffmpeg", "-v", "error", "-i", FILMS / name, "-vf", f"scale=sws_flags={flags},format=rgb24",
                "-vsync", "passthrough", "-f", "rawvideo", "-")
    frame_bytes = 64 * 48 * 3
    assert len(sizes) == frame_bytes * len(times), name
    pick = lambda index: base64.b64encode(sizes[index * frame_bytes:][:frame_bytes]).decode()
    return {"timesMs": times, "first": pick(0), "last": pick(len(times) - 1)}


if __name__ == "__main__":
    make_films()
    films = ["turned.mp4", "colours-hd.mp4", "colours-full.webm", "variable-rate.mp4"]
    lines = [f"{json.dumps(name)}:{json.dumps(read_frames(name), separators=(',', ':'))}" for name in films]
    GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n")
