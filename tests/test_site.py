"""The site's pages name everything that the program offers; slow: the site builds."""

import importlib.util
import json
import re
import shlex
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

import pytest
import yaml

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

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    codemeta = json.loads((ROOT / "codemeta.json").read_text("utf-8"))
    zenodo = json.loads((ROOT / ".zenodo.json").read_text("utf-8"))
    (author,) = project["authors"]
    for stated in (cff, codemeta, zenodo):
        assert stated["version"] == project["version"]
        people = stated.get("authors") or stated.get("author") or stated["creators"]
        assert [one["name"] for one in people] == [author["name"]]


def blocks() -> list[tuple[str, str, str]]:
    """Page, language and text of the blocks that are not run when the site builds."""
    found = []
    for page in sorted((ROOT / "docs").rglob("*.md")):
        if page.parent.name == "reference":
            continue
        text = page.read_text("utf-8")
        for kind, inside in re.findall(r"(?ms)^```([a-z]+)\n(.*?)^```", text):
            found.append((page.name, kind, inside))
    return found


def test_a_block_that_the_build_does_not_run_is_one_the_program_takes(reference):
    from scenarios.export.pact import FOOTPRINT, PRODUCT
    from scenarios.language.config import Config
    from scenarios.loading.schema_faults import validated

    commands, known = reference.commands(), set(Config.model_fields) | {"import"}
    counted = {"yaml": 0, "sh": 0, "python": 0}
    for page, kind, text in blocks():
        counted[kind] += 1  # no other language is left unrun
        if kind == "python":  # clusters that are elsewhere
            compile(text, page, "exec")
        if kind == "yaml":
            data = yaml.safe_load(text)
            if text.startswith("# company.yaml"):  # what PACT asks for
                assert data.keys() <= PRODUCT.keys() | FOOTPRINT.keys()
                continue
            whole = data if set(data) <= known else {"inputs": data}
            validated(whole, page)
        for line in text.splitlines() if kind == "sh" else ():
            program, name, *words = shlex.split(line, comments=True)
            if program == "potline":
                commands[name].make_context(name, words, resilient_parsing=True)
    assert min(counted.values()) > 0


class Links(HTMLParser):
    """Targets and ids of a page, and what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.loaded: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.ids |= {given[word] for word in ("id", "name") if given.get(word)}
        target = given.get("href") or given.get("src")
        if target and (tag in {"script", "img", "link"} or given.get("src")):
            self.loaded.append(target)
        if target:
            self.targets.append(target)


def test_the_lock_pins_every_dependency_and_names_no_host():
    import tomllib

    from packaging.requirements import Requirement

    text = (ROOT / "requirements.lock").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert "//" not in text
    pins = dict(line.lower().replace("_", "-").split("==") for line in lines)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for stated in map(Requirement, project["dependencies"]):
        assert pins[stated.name.lower()] in stated.specifier


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
    pages = {path: Links(path.read_text("utf-8")) for path in tmp_path.rglob("*.html")}
    for path, page in pages.items():
        assert not [one for one in page.loaded if "//" in one], path
        for target in page.targets:
            where, _, anchor = target.partition("#")
            if "//" in where or where.startswith(("mailto:", "data:")):
                continue
            other = (path.parent / unquote(where)).resolve() if where else path
            assert other.exists(), f"{path.name}: {target}"
            if anchor and other in pages:
                assert unquote(anchor) in pages[other].ids, f"{path.name}: {target}"
    chinese = (tmp_path / "tutorials" / "first_footprint_zh.html").read_text("utf-8")
    for text in ('lang="zh-CN"', "教程（英文）", "本页", "搜索"):
        assert text in chinese
