"""What pydantic finds in one file, told as faults: what, where, how to mend."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from scenarios.datafiles.foreign_distributions import translated
from scenarios.errors import ConfigError, Fault
from scenarios.language import changes, product, quantities, supplies, tables
from scenarios.language import config as language
from scenarios.language import dependence as ties
from scenarios.language import levers as policies
from scenarios.language.config import Config
from scenarios.language.distributions import FAMILY_MODELS, Bounds
from scenarios.language.shorthand import written_out
from scenarios.language.yaml_text import as_json
from uncertainty.errors import nearest, shown

Path = tuple[str | int, ...]

MENDS = {
    "missing": "is missing; add `{last}: ...`",
    "float_type": "must be a number, not {given}{mend}",
    "float_parsing": "must be a number, not {given}{mend}",
    "int_type": "must be a whole number such as 16384, not {given}",
    "int_from_float": "must be a whole number such as 16384, not {given}",
    "bool_type": "must be true or false, not {given}; write one of them",
    "string_type": 'must be text, not {given}; put it in quotes: "{plain}"',
    "finite_number": "must be a finite number, not {given}",
    "dict_type": "must be a mapping of keys to values, not {given}",
    "model_type": "must be a mapping of keys to values, not {given}",
    "model_attributes_type": "must be a mapping of keys to values, not {given}",
    "list_type": "must be a list, not {given}; write [{plain}]",
    "greater_than": "must be above {gt}, not {given}",
    "greater_than_equal": "must be {ge} or more, not {given}",
    "less_than": "must be below {lt}, not {given}",
    "less_than_equal": "must be {le} or less, not {given}",
    "too_short": (
        "holds {actual_length}; state {min_length} or more, or leave {last} out"
    ),
    "too_long": "holds {actual_length} entries; {max_length} are allowed",
    "string_too_short": "is empty; write something, or leave {last} out",
    "string_too_long": "has {length} characters; {max_length} are allowed",
    "string_pattern_mismatch": (
        "{given} is no id; write words of letters, digits and _ that begin with a "
        "letter, joined by dots"
    ),
    "json_invalid": "holds a character that is none; retype the text",
}
NUMBERS = (
    (r"([-+]?\d+),(\d+)", "; write {0}.{1}, with a point"),
    (r"([-+]?\d{1,3})[ '_](\d{3})", "; write {0}{1}"),
    (r"([-+]?[\d.]+) *[^\W\d].*", "; write {0} alone, its units stand under units"),
)
"""Texts that are taken for numbers, and how to mend them."""
SYNONYMS = {
    **dict.fromkeys(("gauss", "gaussian"), "normal"),
    **dict.fromkeys(("rectangular", "flat"), "uniform"),
    **dict.fromkeys(("std", "stdev", "stddev", "sigma"), "sd"),
    **dict.fromkeys(("mu", "average"), "mean"),
    **dict.fromkeys(("minimum", "lower"), "low"),
    **dict.fromkeys(("maximum", "upper"), "high"),
}
"""Words of other tools for keys of the language."""
SHORT = {
    "Change": "must be a number or a mapping of keys to values, not {given}",
    "Need": "must be an amount or a mapping of keys to values, not {given}",
    "Supply": "must be a mapping such as {{mix: cn_2023}}, not {given}",
    "Input": "must be a mapping such as {{units: t/t, value: 1, source: ...}}, "
    "not {given}",
}
"""Models that may be written short, or that a user would like to."""
MODELS: dict[str, type[BaseModel]] = {
    "inputs": quantities.Input,
    "products": language.Product,
    "supplies": supplies.Supply,
    "processes": language.Process,
    "outputs": language.Output,
    "scenarios": language.Scenario,
    "dependence": ties.Dependence,
    "run": language.Run,
    "declared_unit": language.DeclaredUnit,
    "characterisation": language.Characterisation,
    "needs": language.Need,
    "emits": language.Emission,
    "makes": language.Makes,
    "set": changes.Change,
    "scale": changes.Change,
    "dirichlet": ties.Dirichlet,
    "shares": ties.Spreads,
    "logistic_normal": ties.LogisticNormal,
    "bounds": Bounds,
    "until": language.Until,
    "mixes": tables.Mix,
    "factors": tables.Factor,
    "gwp_sets": tables.GwpSet,
    "uncertainty": tables.GwpSpread,
    "levers": policies.Lever,
    "fleets": policies.Fleet,
    "paths": supplies.SupplyPath,
    "path": supplies.SupplyPath,
    "knots": supplies.Supply,
    "operator": language.Operator,
    "names": product.Name,
    "reference": product.Name,
    "standards": product.Standard,
    "cut_off": product.CutOff,
    "thresholds": product.Threshold,
    "plausible": product.Plausible,
    **FAMILY_MODELS,
}
"""Key of the language -> what stands below it."""


def validated(data: Mapping[str, Any], file: str) -> Config:
    """Check the data of one file for itself.

    Parameters
    ----------
    data : mapping
        As the reader gives it.
    file : str
        What to call the file in faults.

    Raises
    ------
    ConfigError
        Every fault, without lines.
    """
    whole = translated(written_out(dict(data)), file)
    try:
        # through JSON, where a list is a list and true is no number
        return Config.model_validate_json(as_json(whole), strict=True)
    except ValidationError as error:
        found = error.errors(include_url=False)
        told = list(dict.fromkeys(_whole_formulas(_told(found), whole)))
        raise ConfigError([Fault(file, 0, *one) for one in told]) from None


def _whole_formulas(
    told: Iterable[tuple[Path, str]], data: Mapping[str, Any]
) -> Iterator[tuple[Path, str]]:
    """Faults, with one for all the keys that a comma has cut off a formula."""
    for path, message in told:
        above: Any = data
        for part in path[:-1]:
            known = isinstance(above, dict) and part in above
            above = above[part] if known else None
        unknown = message.startswith("unknown")
        cut = _cut_formula(above) if unknown else None
        if cut is None:
            yield path, message
            continue
        key, text = cut
        mend = f'put the formula in quotes: "{text}"'
        yield (*path[:-1], key), f"a comma within {{ }} parts keys; {mend}"


def _cut_formula(stated: Any) -> tuple[str, str] | None:
    """Key and whole text of a formula that stands in a mapping up to its comma."""
    if not isinstance(stated, dict):
        return None
    for key, value in stated.items():
        if isinstance(value, str) and value.count("(") > value.count(")"):
            rest = [str(other) for other, empty in stated.items() if empty is None]
            return str(key), ", ".join([value, *rest])
    return None


def _told(found: Iterable[Any]) -> Iterable[tuple[Path, str]]:
    """Path and message of each fault; one only where a union was tried in turn."""
    places: dict[Path, list[Any]] = {}
    for one in found:
        places.setdefault(_place(one), []).append(one)
    for path, several in places.items():
        kinds = {one["type"] for one in several}
        if kinds == {"model_type", "list_type"}:
            given = shown(several[0].get("input"))
            yield path, f"must be a list or {{from, to, steps}}, not {given}"
        elif kinds == {"list_type"} and isinstance(several[0].get("input"), dict):
            continue  # what is wrong in the mapping is told
        elif len(several) > 1 and any("string" in kind for kind in kinds):
            yield _neither(path, several)
        elif kinds == {"bool_type", "literal_error"}:
            (words,) = [o["ctx"]["expected"] for o in several if o.get("ctx")]
            given = shown(several[0].get("input"))
            yield path, f"must be true, false or {words}, not {given}".replace("'", "")
        else:
            for one in several:
                yield _one(path, one)


def _place(found: Any) -> Path:
    """Path of a fault, without what pydantic puts in to tell a union's members."""
    tags = (*supplies.PATH_KINDS, "Range", "list[float]")
    path = tuple(part for part in found["loc"] if part not in tags)
    last = path[-1] if path else ""
    tag = isinstance(last, str) and (
        last in {"float", "str", "bool", "int", "[key]"}
        or last.startswith(("constrained-", "literal[", "function-"))
    )
    names_a_key = found["type"] in {"missing", "extra_forbidden", "model_type"}
    return path[:-1] if tag and not names_a_key else path


def _neither(path: Path, several: list[Any]) -> tuple[Path, str]:
    """A value that is neither the number nor the text it may be."""
    given = several[0].get("input")
    if isinstance(given, str):
        textual = [one for one in several if "string" in one["type"]]
        return _one(path, textual[0])
    if isinstance(given, int | float) and not isinstance(given, bool):
        return _one(path, several[0])
    return path, f"must be a number, or a text with its units, not {shown(given)}"


def _steps(parameter: str) -> Iterator[str | int]:
    """Path to a parameter that the engine names, such as ``sources[1].sd``."""
    for word in parameter.split("."):
        record = re.fullmatch(r"sources\[(\d+)\]", word)
        yield from ("sources", int(record[1])) if record else (word,)


def _one(path: Path, found: Any) -> tuple[Path, str]:
    kind, given = found["type"], found.get("input")
    context = found.get("ctx") or {}
    if kind == "distribution":
        parameter = context.get("parameter")
        message = str(context["reason"]) if "reason" in context else found["msg"]
        if parameter:
            path = (*path, *_steps(str(parameter)))
            message = message.removeprefix(f"{parameter}: ")
        return path, message
    if kind == "extra_forbidden":
        return path, f"unknown key{_nearest_key(path)}"
    if kind == "literal_error":
        expected = str(context["expected"]).replace("'", "")
        near = nearest(str(given), expected.replace(" or ", ", ").split(", "))
        return path, f"{shown(given)} is not one of {expected}{near}"
    text = MENDS.get(kind)
    if kind == "model_type":
        text = SHORT.get(str(context.get("class_name")), text)
    if kind == "string_type" and given is None:
        text = "has no value; write text, or leave {last} out"
    if text is None:
        return path, str(found["msg"])
    words = {
        "given": shown(given),
        "mend": _number_mend(given),
        "plain": shown(given).strip('"'),
        "length": len(given) if isinstance(given, str) else 0,
        "last": path[-1] if path else "it",
        **{word: _plain(value) for word, value in context.items()},
    }
    return path, text.format(**words)


def _number_mend(given: object) -> str:
    if found := re.fullmatch(r"([-+]?\d+\.?\d*) *%", str(given)):
        share = f"{float(found[1]) / 100:g}"
        return f"; write {share} for {found[0]}, a spread in the units of its input"
    for pattern, mend in NUMBERS:
        if found := re.fullmatch(pattern, str(given)):
            return mend.format(*found.groups())
    return "; write digits such as 0.5"


def _plain(value: object) -> str:
    """A limit without the point and zero of a float that is whole."""
    whole = isinstance(value, float) and value.is_integer()
    return shown(int(value) if whole else value)  # type: ignore[call-overload]  # a float if whole


def _nearest_key(path: Path) -> str:
    """The nearest key that is known where `path` ends, or all of them."""
    model: type[BaseModel] = Config
    for part in path[:-1]:
        model = MODELS.get(str(part), model)
    names = [f.alias or name for name, f in model.model_fields.items()]
    key = str(path[-1])
    if key.isdecimal():
        return "; a decimal is written with a point, and a comma parts keys"
    if SYNONYMS.get(key) in names:
        return f"; did you mean {SYNONYMS[key]}?"
    if near := nearest(key, names):
        return near
    plain = sorted(set(names) - FAMILY_MODELS.keys())
    families = sorted(FAMILY_MODELS.keys() & set(names))
    more = f", or a distribution: {', '.join(families)}" if families else ""
    return f"; known here: {', '.join(plain)}{more}"
