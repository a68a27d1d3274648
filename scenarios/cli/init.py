"""The command ``potline init``: a commented study to start from."""

from pathlib import Path

from scenarios.cli import options


def init(
    path: options.NewFile = Path("study.yaml"),
    force: options.Force = False,
    language: options.Language = None,
) -> None:
    """Write a commented study to start from.

    Example: potline init study.yaml
    """
    from scenarios.export.run_folder import write_file
    from scenarios.library import catalogue as shipped

    if path.exists() and not force:
        text = f"{path}: exists already; pass --force to overwrite it"
        raise options.OptionError(text)
    write_file(path, shipped.template())
    print(options.words()("commands.init", file=path))
