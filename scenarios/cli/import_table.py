"""The command ``potline import``: an inventory table into inputs."""

from pathlib import Path

from scenarios.cli import options


def import_(
    table: options.Inventory,
    out: options.InputsFile = Path("inputs.yaml"),
    force: options.Force = False,
    language: options.Language = None,
) -> None:
    """Turn an inventory table into inputs; every fault is told by its row.

    Example: potline import inventory.csv --out inputs.yaml

    Example: potline import inventory.csv --force
    """
    from scenarios.export.product import inputs_text
    from scenarios.export.run_folder import write_file

    text, count = inputs_text(table)
    if out.exists() and not force:
        message = f"{out}: exists already; pass --force to overwrite it"
        raise options.OptionError(message)
    write_file(out, text)
    print(options.words()("commands.imported", count=count, file=out))
