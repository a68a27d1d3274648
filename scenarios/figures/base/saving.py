"""Figures on disk: whole or not at all, and the same bytes for the same run."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from scenarios.errors import ScenarioError
from scenarios.figures.base.style import DPI, any_glyph, house_style, laid_out

# a date would make every file differ
METADATA: dict[str, dict[str, None]] = {
    "png": {},
    "svg": {"Date": None},
    "pdf": {"CreationDate": None},
}
"""Formats that can be written, and what to leave out of each."""


def save(figure: Figure, path: Path, formats: Sequence[str] = ("png",)) -> list[Path]:
    """Write a figure, once a format.

    Parameters
    ----------
    figure : Figure
    path : Path
        Without the format's ending, which is put at its end; its folder exists.
    formats : sequence of {"png", "svg", "pdf"}

    Returns
    -------
    list of Path
        The files written. The same figure gives the same bytes.

    Raises
    ------
    ScenarioError
        The format is not known, or the file cannot be written.
    """
    for kind in formats:
        if kind not in METADATA:
            known = ", ".join(METADATA)
            raise ScenarioError(f"no figure format {kind!r}; there are {known}")
    return [_write(figure, path.with_name(f"{path.name}.{k}"), k) for k in formats]


def _write(figure: Figure, path: Path, kind: str) -> Path:
    draft = None
    try:
        draft = path.with_name(f".{os.urandom(8).hex()}.part")
        draft.touch(mode=0o666, exist_ok=False)
        with house_style(), any_glyph(), laid_out():
            if kind == "png":
                _write_png(figure, draft)
            else:
                figure.savefig(draft, format=kind, metadata=METADATA[kind])
            if kind == "svg" and figure.dpi != DPI:
                _scale_svg(draft, figure.dpi / DPI)
        draft.replace(path)
    except OSError as error:
        raise ScenarioError(f"{path}: cannot be written ({error})") from error
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)
    return path


def _write_png(figure: Figure, path: Path) -> None:
    """Draw a figure as it stands; opaque, since no part of one is clear."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]  # matplotlib states no types here
    seen = canvas.buffer_rgba()  # type: ignore[no-untyped-call]  # nor here
    pixels = Image.frombuffer("RGBA", canvas.get_width_height(), seen)
    about = PngInfo()
    about.add_text("Software", f"Matplotlib version{matplotlib.__version__}")
    pixels.convert("RGB").save(
        path, "png", compress_level=3, dpi=(DPI, DPI), pnginfo=about
    )


def _scale_svg(path: Path, scale: float) -> None:
    """Give a drawing the size it is shown in; what is in it stays."""
    head, sep, rest = path.read_text(encoding="utf-8").partition("viewBox")

    def larger(found: re.Match[str]) -> str:
        return f'{found[1]}="{scale * float(found[2]):.6g}pt"'

    sized = re.sub(r'\b(width|height)="([\d.]+)pt"', larger, head)
    path.write_text(sized + sep + rest, encoding="utf-8")
