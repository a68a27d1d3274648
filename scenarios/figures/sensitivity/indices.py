"""What every picture of sensitivity indices has: a title, and how they were made."""

import xarray as xr
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from scenarios.figures.base.style import FOOTER, GREY, MM, TITLE, WIDTH, wrapped

LEAST = 0.005
"""A share of the variance that would print as 0 %."""


def lead(data: xr.Dataset) -> str:
    """Method, size, runs and seed, for the footer."""
    attrs = data.attrs
    runs = int(attrs["evaluations"])
    made = f", {runs} runs of the model" if runs else ", draws of the run"
    method = str(attrs["method"]).replace("_", " ")
    return f"Method {method}, n = {attrs['n']}{made}, seed {attrs['seed']}."


def blank(title: str, height: float, footer: str) -> Figure:
    """An empty figure of full width; `height` in millimetres, without the texts."""
    lines = wrapped(footer, FOOTER, most=6)
    head = wrapped(title, TITLE, most=2)
    extra = 5 * (1 + head.count("\n")) + 3 * (1 + lines.count("\n")) + 3
    figure = Figure(figsize=(WIDTH, (height + extra) * MM))
    FigureCanvasAgg(figure)
    figure.suptitle(head, x=0.01, ha="left", fontsize=9, fontweight="bold")
    figure.supxlabel(lines, x=0.01, ha="left", fontsize=6.5, color=GREY)
    return figure
