"""Commands load what they need: ``--help`` none of the heavy packages."""

import subprocess
import sys
from pathlib import Path

import pytest

MINIMAL = Path(__file__).parents[1] / "configs" / "minimal.yaml"

HEAVY = (
    *("numpy", "scipy", "xarray", "pandas", "matplotlib", "pydantic", "pint"),
    *("h5netcdf", "h5py", "ruamel", "SALib"),
)
PROGRAM = """
import sys
# of an extra that xarray would load where it is there, and much behind it
sys.modules["dask"] = None
from scenarios.cli import main
sys.argv = ["potline", *sys.argv[1:]]
try:
    main()
finally:
    loaded = {n.partition(".")[0] for n, module in sys.modules.items() if module}
    print(*sorted(loaded), file=sys.stderr)
"""


def loaded_by(*words: str | Path, says: str = "Usage: ") -> set[str]:
    """Packages that a call of the command line has loaded when it leaves."""
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert says in told.stdout, told.stderr
    return set(told.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("words", "allowed"),
    # typer itself asks pydantic to read the options of a command
    [((), set()), (("run",), {"pydantic"}), (("library",), {"pydantic"})],
)
def test_help_loads_no_heavy_package(words, allowed):
    loaded = loaded_by(*words, "--help")
    assert "typer" in loaded, "what is loaded is really told"
    assert loaded & set(HEAVY) <= allowed


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> Path:
    """The folder of a small run."""
    folder = tmp_path_factory.mktemp("startup")
    loaded = loaded_by(
        *("run", MINIMAL, "--draws", "256", "--out", folder, "--figures", "none"),
        says="Written to",
    )
    assert "matplotlib" not in loaded, "no figure was asked for"
    return folder


def test_a_result_is_shown_without_drawing_or_sensitivity(result):
    loaded = loaded_by("show", result, says="Carbon footprint")
    assert "xarray" in loaded
    assert not loaded & {"matplotlib", "SALib", "ruamel"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("check", MINIMAL), "no faults"),
        (("report", "{result}", "--out", "{result}/r.html"), "r.html"),
        (("compare", "{result}", "--figures", "none"), "lower than"),
    ],
)
def test_nothing_is_drawn_that_is_not_asked_for(result, words, says):
    filled = [str(word).replace("{result}", str(result)) for word in words]
    assert "matplotlib" not in loaded_by(*filled, says=says)


def test_every_heavy_package_is_one_that_a_run_may_load():
    # a name that is misspelt here would never be found loaded
    for name in HEAVY:
        assert __import__(name)


def test_reading_a_study_loads_nothing_that_only_a_run_needs():
    program = (
        "import sys; from scenarios.loading.load import load\n"
        "load('configs/china_grid_mixes.yaml')\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(told.stdout.split())
    assert "pydantic" in loaded, "what is loaded is really told"
    assert not loaded & {"xarray", "pandas", "matplotlib", "pint", "SALib", "h5py"}


def test_a_report_and_tables_are_made_without_matplotlib():
    program = (
        "import sys, tempfile\n"
        "from pathlib import Path\n"
        "from scenarios.cli import main\n"
        "folder = tempfile.mkdtemp()\n"
        "for words in (\n"
        "    ['run', 'configs/minimal.yaml', '--draws', '64', '-q', '--out', folder,\n"
        "     '--figures', 'none'],\n"
        "    ['report', folder],\n"
        "    ['export', folder, '--to', 'csv'],\n"
        "):\n"
        "    sys.argv = ['potline', *words]\n"
        "    main()\n"
        "made = {path.name for path in Path(folder).rglob('*')}\n"
        "assert {'report.html', 'summary.csv', 'inputs.csv'} <= made, made\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(told.stdout.splitlines()[-1].split())
    assert {"xarray", "jinja2"} <= loaded
    assert not loaded & {"matplotlib", "SALib"}
