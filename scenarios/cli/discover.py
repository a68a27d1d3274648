"""The command ``potline discover``: when a claim fails."""

from scenarios.cli import options


def discover(
    source: options.Source,
    claim: options.Claim,
    scenario: options.Searched = None,
    year: options.SearchedYear = None,
    method: options.Search = "prim",
    probability: options.Sure = 0.95,
    figures: options.FigureFolder = None,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    language: options.Language = None,
) -> None:
    """Find when a claim fails: how often, for which inputs, and until which year.

    Example: potline discover results/china_grid_mixes --claim 'footprint < 13.5 t'

    Example: potline discover configs/minimal.yaml --claim 'footprint < 13 t'
    """
    from scenarios.analysis.discovery import discover as found_by
    from scenarios.words.discovery import lines

    subject = options.subject(source, data_dir)
    found = found_by(
        subject,
        claim,
        scenario=scenario,
        year=year,
        method=method,
        probability=probability,
    )
    if figures is not None:
        from scenarios.figures import save
        from scenarios.figures.discovery import discovery_figure
        from uncertainty.storage import make_folder

        make_folder(figures)
        save(discovery_figure(found), figures / "discovery", ("png", "svg"))
    if as_json:
        options.print_json(found.as_object())
        return
    words, console = options.words_for(subject), options.make()
    for line in lines(found, words):
        console.print(line)
    if figures is not None:
        files = words("common.figures")
        console.print(words("common.written", folder=figures, files=files))
