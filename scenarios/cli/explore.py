"""The command ``potline explore``: a study's own model in one HTML file."""

from pathlib import Path

from scenarios.cli import options


def explore(
    config: options.Config,
    out: options.PageFile = Path("explorer.html"),
    draws: options.PageDraws = None,
    inputs: options.PageInputs = None,
    scenarios: options.PageScenarios = None,
    data_dir: options.DataDir = None,
    language: options.Language = None,
) -> None:
    """Write a page in which power mix, levers and inputs can be moved.

    Example: potline explore configs/china_grid_mixes.yaml -o explorer.html

    Example: potline explore study.yaml --scenarios yunnan --draws 512
    """
    from scenarios.explorer import DRAWS, sized
    from scenarios.loading.load import load
    from uncertainty.storage import write_text

    if not out.parent.is_dir():
        raise options.OptionError(f"{out}: there is no such folder")
    text, held = sized(
        load(config, data_dir=data_dir),
        draws=draws,
        language=options.LANGUAGE.get(),
        scenarios=scenarios or (),
        inputs=inputs or (),
    )
    write_text(out, text)
    size = len(text.encode()) / 1e6
    print(options.words()("common.open", file=out, size=size))
    if draws is None and held < DRAWS:
        print(options.words()("common.fewer_draws", held=held, usual=DRAWS))
