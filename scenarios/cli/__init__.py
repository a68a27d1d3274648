"""The command line: read, run, write, print; no arithmetic.

Every import of weight stands inside the command that needs it, so that ``--help``
answers at once.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from scenarios.cli.compare import compare
from scenarios.cli.export import export
from scenarios.cli.fit import fit
from scenarios.cli.report import report
from scenarios.cli.rerun import rerun
from scenarios.cli.run import Interrupted, run
from scenarios.cli.sensitivity import sensitivity
from scenarios.cli.sheet import sheet

if TYPE_CHECKING:
    import xarray as xr


app = typer.Typer(
    help="Carbon footprint of primary aluminium with an interval that stands up.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
)

Config = Annotated[Path, typer.Argument(help="A study's YAML file.")]
Result = Annotated[
    Path, typer.Argument(help="A results.nc, or the folder that holds it.")
]
AsJson = Annotated[
    bool, typer.Option("--json", help="One JSON object on standard output.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no table.")]
DataDir = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        file_okay=False,
        help="Where data files may lie beside the config's folder.",
    ),
]


INTERRUPTED = 130


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"potline {version('potline')}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_version,
            is_eager=True,
            help="Print the version and stop.",
        ),
    ] = False,
) -> None:
    """Carbon footprint of primary aluminium with an interval that stands up."""


@app.command()
def init(
    path: Annotated[Path, typer.Argument(help="File to write.")] = Path("study.yaml"),
    force: Annotated[bool, typer.Option(help="Overwrite a file that exists.")] = False,
) -> None:
    """Write a commented study to start from.

    Example: potline init my_smelter.yaml
    """
    from scenarios.export.run_folder import write_file
    from scenarios.library import catalogue as shipped

    if path.exists() and not force:
        _fail(f"{path}: exists already; pass --force to overwrite it", 2)
    write_file(path, shipped.template())
    print(f"{path} written; next: potline check {path}, then potline run {path}")


@app.command()
def check(config: Config, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Look for faults; list inputs, and figures that are recalled or assumed.

    Example: potline check configs/china_grid_mixes.yaml
    """
    from scenarios.errors import ConfigError
    from scenarios.loading.load import load

    try:
        study = load(config, data_dir=data_dir)
    except ConfigError as error:
        if not as_json:
            raise
        faults = [
            {
                "file": fault.file,
                "line": fault.line,
                "path": fault.where,
                "message": fault.message,
            }
            for fault in error.faults
        ]
        _json({"faults": faults, "warnings": []})
        raise typer.Exit(2) from None
    if as_json:
        _json({"faults": [], "warnings": list(study.warnings)})
        return
    from scenarios.words.inspection import inputs_table, marks

    console = _console()
    console.print(inputs_table(study))
    for line in (*marks(study), *(f"warning: {text}" for text in study.warnings)):
        console.print(line)
    console.print(f"{config}: no faults")


@app.command()
def show(
    result: Result,
    scenario: Annotated[
        str | None, typer.Option(help="Stages and flows of one scenario.")
    ] = None,
    year: Annotated[
        int | None, typer.Option(help="Of that scenario; default its first.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show a result again.

    Example: potline show results/china_grid_mixes --scenario yunnan
    """
    from scenarios.results.rows import as_object

    tree = _read(result)
    if as_json:
        _json(as_object(tree))
        return
    from scenarios.words import run as words

    console = _console()
    if scenario is None:
        words.summary(tree, console)
        words.notes(tree, console)
    else:
        _known_scenario(tree, scenario)
        words.stages(tree, scenario, console, year)


@app.command()
def plot(
    result: Result,
    kind: Annotated[
        str | None,
        typer.Option(help="Kind of figure; without it those that a run leaves."),
    ] = None,
    scenario: Annotated[
        list[str] | None, typer.Option(help="Only these scenarios.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder; default the result's own.")
    ] = None,
) -> None:
    """Draw figures of a result as PNG and SVG.

    Kinds: stages, sources, gases, accounts, density, intervals, convergence, fan,
    differences, ranks, pairs, waterfall, tornado, inputs, process.

    Example: potline plot results/china_grid_mixes --kind tornado --scenario yunnan
    """
    from scenarios import figures
    from scenarios.cli.files import result_file
    from scenarios.figures import gallery
    from uncertainty.storage import make_folder

    tree = _read(result)
    for name in scenario or []:
        _known_scenario(tree, name)
    folder = out or result_file(result).parent
    drawn = gallery.pictures(tree, kind, scenario or None)
    make_folder(folder)
    for name, figure in drawn:
        for path in figures.save(figure, folder / name):
            print(path)


@app.command()
def library(
    what: Annotated[
        str,
        typer.Argument(
            help="mixes, factors, inputs, levers, paths, gases, changes or files."
        ),
    ] = "files",
    name: Annotated[
        str | None, typer.Argument(help="Only what has this in its id.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List what is shipped, with sources.

    Example: potline library mixes yunnan
    """
    from scenarios.words.inspection import LISTS, listing

    if what not in LISTS:
        from scenarios.language.yaml_text import nearest

        _fail(
            f"no such list: {what}{nearest(what, LISTS)}; there are {', '.join(LISTS)}",
            2,
        )
    head, found = listing(what, name or "")
    if as_json:
        _json([dict(zip(head, row, strict=True)) for row in found])
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for word in head:
        table.add_column(word, overflow="fold")
    for row in found:
        table.add_row(*row)
    _console().print(table)


@app.command()
def schema(
    out: Annotated[
        Path | None, typer.Option(help="File; default standard output.")
    ] = None,
) -> None:
    """Print the JSON Schema of the config language, for editors.

    Example: potline schema --out potline.schema.json
    """
    from scenarios.export.run_folder import write_file
    from scenarios.language.config import schema as build

    text = json.dumps(build(), indent=2, ensure_ascii=False)
    if out is None:
        print(text)
        return
    write_file(out, text + "\n")


app.command("run")(run)
app.command("compare")(compare)
app.command("export")(export)
app.command("fit")(fit)
app.command("report")(report)
app.command("rerun")(rerun)
app.command("sensitivity")(sensitivity)
app.command("sheet")(sheet)


def main() -> None:
    """Entry point: own errors are told without a traceback."""
    from scenarios.errors import ConfigError, ScenarioError
    from uncertainty.errors import ClusterError, ModelError, UncertaintyError

    try:
        app()
    except Interrupted as error:
        _fail(str(error), INTERRUPTED)
    except (ModelError, ClusterError) as error:
        _fail(f"the run failed: {error}", 1)
    except (ConfigError, ScenarioError, UncertaintyError) as error:
        _fail(str(error), 2)
    except MemoryError:
        _fail("the run failed: out of memory; ask for fewer draws", 1)
    except SystemExit as leaving:
        if leaving.code == INTERRUPTED:  # typer leaves with it, and says nothing
            print("interrupted; nothing was written", file=sys.stderr)
        raise


def _fail(message: str, code: int) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(code)


def _json(found: object) -> None:
    print(json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False))


def _console() -> Any:
    from rich.console import Console

    # piped tables keep their columns, whatever reads them
    wide = None if sys.stdout.isatty() else 160
    return Console(width=wide, highlight=False, markup=False, soft_wrap=False)


def _read(result: Path) -> "xr.DataTree":
    from scenarios.cli.files import result_file
    from uncertainty.storage import load

    return load(result_file(result))


def _known_scenario(tree: "xr.DataTree", name: str) -> None:
    from scenarios.language.yaml_text import nearest
    from scenarios.results.rows import scenarios

    if name not in (known := scenarios(tree)):
        _fail(f"no scenario is called {name}{nearest(name, known)}", 2)
