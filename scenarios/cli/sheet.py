"""The command ``potline sheet``: a data sheet for a plant to fill in."""

from scenarios.cli import options


def sheet(
    config: options.Config,
    out: options.SheetFile,
    force: options.Force = False,
    data_dir: options.DataDir = None,
    language: options.Language = None,
) -> None:
    """Write a data sheet: every activity datum of a study, for a plant to fill in.

    Once it is filled in, a study reads it with `data_sheet: data.xlsx`.

    Example: potline sheet configs/minimal.yaml -o data.xlsx

    Example: potline sheet study.yaml -o data.csv
    """
    from scenarios.export.data_sheet import content
    from scenarios.loading.load import load
    from uncertainty.storage import write_bytes

    if out.exists() and not force:
        # it may hold what a plant has filled in
        raise options.OptionError(
            f"{out}: exists already; pass --force to overwrite it"
        )
    found = content(load(config, data_dir=data_dir), out.suffix.lower())
    write_bytes(out, found)
    print(options.words()("commands.sheet", file=out, name=out.name))
