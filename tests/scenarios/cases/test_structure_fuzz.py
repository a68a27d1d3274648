"""Studies, tables and results changed by their structure: read or refused, no more.

Every case is made from a seed, so that one that fails can be run again alone. The
number of cases in all is 500, and what ``POTLINE_FUZZ`` says where that is set:

    POTLINE_FUZZ=10000 pytest -n 2 tests/scenarios/cases/test_structure_fuzz.py
"""

import json
import os
import random
import signal
import zipfile
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

import pytest

from scenarios.language.config import schema
from scenarios.language.yaml_text import read

CASES = int(os.environ.get("POTLINE_FUZZ", "500"))
STUDIES, TABLES, RESULTS = CASES * 3 // 4, CASES // 20, CASES * 3 // 80
"""Changed studies; tables of each of two kinds; results, for each of four commands."""
BATCH = 25
SECONDS = 60
"""Of a processor, for a batch of cases."""
CONFIGS = Path(__file__).parents[3] / "configs"
ODD = (
    *(0, -1, 1e300, -1e-300, 1e400, 0.5, 97, True, None, "", "x", "%", "97 %", "0,5"),
    *("1 / 0", "mt", "1 kg", "rest", "\x1b[2J", "云南", "a" * 300, [], {}, [[]]),
    *({"normal": {"mean": 0, "sd": 1}}, {"uniform": {"low": 1, "high": 0}}),
    *({"mix": "cn_2023"}, {"formula": "footprint"}, {"value": "5 %"}, 2030, [2030]),
)
SMALL = {
    "minimal": 4,
    "measurement_model": 4,
    "hydro_share_sweep": 1,
    "abatement_cost_example": 1,
}
"""Studies, and how often each is taken."""


def words(found: object) -> set[str]:
    """Every key that the schema of the language knows."""
    if isinstance(found, dict):
        own = set(found.get("properties", {}))
        return own.union(*(words(value) for value in found.values()), set())
    if isinstance(found, list):
        return set().union(*map(words, found))
    return set()


KEYS = sorted(words(schema()))


def places(data: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Paths of all parts of a config."""
    found = [path] if path else []
    if isinstance(data, dict):
        for key, value in data.items():
            found += places(value, (*path, key))
    elif isinstance(data, list):
        for i, value in enumerate(data):
            found += places(value, (*path, i))
    return found


def parent(data: object, path: tuple[object, ...]) -> object:
    """What holds the part that a path leads to."""
    for part in path[:-1]:
        data = data[part]  # type: ignore[index]  # as the path was made
    return data


def changed(data: dict[str, object], chance: random.Random) -> dict[str, object]:
    """A config with one to three parts replaced, taken out, doubled or renamed."""
    data = json.loads(json.dumps(data))
    for _ in range(chance.randint(1, 3)):
        every = places(data)
        path, other = chance.choice(every), chance.choice(every)
        above, last = parent(data, path), path[-1]
        kind = chance.choice(("odd", "odd", "out", "swap", "rename", "key"))
        if kind == "odd":
            above[last] = deepcopy(chance.choice(ODD))
        elif kind == "out":
            del above[last]
        elif kind == "swap":
            above[last] = json.loads(json.dumps(parent(data, other)[other[-1]]))
        elif isinstance(above, dict):
            value = (
                above.pop(last) if kind == "rename" else deepcopy(chance.choice(ODD))
            )
            above[chance.choice(KEYS)] = value
    return data


@contextmanager
def bounded(seconds: int):
    """A block that fails where it takes more of a processor than so many seconds."""

    def stop(*_: object) -> None:
        raise AssertionError(f"took more than {seconds} s of a processor")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def study(chance: random.Random) -> dict[str, object]:
    """A shipped study with few draws."""
    (name,) = chance.choices(tuple(SMALL), tuple(SMALL.values()))
    path = CONFIGS / f"{name}.yaml"
    data = read(path, path.name)
    return {**data, "run": {"draws": 64, "seed": 1, "replicates": 4}}


def answers(told, folder: Path, seed: int) -> None:
    """One of the three exit statuses, a reason with a fault, no file after one."""
    assert told.code in {0, 1, 2}, (seed, told)
    assert "Traceback" not in told.err, (seed, told.err)
    if told.code:
        assert told.err.strip(), seed
        assert not (folder / "results.nc").exists(), seed


@pytest.mark.parametrize("batch", range(0, STUDIES, BATCH))
def test_a_changed_study_is_read_or_refused(batch, potline, no_figures, tmp_path):
    with bounded(SECONDS):
        for seed in range(batch, min(batch + BATCH, STUDIES)):
            chance = random.Random(seed)
            data = changed(study(chance), chance)
            # JSON is YAML, and holds whatever the change has made
            text = json.dumps(data, ensure_ascii=False)
            (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
            out = tmp_path / f"out{seed}"
            if seed % 5:
                told = potline("check", "study.yaml")
            else:
                told = potline("run", "study.yaml", "--out", out.name, "-q")
            answers(told, out, seed)


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Bytes with some flipped, cut off, or taken out."""
    data = bytearray(content)
    kind = chance.choice(("flip", "flip", "cut", "out"))
    at = chance.randrange(len(data))
    if kind == "flip":
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif kind == "cut":
        del data[at:]
    else:
        del data[at : at + chance.randint(1, 64)]
    return bytes(data)


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> bytes:
    """A whole result, as its file."""
    from scenarios.loading.load import load
    from scenarios.results.file import write_result

    path = tmp_path_factory.mktemp("whole") / "results.nc"
    made = load(CONFIGS / "minimal.yaml", settings={"draws": 64, "replicates": 4})
    write_result(made.run(), path)
    return path.read_bytes()


@pytest.mark.parametrize("command", ["show", "report", "export", "compare"])
def test_a_damaged_result_is_read_or_refused(command, potline, result, tmp_path):
    bare = result[:-12]  # without its checksum, as of another program
    with bounded(SECONDS + RESULTS):
        for seed in range(RESULTS):
            chance = random.Random(f"{command} {seed}")
            content = damaged(chance.choice((bare, result)), chance)
            (tmp_path / "results.nc").write_bytes(content)
            told = potline(command, "results.nc")
            assert told.code in {0, 2}, (seed, told)
            assert "Traceback" not in told.err


TABLE = "year,coal,hydro,wind\n2020,60,30,10\n2030,40,40,20\n"
LETTERS = ',;\t\n"#=% -.0159aé年\0'


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_changed_table_is_read_or_refused(kind, potline, tmp_path):
    from scenarios.datafiles.xlsx import Sheet, workbook

    rows = [[2020, 60, 30, 10], [2030, 40, 40, 20]]
    book = workbook([Sheet("data", ["year", "coal", "hydro", "wind"], rows)])
    text = (
        "years: [2020, 2030]\noutputs: {y: {units: '1', formula: '1'}}\n"
        f"paths: {{p: {{file: m.{kind}, factor_set: mee23, source: x}}}}\n"
    )
    (tmp_path / "study.yaml").write_text(text)
    with bounded(SECONDS + TABLES):
        for seed in range(TABLES):
            chance = random.Random(seed)
            if kind == "xlsx":
                content = damaged(book, chance)
            else:
                letters = list(TABLE)
                for _ in range(chance.randint(1, 4)):
                    at = chance.randrange(len(letters))
                    letters[at] = chance.choice(LETTERS)
                content = "".join(letters).encode()
            (tmp_path / f"m.{kind}").write_bytes(content)
            told = potline("check", "study.yaml")
            assert told.code in {0, 2}, (seed, told)
            if kind == "csv":
                assert potline("fit", "m.csv", "--column", "coal").code in {0, 2}


def test_a_workbook_that_unpacks_to_much_is_refused(potline, tmp_path):
    with zipfile.ZipFile(tmp_path / "m.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", b" " * 2**28)
    (tmp_path / "study.yaml").write_text(
        "paths: {p: {file: m.xlsx, factor_set: mee23, source: x}}\n"
        "outputs: {y: {units: '1', formula: '1'}}\n"
    )
    told = potline("check", "study.yaml")
    assert told.code == 2
    assert "bytes unpacked" in told.err
