"""Picture files of every kind, and what PIL reads in them: test/golden/media/pictures and pictures.json.

The committed set, anew:   python picture_goldens.py
Needs numpy, pillow and torch of requirements.txt. Every run writes the same bytes, but for
moving.avif, which holds the time it was made (another build of an encoder may write other files that decode alike).
"""
import base64
import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageCms, ImageOps

from media_goldens import OUT, draw, write_json


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, bits: int, colour_type: int, rows: list[bytes]) -> bytes:
    """A PNG of a kind PIL doesn't write."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header)
            + png_chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))) + png_chunk(b"IEND", b""))


def wide_tiff(width: int, height: int, values: np.ndarray) -> bytes:
    """An uncompressed TIFF of 16 bits a channel, which PIL reads but doesn't write."""
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 3, 122), (259, 3, 1, 1), (262, 3, 1, 2),
               (273, 4, 1, 128), (277, 3, 1, 3), (278, 4, 1, height), (279, 4, 1, values.size * 2)]
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<I", 8) + directory + b"\0" * 4 + struct.pack("<3H", 16, 16, 16) + values.tobytes()


def display_p3() -> bytes:
    """A profile of Display P3's primaries and sRGB's curve. Source: ICC.1:2022, 7 to 10; W3C CSS Color 4, 10.3."""
    def fixed(*values: float) -> bytes:
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + fixed(*values)

    text = "Display P3".encode("utf-16-be")
    words = b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(text), 28) + text
    curve = b"para\0\0\0\0\0\3\0\0" + fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    tags = {b"desc": words, b"cprt": words, b"wtpt": xyz(0.9642, 1, 0.8249),
            b"rXYZ": xyz(0.51512, 0.24120, -0.00105), b"gXYZ": xyz(0.29198, 0.69225, 0.04189),
            b"bXYZ": xyz(0.15710, 0.06657, 0.78407), b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    table, content, start = b"", b"", 128 + 4 + 12 * len(tags)
    for name, value in tags.items():
        value += b"\0" * (-len(value) % 4)
        table += name + struct.pack(">II", start + len(content), len(value))
        content += value
    head = (b"\0" * 4 + struct.pack(">I4s4s4s", 0x04300000, b"mntr", b"RGB ", b"XYZ ") + b"\0" * 12 + b"acsp"
            + b"\0" * 28 + fixed(0.9642, 1, 0.8249)).ljust(124, b"\0")
    return struct.pack(">I", 128 + 4 + len(table + content)) + head + struct.pack(">I", len(tags)) + table + content


def write_pictures(folder: Path) -> None:
    width, height = 23, 17
    rgb = draw("gradient", width, height)
    noise = np.asarray(draw("noise", width, height))
    grey = rgb.getchannel(0)
    alpha = Image.fromarray(noise[..., 2] // 2 + noise[..., 1] // 3)
    rgba, grey_alpha = Image.merge("RGBA", (*rgb.split(), alpha)), Image.merge("LA", (grey, alpha))
    palette = rgb.quantize(17)
    turned = rgb.transpose(Image.Transpose.ROTATE_180)

    def save(name: str, picture: Image.Image, **options: Any) -> None:
        picture.save(folder / name, **options)

    for name, picture in {"rgb": rgb, "rgba": rgba, "grey": grey, "grey-alpha": grey_alpha, "palette": palette,
                          "bilevel": grey.convert("1")}.items():
        save(f"{name}.png", picture)
    for name, picture in {"rgba": rgba, "grey": grey, "palette": palette}.items():
        save(f"{name}.tif", picture)
    for name, picture in {"rgb": rgb, "rgba": rgba, "grey": grey, "palette": palette, "bilevel": grey.convert("1")}.items():
        save(f"{name}.bmp", picture)
    save("palette-transparent.png", palette, transparency=3)
    save("palette-alpha.png", palette, transparency=bytes([0, 50, 100, 200]))
    grey16 = Image.fromarray((np.arange(width * height, dtype=np.uint16) * 167).reshape(height, width))
    save("grey16.png", grey16)
    save("grey16.tif", grey16)
    wide = (noise.astype(">u2") * 257 - 100).reshape(height, width, 3)
    (folder / "rgb16.png").write_bytes(png(width, height, 16, 2, [row.tobytes() for row in wide]))
    (folder / "grey2.png").write_bytes(png(8, 4, 2, 0, [bytes([0x1B, 0xE4])] * 4))
    for quality, subsampling in ((95, 0), (85, 1), (60, 2)):
        save(f"rgb-4{subsampling}.jpg", rgb, quality=quality, subsampling=subsampling)
    save("progressive.jpg", rgb, progressive=True)
    save("grey.jpg", grey)
    save("cmyk.jpg", rgb.convert("CMYK"), quality=90)
    save("cmyk.tif", rgb.convert("CMYK"))
    save("group4.tif", grey.convert("1"), compression="group4")
    save("lzw.tif", rgb, compression="tiff_lzw")
    save("jpeg.tif", rgb, compression="jpeg")
    save("pages.tif", rgb, save_all=True, append_images=[turned])
    save("lossy.webp", rgb, quality=80)
    save("lossless-alpha.webp", rgba, lossless=True, exact=True)
    save("frames.webp", rgb, save_all=True, append_images=[turned], lossless=True)
    save("palette.gif", palette)
    save("transparent.gif", palette, transparency=3)
    save("frames.gif", palette, save_all=True, append_images=[turned.quantize(17)])
    save("rgb-444.avif", rgb, quality=90, subsampling="4:4:4")
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        save(f"turned-{orientation}.png", rgb, exif=exif)
        save(f"turned-{orientation}.jpg", rgb, exif=exif, quality=95, subsampling=0)
        save(f"turned-{orientation}.webp", rgb, exif=exif, lossless=True)
        save(f"turned-{orientation}.tif", rgb, tiffinfo=exif)
        save(f"turned-{orientation}.avif", rgb, exif=exif, quality=100, subsampling="4:4:4")
    (folder / "rgb16.tif").write_bytes(wide_tiff(width, height, wide.astype("<u2")))
    wide_alpha = np.dstack([wide, (noise[..., :1].astype(">u2") * 250)]).astype(">u2")
    (folder / "rgba16.png").write_bytes(png(width, height, 16, 6, [row.tobytes() for row in wide_alpha]))
    (folder / "grey-alpha16.png").write_bytes(png(width, height, 16, 4, [row.tobytes() for row in wide_alpha[..., 2:]]))
    (folder / "grey4.png").write_bytes(png(8, 4, 4, 0, [bytes([0x02, 0x46, 0x8A, 0xDF])] * 4))
    save("rgba.avif", rgba, quality=100, subsampling="4:4:4")
    save("rgb-420.avif", rgb, quality=90)
    save("grey.webp", grey.convert("RGB"), lossless=True)
    save("bilevel.tif", grey.convert("1"))
    profile = display_p3()
    for name, options in {"png": {}, "jpg": {"quality": 95, "subsampling": 0}, "tif": {}, "webp": {"lossless": True},
                          "avif": {"quality": 100, "subsampling": "4:4:4"}}.items():
        save(f"p3.{name}", rgb, icc_profile=profile, **options)
    exif = Image.Exif()
    exif[0x0112] = 8
    save("pages-unlike.tif", rgb, save_all=True,  # every page of another size, kind and turn
         append_images=[grey.resize((9, 31)), palette, turned.resize((40, 5)).convert("CMYK"), grey16])
    sprite = Image.new("RGBA", (width, height))
    sprite.paste(rgba.resize((9, 9)), (4, 5))
    save("moving.webp", rgba, save_all=True, append_images=[turned.convert("RGBA"), sprite], lossless=True)
    for name in ("moving.png", "moving.avif"):
        save(name, rgb, save_all=True, append_images=[turned], **({"quality": 100} if name.endswith("avif") else {}))
    moved = [rgb.copy() for _ in range(3)]
    for step, frame in enumerate(moved):
        frame.paste((250, 10 * step, 0), (3 + 5 * step, 4, 8 + 5 * step, 9))
    moved = [frame.quantize(60) for frame in moved]
    save("moving.gif", moved[0], save_all=True, append_images=moved[1:], disposal=1)


def show(picture: Image.Image) -> Image.Image:
    """As a person should see it: upright, on white, 16 bits scaled to 8, colours as sRGB."""
    profile = picture.info.get("icc_profile")
    picture = ImageOps.exif_transpose(picture)
    if profile:
        return ImageCms.profileToProfile(picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                                         ImageCms.createProfile("sRGB"), outputMode="RGB")
    if picture.mode == "I;16":
        return Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8)).convert("RGB")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture.convert("RGBA")).convert("RGB")


def pack(picture: Image.Image) -> dict[str, Any]:
    return {"width": picture.width, "height": picture.height,
            "rgb": base64.b64encode(zlib.compress(picture.tobytes(), 9)).decode()}


def seek(picture: Image.Image, page: int) -> Image.Image:
    picture.seek(page)
    return picture


def picture_goldens() -> None:
    folder = OUT / "pictures"
    folder.mkdir(exist_ok=True)
    write_pictures(folder)
    entries = []
    for file in sorted(folder.iterdir()):
        pages = getattr(Image.open(file), "n_frames", 1) if file.suffix in (".tif", ".gif", ".webp") else 1
        for page in range(pages):
            one = lambda: seek(Image.open(file), page)  # noqa: E731
            entry: dict[str, Any] = {"file": file.name}
            if pages > 1:
                entry["page"] = page + 1
            if not file.name.startswith("turned") or file.suffix != ".avif":  # turned by its decoder, before Pillow
                entry["reference"] = pack(one().convert("RGB"))
            shown = pack(show(one()))
            if shown != entry.get("reference"):
                entry["shown"] = shown
            entries.append(entry)
    write_json("pictures.json", entries)


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    picture_goldens()
