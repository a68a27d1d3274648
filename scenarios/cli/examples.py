"""The command ``potline examples``: shipped studies, and a copy of one."""

from pathlib import Path

from scenarios.cli import options


def examples(
    action: options.Action = "list",
    name: options.Example = None,
    force: options.Force = False,
    language: options.Language = None,
) -> None:
    """List the shipped studies, or copy one to the current folder.

    Example: potline examples get minimal

    Example: potline examples list
    """
    from scenarios.export.run_folder import write_file
    from scenarios.library import catalogue as shipped
    from uncertainty.errors import nearest

    studies = shipped.examples()
    if action == "list" and name is None:
        width = max(map(len, studies), default=0)
        for study, path in studies.items():
            print(f"{study:{width}}  {shipped.title(path, options.LANGUAGE.get())}")
        return
    if action != "get" or name is None:
        raise options.OptionError(
            "write `potline examples` or `potline examples get NAME`"
        )
    if name not in studies:
        near, known = nearest(name, studies), ", ".join(studies)
        raise options.OptionError(
            f"no example is called {name}{near}; there are {known}"
        )
    target = Path(f"{name}.yaml")
    if target.exists() and not force:
        text = f"{target}: exists already; pass --force to overwrite it"
        raise options.OptionError(text)
    write_file(target, studies[name].read_text(encoding="utf-8"))
    print(options.words()("commands.init", file=target))
