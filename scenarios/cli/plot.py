"""The command ``potline plot``: figures of a result."""

from scenarios.cli import options


def plot(
    result: options.Result,
    kind: options.Kind = None,
    scenario: options.Chosen = None,
    out: options.OutFolder = None,
    language: options.Language = None,
) -> None:
    """Draw figures of a result as PNG and SVG.

    Kinds: stages, sources, gases, accounts, density, intervals, convergence, fan,
    differences, ranks, pairs, waterfall, tornado, inputs, process.

    Example: potline plot results/china_grid_mixes --kind tornado --scenario yunnan
    """
    from scenarios import figures
    from scenarios.figures import gallery
    from scenarios.results.file import open_result, result_file
    from uncertainty.storage import make_folder

    folder = out or result_file(result).parent
    drawn = gallery.pictures(open_result(result), kind, scenario or None)
    make_folder(folder)
    for name, figure in drawn:
        for path in figures.save(figure, folder / name, options.FORMATS["all"]):
            print(path)
