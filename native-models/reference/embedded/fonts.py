"""The fonts that drawings use, by the Debian package that installs them: families to learn from, and three never learnt."""

import os
from functools import cache
from pathlib import Path
from random import Random

from PIL import ImageFont

FONT_ROOT = Path(os.environ.get("FONT_ROOT", "/usr/share/fonts"))  # Debian's folder

# Package -> font files. The first list is drawn three times as often: it is what screens and papers show most.
COMMON = {
    "fonts-liberation": ["truetype/liberation/LiberationSans-Regular.ttf", "truetype/liberation/LiberationSans-Bold.ttf"],
    "fonts-dejavu-core": ["truetype/dejavu/DejaVuSans.ttf", "truetype/dejavu/DejaVuSans-Bold.ttf"],
    "fonts-roboto-unhinted": ["truetype/roboto/unhinted/RobotoTTF/Roboto-Regular.ttf",
                              "truetype/roboto/unhinted/RobotoTTF/Roboto-Medium.ttf"],
    "fonts-open-sans": ["truetype/open-sans/OpenSans-Regular.ttf", "truetype/open-sans/OpenSans-Semibold.ttf"],
    "fonts-inter": ["opentype/inter/Inter-Regular.otf", "opentype/inter/Inter-SemiBold.otf"],
}
OTHER = {
    "fonts-liberation (serif, mono)": ["truetype/liberation/LiberationSerif-Regular.ttf",
                                       "truetype/liberation/LiberationSerif-Bold.ttf",
                                       "truetype/liberation/LiberationMono-Regular.ttf",
                                       "truetype/liberation/LiberationMono-Bold.ttf"],
    "fonts-dejavu-core (mono, serif)": ["truetype/dejavu/DejaVuSansMono.ttf", "truetype/dejavu/DejaVuSerif.ttf"],
    "fonts-lato": ["truetype/lato/Lato-Regular.ttf", "truetype/lato/Lato-Bold.ttf"],
    "fonts-cantarell": ["opentype/cantarell/Cantarell-Regular.otf", "opentype/cantarell/Cantarell-Bold.otf"],
    "fonts-crosextra-carlito": ["truetype/crosextra/Carlito-Regular.ttf", "truetype/crosextra/Carlito-Bold.ttf"],
    "fonts-crosextra-caladea": ["truetype/crosextra/Caladea-Regular.ttf"],
    "fonts-cabin": ["opentype/cabin/Cabin-Regular.otf", "opentype/cabin/Cabin-SemiBold.otf"],
    "fonts-quicksand": ["truetype/quicksand/Quicksand-Medium.ttf"],
    "fonts-jetbrains-mono": ["truetype/jetbrains-mono/JetBrainsMono-Regular.ttf"],
    "fonts-linuxlibertine": ["opentype/linux-libertine/LinLibertine_R.otf"],
}
UNSEEN = {
    "fonts-clear-sans": ["truetype/clear-sans/ClearSans-Regular.ttf", "truetype/clear-sans/ClearSans-Bold.ttf"],
    "fonts-sil-gentium-basic": ["truetype/gentium-basic/GenBasR.ttf"],
    "fonts-hack": ["truetype/hack/Hack-Regular.ttf"],
}


def files_of(packages: dict[str, list[str]]) -> list[str]:
    return [name for names in packages.values() for name in names]


def choose_font(random: Random, unseen: bool = False) -> str:
    """A font file's name; `unseen` draws from the three families that training never shows."""
    if unseen:
        return random.choice(random.choice(list(UNSEEN.values())))
    return random.choice(files_of(COMMON if random.random() < 0.6 else OTHER))


@cache
def load_font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """The font at `size` px; the basic layout engine, so that advances add up to where each character stands."""
    return ImageFont.truetype(str(FONT_ROOT / name), size, layout_engine=ImageFont.Layout.BASIC)


@cache
def cap_height(font: ImageFont.FreeTypeFont) -> tuple[int, int]:
    """Top and bottom of a capital below the drawing position, in px."""
    _, top, _, bottom = font.getbbox("H")
    return top, bottom
