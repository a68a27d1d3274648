"""The command ``potline show``: a result again, or one scenario of it."""

from scenarios.cli import options


def show(
    result: options.Result,
    scenario: options.Scenario = None,
    year: options.Year = None,
    as_json: options.AsJson = False,
    language: options.Language = None,
) -> None:
    """Show a result again.

    Example: potline show results/china_grid_mixes --scenario yunnan

    Example: potline show results/china_grid_mixes --json
    """
    found = options.opened(result)
    if as_json:
        options.print_json(found.as_object())
        return
    from scenarios.words import run as lines
    from scenarios.words.finding import finding

    words, console = options.words(), options.make()
    if scenario is not None:
        blocks = [lines.stages(found, found.cell(scenario, year), words)]
    else:
        first = iter(finding(found, words))
        blocks = [first, lines.summary(found, words), lines.notes(found, words)]
    for block in blocks:
        for line in block:
            console.print(line)
