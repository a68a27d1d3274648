"""The command ``potline check``: faults of a study, what is odd, and its inputs."""

import typer

from scenarios.cli import options


def check(
    config: options.Config,
    inputs: options.Inputs = False,
    strict: options.Strict = False,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    language: options.Language = None,
) -> None:
    """Look for faults; say what is odd, and which values are recalled or assumed.

    Example: potline check configs/china_grid_mixes.yaml --inputs

    Example: potline check study.yaml --strict
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
    key = "no_faults" if inputs else "no_faults_brief"
    count = len(study.model().inputs)
    console.print(words(f"commands.{key}", file=config, count=count))
    for text in warnings:
        console.print(words("common.warning", text=text))
    for line in marks(study, words):
        console.print(line)
    if inputs:
        console.print(inputs_table(study.in_language(words.language), words))
