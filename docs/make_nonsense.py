"""Write ``docs/nonsense.md``: kinds of nonsense, and what potline says to each.

    .venv/bin/python docs/make_nonsense.py

The kinds stand in ``tests/scenarios/cases/test_nonsense.py``, which
holds the page too.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from scenarios.errors import ConfigError
from scenarios.loading.load import load

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "nonsense.md"
CASES = ROOT / "tests" / "scenarios" / "cases" / "test_nonsense.py"
HEAD = """\
# What potline says to nonsense

Each kind stands in a small study of a smelter. What can mean two things, or nothing, is
refused with exit status 2 and nothing is written; what is legal and hardly meant is a
warning with its line, and the run goes on. `potline check STUDY --strict` and
`potline run STUDY --strict` take every warning for a fault. Nothing is corrected in
silence. `docs/make_nonsense.py` writes this page.

| kind | as it is written | potline | says |
| --- | --- | --- | --- |
"""


def answer(study: str, says: str) -> tuple[str, str]:
    """Whether a study is refused or warned of, and where something is said."""
    Path("study.yaml").write_text(study, encoding="utf-8")
    try:
        said = load("study.yaml").warnings
    except ConfigError as error:
        return "refuses", str(error.faults[0])
    return "warns", next((text for text in said if says in text), "")


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Kind, what is written, refused or warned of, what is said."""
    spec = spec_from_file_location("test_nonsense", CASES)
    assert spec is not None
    assert spec.loader is not None
    kinds = sys.modules["test_nonsense"] = module_from_spec(spec)
    spec.loader.exec_module(kinds)
    for name, odd in kinds.CASES.items():
        how, said = answer(kinds.STUDY.replace(odd.old, odd.new, 1), odd.says)
        if said:
            yield name, odd.new.removesuffix(kinds.SUM), how, said
    for name, (text, _, code) in kinds.TABLES.items():
        Path("mix.csv").write_text(text, encoding="utf-8")
        how, said = answer(kinds.with_mix(), "")
        if code:
            yield f"table: {name}", text, how, said


def main() -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        lines = []
        for name, written, how, said in rows():
            cells = (name, f"`{' '.join(written.split())}`", how, said)
            text = " | ".join(cell.replace("|", r"\|") for cell in cells)
            lines.append(f"| {text} |")
        os.chdir(ROOT)
    PAGE.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
