"""Imports point one way: from the domain to the engine, and down the rooms of each."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("uncertainty", "scenarios")

# Rooms from the ground up: a room is a folder of a package, or a module beside the
# folders. A module imports from its own room and from rooms on the lines above.
ENGINE = """
    arrays errors
    kernel
    seeds storage units
    workers
    distributions
    designs
    dependence
    model
    statistics
    run
    sensitivity
"""
DOMAIN = """
    errors numbers units
    language
    library results
    datafiles model
    loading
    analysis
    words
    figures
    explorer
    report
    export
    api
    cli
"""
KEPT = {  # who may import what costs much, or must stand in one place
    "matplotlib": {"scenarios.figures", "scenarios.api"},
    "typer": {"scenarios.cli"},
    "SALib": {"uncertainty.sensitivity"},
    "sklearn": {"uncertainty.sensitivity"},
    "pint": {"uncertainty.units"},
    "ruamel": {"scenarios.language"},
    "yaml": {"scenarios.language"},
    "random": {"uncertainty.sensitivity"},  # puts back what SALib disturbs
    "pickle": set(),
    "ctypes": {"uncertainty.kernel"},
    "dask": {"uncertainty.workers"},
    "zarr": {"uncertainty.storage", "uncertainty.run"},
}
FACE = {"scenarios.model.study", "scenarios.results.result"}
"""Their methods ask rooms above them, through `scenarios.api` and nothing else."""
MAKERS = {
    *("default_rng", "SeedSequence", "RandomState", "BitGenerator", "seed"),
    *("PCG64", "PCG64DXSM", "Philox", "SFC64", "MT19937"),
}
"""What makes a generator of random numbers, in NumPy's words."""


def modules(package: str) -> dict[str, Path]:
    """Dotted name of every module of a package, and its file."""
    found = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = path
    return found


EVERY = {name: path for package in PACKAGES for name, path in modules(package).items()}


def imported(path: Path) -> Iterator[str]:
    """Dotted name of all that a module imports, at its head or inside."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in EVERY else str(node.module)


def room(name: str) -> str:
    """First word below the package: the room that a module belongs to."""
    return f"{name}.".split(".")[1]


def upward(name: str, wanted: str) -> bool:
    """Whether an import is that of the face by a method of what it shows."""
    return name in FACE and wanted == "scenarios.api"


def test_the_modules_are_found():
    assert {"uncertainty.model.graph", "scenarios.figures.bars"} <= EVERY.keys()
    assert "scenarios.errors" in set(imported(EVERY["scenarios.loading.checks"]))


def test_the_engine_knows_no_domain():
    for name in modules("uncertainty"):
        for wanted in imported(EVERY[name]):
            assert not wanted.startswith("scenarios"), f"{name} imports {wanted}"


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_make_no_circle(package):
    mine = modules(package)
    graph = {
        name: {
            w
            for w in imported(path)
            if w in mine and w not in (name, package) and not upward(name, w)
        }
        for name, path in mine.items()
    }
    for name, wanted in graph.items():
        # a package and its modules are one: the package's face imports them
        graph[name] = {w for w in wanted if not name.startswith(f"{w}.")}
    TopologicalSorter(graph).prepare()  # raises, and names the circle


@pytest.mark.parametrize(
    ("package", "rooms"), [("uncertainty", ENGINE), ("scenarios", DOMAIN)]
)
def test_every_import_goes_down_the_rooms(package, rooms):
    floor = {
        name: level
        for level, line in enumerate(rooms.strip().splitlines())
        for name in line.split()
    }
    for name, path in modules(package).items():
        here = room(name)
        if not here:
            continue
        assert here in floor, f"{name} has no floor: add it to the list above"
        for wanted in imported(path):
            there = room(wanted)
            if wanted.startswith(f"{package}.") and there not in ("", here):
                assert there in floor, f"{wanted} has no floor: add it to the list"
                below = floor[there] < floor[here] or upward(name, wanted)
                assert below, f"{name} imports {wanted}"


@pytest.mark.parametrize("outside", KEPT)
def test_a_package_from_outside_has_its_one_place(outside):
    found = {
        ".".join(name.split(".")[:2])
        for name, path in EVERY.items()
        for wanted in imported(path)
        if wanted.partition(".")[0] == outside
    }
    assert found == KEPT[outside]


def makers(path: Path) -> set[str]:
    """Calls of a module that make a generator of random numbers."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func).split(".")
        numpy = "random" in called or len(called) == 1
        if numpy and (called[-1] in MAKERS or called[-2:] == ["random", "Generator"]):
            found.add(".".join(called))
    return found


def test_only_seeds_makes_generators():
    found = {name: calls for name, path in EVERY.items() if (calls := makers(path))}
    # some of SALib's analysers read NumPy's global state: it is set and put back there
    assert found.pop("uncertainty.sensitivity.salib_methods") == {"np.random.seed"}
    assert found.keys() == {"uncertainty.seeds"}, found
    assert any("Generator" in call for call in found["uncertainty.seeds"])


def test_no_text_is_ever_run():
    for name, path in EVERY.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"eval", "exec", "compile"}, name
