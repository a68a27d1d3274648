"""Pages of the site that are made from the package: config, commands, API, library.

Sphinx calls `write` before it reads a page; nothing that it writes is committed, and
each list comes from the schema or register that the program itself uses.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
HERE = Path(__file__).parent

FIGURES = {
    "fan": ("decarbonisation_wedge", ""),
    "waterfall": ("china_grid_mixes", " --scenario yunnan"),
    "evidence": ("plant_readings", ""),
    "ranks": ("china_grid_mixes", " --scenario yunnan --scenario shandong"),
    "pairs": ("china_grid_mixes", " --scenario yunnan --scenario shandong"),
}
"""Study and options that a kind of figure is drawn with, where not the usual ones."""
USUAL = ("minimal", "")


def table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    """Markdown table; what would break a cell is escaped."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(_cell(text) for text in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    escaped = " ".join(str(text).split()).replace("|", "\\|")
    code = escaped.startswith("`") and escaped.endswith("`")
    for sign in "" if code else "<$*_{":
        escaped = escaped.replace(sign, "\\" + sign)
    return escaped


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


# the config language


def _kind(part: Mapping[str, Any]) -> str:
    """What a value may be, in a few words."""
    if "$ref" in part:
        return str(part["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in part:
        kinds = (_kind(one) for one in part["anyOf"] if one.get("type") != "null")
        return " or ".join(dict.fromkeys(kinds))
    if "const" in part:
        return str(part["const"])
    if "enum" in part:
        return ", ".join(map(str, part["enum"]))
    if part.get("type") == "array":
        return f"list of {_kind(part.get('items', {}))}"
    inner = [*part.get("patternProperties", {}).values()]
    if isinstance(part.get("additionalProperties"), dict):
        inner.append(part["additionalProperties"])
    if part.get("type") == "object":
        return f"mapping of id to {_kind(inner[0])}" if inner else "mapping"
    return str(part.get("type", "any value"))


def examples() -> tuple[dict[str, Any], dict[str, Any]]:
    """An example of each key of a study, and of each type behind it."""
    from scenarios.language.config import schema

    whole = schema()
    types, keys, by_type = whole["$defs"], {}, {}

    def walk(data: Any, part: Mapping[str, Any]) -> None:
        if "$ref" in part:
            name = str(part["$ref"]).rsplit("/", 1)[-1]
            part = types[name]
            if isinstance(data, dict) and set(data) <= set(part.get("properties", {})):
                by_type.setdefault(name, data)
            elif "properties" in part:
                return
        for word in ("anyOf", "oneOf", "allOf"):
            for one in part.get(word, []):
                walk(data, one)
        if isinstance(data, dict):
            others = [*part.get("patternProperties", {}).values()]
            if isinstance(part.get("additionalProperties"), dict):
                others.append(part["additionalProperties"])
            for key, value in data.items():
                known = part.get("properties", {}).get(key)
                for one in others if known is None else [known]:
                    walk(value, one)
        if isinstance(data, list) and isinstance(part.get("items"), dict):
            for value in data:
                walk(value, part["items"])

    files = sorted((ROOT / "configs").glob("*.yaml"))
    files += sorted((ROOT / "scenarios" / "library").rglob("*.yaml"))
    for file in files:
        data = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
        for key in data.keys() & whole["properties"].keys():
            keys.setdefault(key, data[key])
        walk(data, whole)
    stated = yaml.safe_load((HERE / "examples.yaml").read_text(encoding="utf-8"))
    return {**stated["keys"], **keys}, {**stated["types"], **by_type}


def _short(data: Any) -> Any:
    """The first entry of a long mapping or list."""
    if isinstance(data, dict) and len(str(data)) > 600:
        key = min(data, key=lambda k: len(str(data[k])))
        return {key: data[key]}
    return data[:2] if isinstance(data, list) else data


def _yaml(data: Any) -> str:
    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=76)
    return f"```yaml\n{text}```\n"


def configuration() -> str:
    """Every key of a study and every type, with an example each."""
    from scenarios.language.config import schema

    whole = schema()
    keys, types = examples()
    parts = [
        "# Every key of a study\n",
        "Made from the schema that `potline schema` prints; the examples are cut from "
        "the shipped studies and library. [The language explained](../language.md).\n",
    ]
    for key, part in whole["properties"].items():
        parts += [f"## `{key}`\n", f"Holds: {_cell(_kind(part))}.\n"]
        parts.append(_yaml({key: _short(keys[key])}))
    parts.append("# Types\n".replace("# ", "## "))
    for name, part in whole["$defs"].items():
        parts += [f"### {name}\n", _cell(part.get("description", "")) + "\n"]
        required = part.get("required", ())
        rows = (
            (_code(key), _kind(one), "yes" if key in required else "")
            for key, one in part.get("properties", {}).items()
        )
        parts += [table(("key", "holds", "required"), rows), _yaml(_short(types[name]))]
    return "\n".join(parts)


# the command line


def commands() -> dict[str, Any]:
    """Every command of `potline` by its name."""
    import typer.main

    from scenarios.cli import app

    group: Any = typer.main.get_command(app)  # the app has commands: it is a group
    found: dict[str, Any] = group.commands
    return found


def command_line() -> str:
    """Every command with its options, as its help tells them."""
    from scenarios.figures import KINDS

    parts = ["# Command line\n", "Made from `potline COMMAND --help`.\n"]
    for name, command in sorted(commands().items()):
        said, _, example = (command.help or "").partition("Example")
        parts += [f"## potline {name}\n", _cell(said) + "\n"]
        calls = [line.strip() for line in example.splitlines() if "potline" in line]
        calls = [line[line.index("potline") :] for line in calls]
        if calls:
            parts.append("```bash\n" + "\n".join(calls) + "\n```\n")
        rows = (
            (_code(", ".join(one.opts)), getattr(one, "help", "") or "")
            for one in command.params
        )
        parts.append(table(("option", "does"), rows))
    parts.append("Kinds of figures: " + ", ".join(map(_code, KINDS)) + ".\n")
    return "\n".join(parts)


# Python


def public() -> dict[str, tuple[str, ...]]:
    """Public names of both packages."""
    import scenarios
    import uncertainty

    return {
        "scenarios": tuple(n for n in scenarios.__all__ if n != "__version__"),
        "uncertainty": tuple(uncertainty.__all__),
    }


def python() -> str:
    """Every public name, from its docstring."""
    import importlib
    import inspect

    parts = ["# Python\n", "Every example on this page runs in the tests.\n"]
    for package, names in public().items():
        parts += [f"## {package}\n"]
        for name in names:
            thing = getattr(importlib.import_module(package), name)
            parts.append(f"### {package}.{name}\n")
            if inspect.ismodule(thing):
                said, _, example = (inspect.getdoc(thing) or "").partition("Examples\n")
                example = example.partition("\n")[2].strip()
                parts += [_cell(said) + "\n", f"```pycon\n{example}\n```\n"]
                continue
            parts.append("```{eval-rst}")
            if inspect.isclass(thing):
                parts += [
                    f".. autoclass:: {thing.__module__}.{thing.__qualname__}",
                    "   :members:",
                ]
            else:
                parts += [f".. autofunction:: {thing.__module__}.{name}"]
            parts.append("```\n")
    return "\n".join(parts)


# methods, families, library, figures


def methods() -> str:
    """Every sensitivity method and every distribution family."""
    from uncertainty.distributions import FAMILIES, parameters
    from uncertainty.sensitivity.methods import CARDS

    cards = (
        (_code(name), card.answers, card.size, card.assumes, card.scale or "ranks only")
        for name, card in CARDS.items()
    )
    head = ("method", "finds", "`n` counts", "assumes", "verdict on a share of")
    families = (
        (
            _code(name),
            ", ".join(parameters(name)),
            (kind.__doc__ or "").strip().split("\n")[0],
        )
        for name, kind in FAMILIES.items()
    )
    return "\n".join(
        (
            "# Methods and distributions\n",
            "[Which method when](../methods.md).\n",
            "## Sensitivity methods\n",
            table(head, cards),
            "## Distribution families\n",
            table(("family", "parameters", "is"), families),
        )
    )


def library(what: str) -> str:
    """One list of the library, whole."""
    from scenarios.words.catalogue import Words
    from scenarios.words.inspection import listing

    words = Words("en")
    head, rows = listing(what, "")
    heads = tuple(words(f"inspection.head.{word}") for word in head)
    text = table(heads, iter(rows))
    return f"# Library: {what}\n\nThe same as `potline library {what}`.\n\n{text}"


def gallery(folder: Path) -> str:
    """Every kind of figure, drawn, with the command under it."""
    import scenarios
    from scenarios import figures
    from scenarios.figures import KINDS
    from scenarios.figures.gallery import pictures

    results: dict[str, Any] = {}
    parts = ["# Figures\n", "Drawn with 1024 draws when this site was built.\n"]
    for name, kind in KINDS.items():
        study, options = FIGURES.get(name, USUAL)
        if study not in results:
            path = ROOT / "configs" / f"{study}.yaml"
            results[study] = scenarios.run(path, draws=1024)
        chosen = options.replace("--scenario", "").split() or None
        _, figure = next(iter(pictures(results[study], name, chosen)))
        figures.save(figure, folder / name, ("png",))
        command = f"potline plot results/{study} --kind {name}{options}"
        parts += [f"## {name}\n", kind.shows.capitalize() + ".\n"]
        parts += [f"![{kind.shows}]({name}.png)\n", f"```bash\n{command}\n```\n"]
    return "\n".join(parts)


EXPLANATION = ("methods", "conformance", "cluster", "explorer", "numbers", "speed")
"""Pages that explain; every other page in this folder is reference."""
LISTS = ("inputs", "mixes", "factors", "levers", "paths", "gases", "files")
PAGES: dict[str, Callable[[], str]] = {
    "configuration": configuration,
    "commands": command_line,
    "python": python,
    "catalogue": methods,
}


def live(folder: Path) -> None:
    """The live page of the main study in both languages, as files of the site."""
    import scenarios
    from scenarios.explorer import page

    study = scenarios.load(ROOT / "configs" / "china_grid_mixes.yaml")
    folder.mkdir(parents=True, exist_ok=True)
    for language in ("en", "zh"):
        text = page(study, draws=1024, language=language)
        (folder / f"china_grid_mixes_{language}.html").write_text(text, "utf-8")


def write(folder: Path) -> None:
    """Write every page; one that has not changed is left, so a rebuild is quick."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {name: make() for name, make in PAGES.items()}
    texts |= {f"library_{what}": library(what) for what in LISTS}
    texts["gallery"] = gallery(folder)
    toc = "\n".join(texts)
    elsewhere = {"index", "glossary", "explanation", *EXPLANATION}
    own = sorted(page.stem for page in HERE.glob("*.md") if page.stem not in elsewhere)
    toc = "\n".join([*(f"../{name}" for name in own), toc])
    texts["index"] = f"# Reference\n\n```{{toctree}}\n{toc}\n```\n"
    for name, text in texts.items():
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
