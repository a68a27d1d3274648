"""The face of potline in Python: what `import scenarios as pl` gives.

Methods of `Study` and `Result` that need rooms above theirs ask here.
"""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xarray as xr

from scenarios.errors import ConfigError, Fault
from scenarios.loading.load import from_mapping, load
from scenarios.loading.restore import study_of
from scenarios.model.study import Study
from scenarios.results.file import open_result
from scenarios.results.result import Result
from uncertainty.model.functions import Function, operations

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from scenarios.analysis.discovery import Discovery
    from scenarios.analysis.planning import Plan

__all__ = [
    "Discovery",
    "Figure",
    "Plan",
    "Result",
    "Study",
    "attribute",
    "compare",
    "discover",
    "from_function",
    "from_mapping",
    "load",
    "open_result",
    "plan",
    "plot",
    "report",
    "run",
    "sensitivity",
]


def run(study: Study | str | Path, **settings: Any) -> Result:
    """Run a study, or the study of a file.

    Parameters
    ----------
    study : Study, str or Path
    **settings
        As for `Study.run`: draws, seed, design, ...

    Examples
    --------
    >>> result = run("configs/minimal.yaml", draws=1024)
    >>> result.draws
    1024
    """
    return (study if isinstance(study, Study) else load(study)).run(**settings)


def compare(
    results: Sequence[Result], reference: str | None = None, **options: Any
) -> xr.Dataset:
    """Compare scenarios of one or more results; see `Result.compare`.

    Examples
    --------
    >>> result = run("configs/minimal.yaml", draws=1024)
    >>> data = compare([result])
    >>> float(data["probability_lower"].sel(scenario="hydro").item())
    1.0
    """
    from scenarios.analysis.comparison.compare import compare as answer

    return answer(results, reference, **options)


def sensitivity(
    subject: Study | Result,
    method: str = "sobol",
    *,
    outputs: Sequence[str] = (),
    scenarios: Sequence[str] = (),
    n: int | None = None,
) -> xr.Dataset:
    """Sensitivity indices of a study, or of the study of a result.

    Parameters
    ----------
    subject : Study or Result
        Methods that work on draws take those of a result.
    method, outputs, scenarios, n
        As for `Result.sensitivity`.

    Examples
    --------
    >>> study = load("configs/minimal.yaml")
    >>> found = sensitivity(study, "sobol", scenarios=["national_grid"], n=256)
    >>> found.attrs["method"]
    'sobol'
    """
    from scenarios.analysis import sensitivity as answers

    result = subject if isinstance(subject, Result) else None
    study = subject if isinstance(subject, Study) else study_of(subject)
    question = answers.Question(tuple(outputs), tuple(scenarios), study.reference)
    order = answers.Order(method, n=n)
    answers.check(order)
    return answers.explain(study, question, order, result=result)


def discover(subject: Study | Result, claim: str, **options: Any) -> "Discovery":
    """When a claim fails; see `Result.discover`.

    Examples
    --------
    >>> study = load("configs/minimal.yaml", settings={"draws": 4096})
    >>> found = discover(study, "hydro - national_grid < -6 t")
    >>> found.rare
    'fails'
    """
    from scenarios.analysis.discovery import discover as answer

    return answer(subject, claim, **options)


def plan(subject: Study | Result, **options: Any) -> "Plan":
    """What to measure next; see `Result.plan`.

    Examples
    --------
    >>> study = load("configs/minimal.yaml", settings={"draws": 4096})
    >>> plan(study, target="8 %").measured[0].needed
    2
    """
    from scenarios.analysis.planning import plan as answer

    return answer(subject, **options)


def attribute(
    result: Result, scenario: str, reference: str | None = None
) -> xr.Dataset:
    """Share out a scenario's difference among its changes; see `Result.attribute`.

    Examples
    --------
    >>> result = run("configs/minimal.yaml", draws=1024)
    >>> attribute(result, "hydro")["change"].values.tolist()
    ['set.smelting.power']
    """
    from scenarios.analysis.attribution import attribute as answer

    return answer(study_of(result), scenario, reference)


def plot(
    result: Result, kind: str = "intervals", scenarios: Sequence[str] | None = None
) -> "Figure":
    """A figure of one kind; see `Result.plot`.

    Examples
    --------
    >>> figure = plot(run("configs/minimal.yaml", draws=1024), "stages")
    >>> len(figure.axes) > 0
    True
    """
    from scenarios.figures.gallery import pictures

    return next(iter(pictures(result, kind, scenarios)))[1]


def report(result: Result, path: Path, *, language: str = "en") -> None:
    """Write the report of a result as one HTML file; see `Result.report`.

    Examples
    --------
    >>> import tempfile
    >>> result = run("configs/minimal.yaml", draws=1024)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report(result, Path(folder) / "report.html")
    ...     (Path(folder) / "report.html").exists()
    True
    """
    from scenarios.report import build
    from uncertainty.storage import write_text

    write_text(path, build([result], language=language))


def from_function(
    function: Function,
    inputs: Mapping[str, Mapping[str, Any]],
    outputs: Mapping[str, str],
    name: str = "function",
    **config: Any,
) -> Study:
    """A study of any Python function of arrays; see `Study.from_function`."""
    _takes(function, list(inputs), name)
    stated = {
        output: {"units": units, "formula": "0", "label": f"{output} (a function)"}
        for output, units in outputs.items()
    }
    study = from_mapping({**config, "inputs": inputs, "outputs": stated}, name)
    return replace(study, functions=operations(function, list(inputs), list(outputs)))


def _takes(function: Function, inputs: list[str], name: str) -> None:
    """Refuse inputs that are no argument of a function, and arguments without input."""
    parameters = inspect.signature(function).parameters.values()
    if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters):
        return
    known = {p.name for p in parameters if p.kind is not p.VAR_POSITIONAL}
    wanted = {p.name for p in parameters if p.name in known and p.default is p.empty}
    faults = [
        Fault(name, 0, ("inputs", id), "the function takes no such argument")
        for id in inputs
        if id not in known
    ]
    faults += [
        Fault(name, 0, ("inputs",), f"the function takes {argument}: add this input")
        for argument in sorted(wanted - set(inputs))
    ]
    if faults:
        raise ConfigError(faults)
