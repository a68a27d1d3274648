"""The tool knows no product: its words are data of the product's folder."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
WORDS = re.compile(
    "alumin|smelt|anode|pfc|bauxite|clinker|cement|polysilicon|铝|电解|阳极|熟料|水泥",
    re.I,
)
LIBRARY = ROOT / "scenarios" / "library"


def code(path: Path) -> str:
    """A module without its docstrings and comments."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for i, line in enumerate(body if isinstance(body, list) else []):
            if isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant):
                body[i] = ast.Pass()
    return ast.unparse(tree)


def named(text: str) -> set[str]:
    return {word.lower() for word in WORDS.findall(text)}


def test_the_walk_sees_code_and_not_docstrings(tmp_path):
    path = tmp_path / "one.py"
    path.write_text('"""Of bauxite."""\nA = "anode"  # pfc\n')
    assert named(code(path)) == {"anode"}


def test_no_module_names_a_product():
    modules = [
        p for room in ("uncertainty", "scenarios") for p in (ROOT / room).rglob("*.py")
    ]
    found = {
        str(path.relative_to(ROOT)): words
        for path in modules
        if LIBRARY not in path.parents and (words := named(code(path)))
    }
    assert len(modules) > 200
    assert not found


def test_no_text_or_template_names_a_product():
    kinds = ("*.toml", "*.yaml", "*.j2", "*.js", "*.css")
    files = [p for kind in kinds for p in (ROOT / "scenarios").rglob(kind)]
    files = [p for p in files if LIBRARY not in p.parents]
    assert len(files) > 20
    found = {p.name: w for p in files if (w := named(p.read_text(encoding="utf-8")))}
    assert not found
