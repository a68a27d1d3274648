"""The command ``potline plan``: what to measure next."""

from scenarios.cli import options


def plan(
    source: options.Source,
    target_width: options.TargetWidth = None,
    reading: options.Reading = None,
    output: options.PlannedOutput = None,
    against: options.Against = None,
    scenario: options.Searched = None,
    year: options.SearchedYear = None,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    language: options.Language = None,
) -> None:
    """Say what to measure next: how far readings of each input narrow the interval.

    Example: potline plan results/china_grid_mixes --target-width '10 %'

    Example: potline plan configs/minimal.yaml --reading casting.melt_loss='0.1 %'
    """
    from scenarios.analysis.planning import plan as planned
    from scenarios.results import PRIMARY
    from scenarios.words.planning import lines

    spreads = options.assignments("--reading", reading or ())
    subject = options.subject(source, data_dir)
    found = planned(
        subject,
        target=target_width,
        readings=spreads,
        scenario=scenario,
        year=year,
        output=output or PRIMARY,
        against=against,
    )
    if as_json:
        options.print_json(found.as_object())
        return
    words, console = options.words_for(subject), options.make()
    for line in lines(found, words):
        console.print(line)
