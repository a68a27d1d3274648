"""The command ``potline judge``: whether a stated footprint is plausible."""

from scenarios.cli import options


def judge(
    source: options.Source,
    stated: options.Stated,
    scenario: options.Judged = None,
    draws: options.Draws = None,
    seed: options.Seed = None,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    language: options.Language = None,
) -> None:
    """Judge a stated footprint: where it lies in what a study allows, and why.

    Example: potline judge configs/china_grid_mixes.yaml --stated '4.0 t CO2e/t'

    Example: potline judge results/minimal --stated '12 t/t' --scenario hydro --json
    """
    from scenarios.analysis.stated_footprint import judge as judged
    from scenarios.analysis.stated_footprint import stated_footprint
    from scenarios.words.stated_footprint import lines

    if options.is_result(source):
        if draws is not None or seed is not None:
            raise options.OptionError(
                "--draws and --seed go with a study, not a result"
            )
        result = options.opened(source)
    else:
        from scenarios.loading.load import load

        settings = {"draws": draws, "seed": seed}
        result = load(source, settings=settings, data_dir=data_dir).run()
        result = result.in_language(options.LANGUAGE.get())
    number = stated_footprint(stated, result)
    found = judged(result, number, scenario or ())
    if as_json:
        rows = [one.as_object() for one in found]
        options.print_json(
            {"study": result.study, "units": result.units, "results": rows}
        )
        return
    words, console = options.words(), options.make()
    told = lines(found, result.units or "1", result.coverage_probability, words)
    for line in told:
        console.print(line)
