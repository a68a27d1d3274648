"""The command ``potline plot``: figures of a result."""

from scenarios.cli import options


def plot(
    result: options.Result,
    kind: options.Kind = None,
    scenario: options.Chosen = None,
    size: options.ShownSize = "page",
    sort: options.Sort = "value",
    limit: options.DrawnLimit = None,
    out: options.OutFolder = None,
    language: options.Language = None,
) -> None:
    """Draw figures of a result as PNG and SVG.

    Example: potline plot results/china_grid_mixes --kind tornado --scenario yunnan

    Example: potline plot results/china_grid_mixes --kind densities --out figures
    """
    from scenarios import figures
    from scenarios.analysis.thresholds import told_apart
    from scenarios.figures import gallery
    from scenarios.figures.base import style
    from scenarios.results.file import result_file
    from uncertainty.storage import make_folder

    options.one_of("--size", size, style.SIZES)
    options.one_of("--sort", sort, ("value", "study"))
    opened = options.opened(result)
    folder = out or result_file(result).parent
    per, _ = opened.shown_units
    values, _ = told_apart(limit or (), (), opened.units)
    chosen = scenario or (opened.scenarios if sort == "study" else None)
    with style.sized(size), style.limited([value / per for value in values]):
        drawn = gallery.pictures(opened, kind, chosen)
        make_folder(folder)
        for name, figure in drawn:
            for path in figures.save(figure, folder / name, options.FORMATS["all"]):
                print(path)


def kinds() -> str:
    """Every kind of figure with what it shows, for the help."""
    from scenarios.figures import KINDS
    from scenarios.words.help import translated_help

    translated = str if options.LANGUAGE.get() == "en" else translated_help
    lines = [
        f"  {'*' if kind.is_default else ' '} {name:12} {translated(kind.shows)}"
        for name, kind in KINDS.items()
    ]
    head = translated("Kinds of figures (* those that a run draws):")
    return "\n".join(["", "", head, *lines])
