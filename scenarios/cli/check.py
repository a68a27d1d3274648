"""The command ``potline check``: faults of a study, or its inputs."""

import typer

from scenarios.cli import options


def check(
    config: options.Config,
    strict: options.Strict = False,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    language: options.Language = None,
) -> None:
    """Look for faults; list inputs, and values that are recalled or assumed.

    Example: potline check configs/china_grid_mixes.yaml
    """
    from scenarios.errors import ConfigError
    from scenarios.loading.load import load

    try:
        study = load(config, data_dir=data_dir, strict=strict)
    except ConfigError as error:
        if not as_json:
            raise
        faults = [
            {
                "file": fault.file,
                "line": fault.line,
                "path": fault.where,
                "message": options.message(fault.message),
            }
            for fault in error.faults
        ]
        options.print_json({"faults": faults, "warnings": []})
        raise typer.Exit(2) from None
    warnings = [options.message(text) for text in study.warnings]
    if as_json:
        options.print_json({"faults": [], "warnings": warnings})
        return
    from scenarios.words.inspection import inputs_table, marks

    console = options.make()
    words = options.words()
    console.print(inputs_table(study, words))
    for line in marks(study, words):
        console.print(line)
    for text in warnings:
        console.print(words("common.warning", text=text))
    console.print(words("commands.no_faults", file=config))
