"""What a page offers to be moved: supplies, levers and inputs.

Only what needs no column that the study does not draw: another column would take the
place of one in the design, and a copied scenario would not give the same numbers.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scenarios.explorer.moves import move
from scenarios.language.config import Scenario
from scenarios.language.label import told
from scenarios.language.levers import Lever, LeverUse
from scenarios.language.supplies import Supply
from scenarios.language.tables import TECHNOLOGIES, Factor, Mix, Tables
from scenarios.library import catalogue as library
from scenarios.model.definitions import Definition
from scenarios.model.levers import touched
from scenarios.model.power import STACK, blend
from scenarios.model.study import Study
from uncertainty.distributions import build


def tables(study: Study) -> Tables:
    """Mixes and factors that a copied scenario may name: the study's, the library's."""
    return study.config.tables.over(library.tables())


def stated(supply: Supply) -> str:
    """A supply as JSON text, by which equal ones are known."""
    return json.dumps(
        supply.model_dump(
            mode="json", by_alias=True, exclude_none=True, exclude_defaults=True
        )
    )


def mixes(options: Iterable[Supply], study: Study, known: frozenset[str]) -> list[str]:
    """Mixes that a blend may hold: those of the options, then what else is at hand.

    Parameters
    ----------
    options : iterable of Supply
    study : Study
    known : frozenset of str
        Inputs that the study's model reads.
    """
    rows = tables(study)
    found: dict[str, None] = {}
    for one in options:
        found |= dict.fromkeys(blend(one))
    at_hand = (id for id, mix in rows.mixes.items() if _at_hand(mix, study, known))
    return list(found | dict.fromkeys(at_hand))


def _at_hand(mix: Mix, study: Study, known: frozenset[str]) -> bool:
    """Whether all that a mix reads is in a study that does not use it yet."""
    needed = [word for word in (mix.multiplier, mix.losses) if word and "." in word]
    if mix.factor:
        needed.append(f"power.{mix.factor}")
    elif mix.concentration is not None or mix.sds:
        return False  # its shares are drawn
    for technology, factor in tables(study).factors_of(mix):
        needed.append(f"power.{factor}")
        stack = STACK.format(technology=technology)
        needed += [stack] if stack in study.definitions else []
    return known.issuperset(needed)


def technologies(
    names: Iterable[str],
    options: Iterable[Supply],
    study: Study,
    known: frozenset[str],
) -> dict[str, dict[str, str]]:
    """Technology factors that the study draws, by set and technology."""
    rows = tables(study)
    sets = [rows.mixes[name].factor_set for name in names]
    sets += [one.factor_set for one in options]
    found: dict[str, dict[str, str]] = {}
    for group in filter(None, dict.fromkeys(sets)):
        for technology in TECHNOLOGIES:
            factor = rows.technology_factor(group, technology)
            if factor and f"power.{factor}" in known:
                found.setdefault(group, {})[technology] = factor
    return found


def starts(
    sets: Mapping[str, Mapping[str, str]], study: Study
) -> dict[str, dict[str, float]]:
    """Shares from which a hand begins: of a set's grid mix nearest in year to it.

    Parameters
    ----------
    sets : mapping
        Factors by set and technology; see `technologies`.
    study : Study
    """
    rows = tables(study)
    found = {}
    for group, each in sets.items():
        grids = [
            mix
            for mix in rows.mixes.values()
            if mix.kind == "grid" and mix.factor_set == group
            if mix.active and mix.active.keys() <= each.keys()
        ]
        year = _year(rows.factors[next(iter(each.values()))])
        if grids:
            found[group] = dict(min(grids, key=lambda x: abs(_year(x) - year)).active)
    return found


def _year(row: Mix | Factor) -> int:
    """First year that a row states, as in 2019-2021; 0 where it states none."""
    stated = str(row.year or "")[:4]
    return int(stated) if stated.isdigit() else 0


def takes_losses(supply: Supply, study: Study) -> bool:
    """Whether losses may be stated for a supply: no factor in it includes them."""
    path = supply.path
    if path is not None:
        if isinstance(path, str):
            path = study.config.paths[path]
        return all(takes_losses(knot, study) for knot in path.knots.values())
    return not any(tables(study).mixes[name].includes_losses for name in blend(supply))


def option(
    supply: Supply,
    study: Study,
    sets: Mapping[str, object],
    losses: Sequence[str],
    language: str,
) -> dict[str, Any]:
    """A supply to choose, with the shares by which it can be moved.

    Parameters
    ----------
    supply : Supply
    study : Study
    sets : mapping
        Sets of technology factors that the study draws.
    losses : sequence of str
        Formulas of grid losses that the page can compute.
    language : {"en", "zh"}
        Of its label.
    """
    parts = blend(supply)
    numbers = all(isinstance(share, float | int) for share in parts.values())
    shares, group, own_losses = supply.shares, supply.factor_set, None
    mix = tables(study).mixes[supply.mix] if supply.mix else None
    if mix is not None and mix.active and not mix.multiplier and mix.kind != "captive":
        shares, group = mix.active, mix.factor_set
        own_losses = mix.losses if mix.losses in losses else None
    fixed = shares is not None and group in sets
    return {
        "label": _label(supply, study, language),
        "stated": json.loads(stated(supply)),
        "blend": parts if parts and numbers else None,
        "shares": shares if fixed else None,
        "set": group if fixed else None,
        "defaultLosses": own_losses,
        "losses": takes_losses(supply, study),
    }


def _label(supply: Supply, study: Study, language: str) -> str:
    if supply.label:
        return supply.label
    if supply.path is not None:
        path = supply.path
        named = study.config.paths[path] if isinstance(path, str) else path
        return named.label or str(path if isinstance(path, str) else "path")
    if supply.factor is not None:
        return str(supply.factor)
    if supply.shares is not None:
        return ", ".join(f"{k} {v:.0%}" for k, v in supply.shares.items())
    rows = tables(study).mixes
    return " + ".join(
        told(rows[name].label, language) or name for name in blend(supply)
    )


def levers(found: Mapping[str, Lever]) -> list[dict[str, Any]]:
    """Levers with those that replace the same thing, which go with no other."""
    places = {
        name: {place for place, change in touched(lever) if change.way == "amount"}
        | {("", "supplies", supply) for supply in lever.supplies}
        for name, lever in found.items()
    }
    return [
        {
            "id": name,
            "label": lever.label or name,
            "available": lever.available,
            "exclusive": lever.exclusive,
            "against": [n for n in found if n != name and places[n] & places[name]],
        }
        for name, lever in found.items()
    ]


def largest(use: LeverUse) -> float:
    """Adoption of a lever at its point value; on a path the largest of the knots."""
    parts: list[Any] = [use, *(use.pathway or {}).values()]
    found = [p.value for p in parts if isinstance(p.value, float | int)]
    found += [p.distribution.marginal().point for p in parts if p.distribution]
    return float(max(found, default=0.0))


def rule(
    what: Definition, before: Definition, scenario: Scenario
) -> dict[str, Any] | None:
    """How an input of a scenario is moved; None where it cannot be exactly.

    Parameters
    ----------
    what : Definition
        As the scenario has it.
    before : Definition
        As the study has it, whose units the numbers of a change are in.
    scenario : Scenario
    """
    if what.per_year or before.factors:
        return None  # a change of the input would drop what multiplies it
    unit, earlier = before.unit, scenario.scale.get(what.id)
    found: dict[str, Any] = {
        "factor": unit.factor,
        "units": unit.text,
        "label": what.papers.get("label", what.id),
    }
    if what.marginal is not None and earlier is None:
        law = what.marginal
        if what.unit != unit:
            if not law.constant:
                return None
            value = law.point * what.unit.factor / unit.factor
            law = build("constant", {"value": value})
        return found | move(law, share=unit.text == "1")
    if what.marginal is None and (not what.knots or formula_knots(what)):
        return None
    # as a whole, by a factor: what a scenario scales it cannot set too
    scale = 1.0
    if earlier is not None:
        if not isinstance(earlier.value, float | int):
            return None
        scale = float(earlier.value)
    return found | {"kind": "path", "point": 1.0, "scale": scale, "units": "1"}


def formula_knots(what: Definition) -> bool:
    """Whether a pathway has a knot that is a formula, which nothing moves."""
    return any(knot.marginal is None for _, knot in what.knots)
