"""The command ``potline library``: what is shipped, with sources."""

from scenarios.cli import options


def library(
    what: options.List = "files",
    name: options.Part = None,
    as_json: options.AsJson = False,
    language: options.Language = None,
) -> None:
    """List what is shipped, with sources.

    Example: potline library mixes yunnan

    Example: potline library inputs 'electricity kWh/t'
    """
    from scenarios.words.inspection import LISTS, listing

    if what not in LISTS:
        from uncertainty.errors import nearest

        near, known = nearest(what, LISTS), ", ".join(LISTS)
        raise options.OptionError(f"no such list: {what}{near}; there are {known}")
    head, found = listing(what, name or "", options.LANGUAGE.get())
    if as_json:
        options.print_json([dict(zip(head, row, strict=True)) for row in found])
        return
    from rich.table import Table

    words, table = options.words(), Table(box=None, pad_edge=False)
    for word in head:
        title, id = words(f"inspection.head.{word}"), word in {"input", "mix", "lever"}
        table.add_column(title, overflow="fold", no_wrap=id)
    for row in found:
        table.add_row(*row)
    options.make().print(table)
