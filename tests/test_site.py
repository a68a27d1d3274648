"""The site's pages name everything that the program offers; slow: the site builds."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    path = ROOT / "docs" / "reference.py"
    spec = importlib.util.spec_from_file_location("reference_pages", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_key_and_type_has_an_example_that_the_language_takes(reference):
    from pydantic import TypeAdapter

    from scenarios.language import config

    schema = config.schema()
    keys, types = reference.examples()
    assert set(keys) >= set(schema["properties"])
    assert set(types) >= set(schema["$defs"])
    page = reference.configuration()
    for key in schema["properties"]:
        assert f"## `{key}`\n" in page
    for name in schema["$defs"]:
        assert f"### {name}\n" in page
    kinds = {kind.__name__: kind for kind in _all(config.Strict)}
    stated = reference.yaml.safe_load((ROOT / "docs/examples.yaml").read_text("utf-8"))
    for name, example in stated["types"].items():
        TypeAdapter(kinds[name]).validate_json(json.dumps(example))


def _all(kind: type) -> list[type]:
    return [one for sub in kind.__subclasses__() for one in (sub, *_all(sub))]


def test_every_command_and_option_appears(reference):
    page = reference.command_line()
    for name, command in reference.commands().items():
        assert f"## potline {name}\n" in page
        for option in command.params:
            assert option.opts[0] in page


def test_every_method_and_family_appears(reference):
    from uncertainty.distributions import FAMILIES
    from uncertainty.sensitivity.methods import CARDS

    page = reference.methods()
    for name in (*CARDS, *FAMILIES):
        assert f"| `{name}` |" in page


def test_every_public_name_appears_and_has_an_example(reference):
    import importlib
    import inspect

    page = reference.python()
    for package, names in reference.public().items():
        for name in names:
            assert f"### {package}.{name}\n" in page
            thing = getattr(importlib.import_module(package), name)
            assert ">>>" in (inspect.getdoc(thing) or ""), f"{package}.{name}"


def test_every_input_of_the_library_appears_with_its_source(reference):
    from scenarios.words.inspection import listing

    page = reference.library("inputs")
    _, rows = listing("inputs", "")
    assert len(rows) > 100
    for row in rows:
        assert reference._cell(row[1]) in page
        assert reference._cell(row[-1]) in page


def test_every_kind_of_figure_is_drawn_by_an_existing_study(reference):
    from scenarios.figures import KINDS

    assert set(reference.FIGURES) <= set(KINDS)
    for study, _ in reference.FIGURES.values():
        assert (ROOT / "configs" / f"{study}.yaml").exists()


def test_one_version_and_one_author_everywhere():
    import tomllib

    import yaml

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    codemeta = json.loads((ROOT / "codemeta.json").read_text("utf-8"))
    zenodo = json.loads((ROOT / ".zenodo.json").read_text("utf-8"))
    (author,) = project["authors"]
    for stated in (cff, codemeta, zenodo):
        assert stated["version"] == project["version"]
        people = stated.get("authors") or stated.get("author") or stated["creators"]
        assert [one["name"] for one in people] == [author["name"]]


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path):
    pytest.importorskip("sphinx")
    call = [sys.executable, "-m", "sphinx", "-q", "-W", "docs", str(tmp_path)]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    from scenarios.figures import KINDS

    gallery = (tmp_path / "reference" / "gallery.html").read_text("utf-8")
    for kind in KINDS:
        assert f"--kind {kind}" in gallery
