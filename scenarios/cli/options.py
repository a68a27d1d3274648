"""Arguments and options of the command line, each stated once, and where it prints."""

import json
import sys
from collections.abc import Iterable
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scenarios.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Collection

    from rich.console import Console

    from scenarios.errors import ConfigError
    from scenarios.model.study import Study
    from scenarios.results.result import Result as RunResult
    from scenarios.words.catalogue import Words

LANGUAGE: ContextVar[str] = ContextVar("language", default="en")
"""Language of this call of the command line."""
ENVIRONMENT = "POTLINE_LANGUAGE"

FORMATS: dict[str, tuple[str, ...]] = {
    "none": (),
    "png": ("png",),
    "svg": ("svg",),
    "all": ("png", "svg"),
}
"""Formats that ``--figures`` asks for."""
WIDTH = 160
"""Columns of a table that is piped."""


class OptionError(ScenarioError):
    """An option that cannot be met."""


def speak(stated: str | None) -> str | None:
    """Take a language for all that follows."""
    if stated is not None:
        from scenarios.words.catalogue import LANGUAGES

        if stated not in LANGUAGES:
            known = ", ".join(LANGUAGES)
            raise OptionError(f"no language is called {stated}; there are {known}")
        LANGUAGE.set(stated)
    return stated


# --- arguments ------------------------------------------------------------------------

Config = Annotated[Path, typer.Argument(help="A study's YAML file.")]
Result = Annotated[
    Path, typer.Argument(help="A results.nc, or the folder that holds it.")
]
SecondResult = Annotated[
    Path | None, typer.Argument(help="A second result to compare it with.")
]
Results = Annotated[
    list[Path], typer.Argument(help="results.nc files, or folders that hold one.")
]
Source = Annotated[
    Path,
    typer.Argument(
        metavar="CONFIG|RESULT",
        help="A study's YAML file, a results.nc, or the folder that holds it.",
    ),
]
NewFile = Annotated[Path, typer.Argument(help="File to write.")]
Action = Annotated[str, typer.Argument(help="list, or get and a name.")]
Example = Annotated[str | None, typer.Argument(help="Example to copy.")]
Imported = Annotated[
    Path,
    typer.Argument(help="A model of another tool, or a CSV table of figures."),
]
DataFile = Annotated[Path, typer.Argument(help="A CSV file of measurements.")]
List = Annotated[
    str,
    typer.Argument(
        help="mixes, factors, inputs, levers, paths, gases, changes or files."
    ),
]
Part = Annotated[
    str | None, typer.Argument(help="Only rows that hold these words, in any column.")
]

# --- of every command -----------------------------------------------------------------

Language = Annotated[
    str | None,
    typer.Option(
        callback=speak, is_eager=True, help="Language of all texts: en or zh."
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="One JSON object on standard output.")
]
Inputs = Annotated[bool, typer.Option(help="List the inputs that are read.")]
Strict = Annotated[
    bool, typer.Option("--strict", help="Take every warning for a fault.")
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="No progress bar, no table.")
]
Force = Annotated[bool, typer.Option(help="Overwrite a file that exists.")]
DataDir = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        file_okay=False,
        help="Folder of data files, beside that of the config.",
    ),
]
OutFolder = Annotated[
    Path | None,
    typer.Option(help="Folder to write to; default the result's own."),
]
RunFolder = Annotated[
    Path | None,
    typer.Option(help="Folder to write to; default results/<config's name>."),
]
AnyFolder = Annotated[
    Path | None,
    typer.Option(
        help="Folder to write to; default the result's own, or results/<config's name>."
    ),
]
ImportedFile = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o", help="File to write; default study.yaml, of a table inputs.yaml."
    ),
]
Declared = Annotated[
    str | None,
    typer.Option(
        "--product",
        help="Product or process of the file that the footprint is of; default the one "
        "that the file names or that nothing else takes.",
    ),
]
NewProduct = Annotated[
    str | None,
    typer.Option(help="Write a folder of this name for a new product instead."),
]
OutFile = Annotated[
    Path | None, typer.Option(help="File to write; default standard output.")
]
ReportFile = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o", help="File to write; default report.html beside the result."
    ),
]
PageFile = Annotated[
    Path,
    typer.Option("--out", "-o", help="File to write; default explorer.html here."),
]
SheetFile = Annotated[
    Path, typer.Option("--out", "-o", help="File to write, .xlsx or .csv.")
]
TablesOut = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        help="File, or folder with one file a table; default `tables` beside the "
        "result.",
    ),
]
FigureFolder = Annotated[
    Path | None, typer.Option(help="Folder for the figure; default none is drawn.")
]

# --- of a run -------------------------------------------------------------------------

Draws = Annotated[int | None, typer.Option(help="Number of draws.")]
Seed = Annotated[int | None, typer.Option(help="Root seed, 0 or more.")]
FitSeed = Annotated[int, typer.Option(help="Root seed of the resamples.")]
Design = Annotated[str | None, typer.Option(help="sobol, latin_hypercube or random.")]
Store = Annotated[
    str,
    typer.Option(
        help="full: every draw; summary: statistics only, in memory that does not "
        "depend on the number of draws; zarr: draws on disk as they come."
    ),
]
Precision = Annotated[
    str,
    typer.Option(
        help="double: draws as computed; single: seven digits of each draw in a "
        "smaller file, statistics unchanged."
    ),
]
Threads = Annotated[
    int | None, typer.Option(help="Number of threads; results are identical.")
]
Workers = Annotated[
    int | None,
    typer.Option(help="Dask processes on this machine, in place of threads."),
]
Scheduler = Annotated[
    str | None,
    typer.Option(help="Address of a Dask scheduler, such as tcp://host:8786."),
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Continue a run that was interrupted.")
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="ID=VALUE", help="Set an input or a supply."),
]
Point = Annotated[
    bool, typer.Option("--point", help="Every input at its central value.")
]
Figures = Annotated[
    str | None,
    typer.Option(
        help="Figures to draw: none, png, svg or all; default png, with --json or "
        "--quiet none."
    ),
]

# --- of one result --------------------------------------------------------------------

Scenario = Annotated[str | None, typer.Option(help="Stages and flows of one scenario.")]
Year = Annotated[
    int | None, typer.Option(help="Year of that scenario; default the first.")
]
Chosen = Annotated[list[str] | None, typer.Option(help="Only these scenarios.")]
Kind = Annotated[
    str | None,
    typer.Option(help="Kind of figure; without it those that a run draws."),
]
ShownSize = Annotated[
    str, typer.Option(help="Where figures are shown: column, page or slide.")
]
Sort = Annotated[
    str, typer.Option(help="Order of scenarios: value, or study for that of the file.")
]
DrawnLimit = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        help="Draw this footprint as a line, such as '8 t' or 8 (units shown).",
    ),
]
To = Annotated[
    str,
    typer.Option(
        help="Tables as csv, xlsx, parquet, latex or json; or brightway, "
        "openlca, iamc, pact."
    ),
]
About = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FILE|KEY=VALUE",
        help="What the format needs and no study knows, in the format's own words: "
        "a YAML file, or KEY=VALUE; repeat it.",
    ),
]
Tables = Annotated[
    str | None,
    typer.Option(
        help="Of summary, contributions, comparison, sensitivity, inputs, draws, with "
        "commas; default all but the draws."
    ),
]
Template = Annotated[
    str | None,
    typer.Option(help="gbt or research; default gbt where there is a footprint."),
]
Live = Annotated[
    bool, typer.Option("--live", help="With a section in which scenarios can be moved.")
]
Brief = Annotated[
    bool, typer.Option("--brief", help="Page one alone: the answer on one A4 page.")
]
Column = Annotated[
    str | None, typer.Option(help="Column of the file; default the only one.")
]
Units = Annotated[str, typer.Option(help="Units of the measurements.")]

# --- of a live page -------------------------------------------------------------------

PageDraws = Annotated[
    int | None,
    typer.Option(
        "--draws",
        min=64,
        help="Number of draws that the page holds; 2048, or as many as fit.",
    ),
]
PageInputs = Annotated[
    list[str] | None,
    typer.Option("--inputs", metavar="ID", help="Offer only this input; repeat it."),
]
PageScenarios = Annotated[
    list[str] | None,
    typer.Option(
        "--scenarios", metavar="NAME", help="Offer only this scenario; repeat it."
    ),
]

# --- of a judgement -------------------------------------------------------------------

Stated = Annotated[
    str, typer.Option(help="The stated footprint with its units: '4.0 t CO2e/t'.")
]
Judged = Annotated[
    list[str] | None,
    typer.Option(help="Only against this scenario; repeat it for more."),
]

# --- of a claim -----------------------------------------------------------------------

Claim = Annotated[
    str,
    typer.Option(
        help="What is claimed: 'footprint < 8 t', 'yunnan - shandong < -6 t', "
        "'cost[hydro] <= 300 CNY/t'."
    ),
]
Searched = Annotated[
    str | None, typer.Option(help="Scenario to look at; default the reference.")
]
SearchedYear = Annotated[
    int | None, typer.Option("--year", help="Year to look at; default the first.")
]
Search = Annotated[
    str,
    typer.Option("--method", help="prim: boxes; cart: a tree (takes scikit-learn)."),
]
Sure = Annotated[
    float,
    typer.Option(help="Probability with which the claim is to hold in its first year."),
]

# --- of a plan ------------------------------------------------------------------------

TargetWidth = Annotated[
    str | None,
    typer.Option(help="Width of the interval to be reached: '10 %', '1 t CO2e/t'."),
]
Reading = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ID=SD",
        help="Spread of one reading, cell.power='80 kWh/t'; repeat it.",
    ),
]
PlannedOutput = Annotated[
    str | None,
    typer.Option("--output", help="Declared output; default the footprint."),
]
Against = Annotated[
    str | None,
    typer.Option(help="Scenario that is the other choice; the lower mean is taken."),
]

# --- of a comparison ------------------------------------------------------------------

Reference = Annotated[
    str | None, typer.Option(help="Scenario to compare with; default the study's own.")
]
Between = Annotated[
    tuple[str, str] | None,
    typer.Option(metavar="A B", help="Only these two scenarios, by name or label."),
]
Threshold = Annotated[
    float | None,
    typer.Option(
        help="Probability of a difference larger than this, in the units shown."
    ),
]
Limit = Annotated[
    list[str] | None,
    typer.Option(
        help="Probability of a footprint below this, such as '8 t' (a bare number is "
        "in the units shown), or below one of the study's `thresholds`, by name."
    ),
]
Confidence = Annotated[
    float | None,
    typer.Option(
        help="With --limit: which scenarios lie below it with this probability, and "
        "from which year on."
    ),
]
Compared = Annotated[
    list[str] | None,
    typer.Option("--scenario", help="Only this scenario and the reference; repeat it."),
]
Attribute = Annotated[
    list[str] | None,
    typer.Option(help="Attribute this scenario's difference to its changes."),
]
BreakEven = Annotated[
    list[str] | None,
    typer.Option(help="Value at which this sweep equals the reference."),
]
Cost = Annotated[
    str | None,
    typer.Option(help="Cost per tonne avoided, from this declared output."),
]

# --- of a sensitivity analysis --------------------------------------------------------

Method = Annotated[
    str,
    typer.Option(
        help="sobol, shapley, given_data, rank, hsic, decision_value, "
        "value_of_information, pawn, morris, dgsm, regional, rbd_fast, delta, hdmr, "
        "fast, or all."
    ),
]
Groups = Annotated[
    str,
    typer.Option(
        help="Take inputs together by stage, kind, nature, source, confidence or "
        "spread_confidence; or none."
    ),
]
SecondOrder = Annotated[
    bool, typer.Option("--second-order", help="Pairs of inputs too (sobol).")
]
Size = Annotated[
    int | None,
    typer.Option(
        "--n",
        help="Size of the design in the method's own terms; with all, that of sobol, "
        "and the others in proportion.",
    ),
]
Outputs = Annotated[
    list[str] | None,
    typer.Option(
        help="footprint, stage.*, source.*, account.*, gas.*, declared outputs; "
        "repeat it or use commas for more."
    ),
]
Explained = Annotated[
    list[str] | None,
    typer.Option(
        help="Scenarios to explain, with their differences to the reference; all for "
        "every one. Default: the reference, and all differences to it."
    ),
]
Level = Annotated[float, typer.Option(help="Confidence level of bounds.")]
Share = Annotated[
    float,
    typer.Option(
        help="What counts as important, as a part of the variance or of the method's "
        "own scale."
    ),
]
PassLimit = Annotated[
    float | None,
    typer.Option(
        "--limit",
        help="Explain whether outputs lie above this value, in their own units, "
        "instead of the outputs.",
    ),
]


def is_result(source: Path) -> bool:
    """Whether a file or folder holds a result, and is no study."""
    return source.is_dir() or source.suffix == ".nc"


def formats(figures: str | None, *, drawn: bool) -> tuple[str, ...]:
    """File formats of the figures to draw.

    Parameters
    ----------
    figures : str or None
        As ``--figures`` states it.
    drawn : bool
        Whether there are figures where nothing is stated.

    Raises
    ------
    OptionError
        There is no such word.

    Examples
    --------
    >>> formats(None, drawn=True), formats("all", drawn=False)
    (('png',), ('png', 'svg'))
    """
    if figures is None:
        return FORMATS["png"] if drawn else ()
    one_of("--figures", figures, FORMATS)
    return FORMATS[figures]


def one_of(option: str, stated: str, known: "Collection[str]") -> None:
    """Refuse what an option does not know."""
    if stated not in known:
        from uncertainty.errors import nearest

        near = nearest(stated, known)
        raise OptionError(f"{option} {stated}{near}; there are {', '.join(known)}")


def opened(path: Path) -> "RunResult":
    """A result with its labels in the language of this call."""
    from scenarios.results.file import open_result

    return open_result(path).in_language(LANGUAGE.get())


def subject(path: Path, data_dir: Path | None) -> "RunResult | Study":
    """A stored result, or a study that is still to be run."""
    if is_result(path):
        return opened(path)
    from scenarios.loading.load import load

    return load(path, data_dir=data_dir)


def assignments(option: str, stated: Iterable[str]) -> dict[str, str]:
    """What an option says as ID=VALUE, each time it is given."""
    found, faults = {}, []
    for text in stated:
        id, sign, value = text.partition("=")
        if not sign or not id.strip() or not value.strip():
            faults.append(f"{option} {text}: write id=value")
        found[id.strip()] = value.strip()
    if faults:
        raise OptionError("\n".join(faults))
    return found


def words() -> "Words":
    """Texts in the language of this call."""
    from scenarios.words.catalogue import Words

    return Words(LANGUAGE.get())


def words_for(subject: "RunResult | Study") -> "Words":
    """Texts in the language of this call, with the labels of a study."""
    from scenarios.language.config import plain
    from scenarios.model.study import Study

    if isinstance(subject, Study):
        return words().of(plain(subject.config))
    return words().of(subject.stated)


def message(text: str) -> str:
    """A message of another room in the language of this call."""
    if LANGUAGE.get() == "en":
        return text
    from scenarios.words.faults import translated

    return translated(text, LANGUAGE.get())


def faults(error: "ConfigError") -> str:
    """Every fault of a config in the language of this call."""
    if LANGUAGE.get() == "en":
        return str(error)
    from scenarios.words.faults import config_faults

    return config_faults(error, LANGUAGE.get())


def make() -> "Console":
    """A console; a piped table keeps its columns, whatever reads it."""
    from rich.console import Console
    from rich.text import Text

    wide = None if sys.stdout.isatty() else WIDTH

    class Plain(Console):
        """A console that shows a blank where a text would move the terminal."""

        def render_str(self, text: str, **options: Any) -> Text:
            return super().render_str(printable(text), **options)

    return Plain(width=wide, highlight=False, markup=False, soft_wrap=False)


def printable(text: str) -> str:
    r"""A text without letters that act on a terminal.

    Examples
    --------
    >>> printable("a\x1b[31m b")
    'a [31m b'
    """
    return "".join(c if c.isprintable() or c in "\n\t" else " " for c in text)


def tell_lost(reasons: Iterable[str]) -> None:
    """Say on standard error why figures are missing."""
    for reason in reasons:
        text = words()("commands.picture_lost", reason=message(reason))
        print(printable(text), file=sys.stderr)


def print_json(found: object) -> None:
    """Print one JSON object on standard output."""
    print(json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False))
