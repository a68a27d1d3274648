"""Checks of supplies of electricity: mixes, blends, shares, factors and losses."""

from scenarios.language.supplies import Supply
from scenarios.language.tables import TECHNOLOGIES, Mix
from scenarios.loading.checks.findings import Findings, Place, as_number
from scenarios.loading.checks.inputs import SHARE_TOLERANCE
from scenarios.model.power import REST, STACK, blend
from uncertainty.errors import nearest

SHARED = ("active", "concentration", "sds")
"""What a mix has in common with the one that it names in `shares_of`."""


def check_supplies(found: Findings) -> None:
    """Every supply of the study; those of scenarios are checked with them."""
    for id, supply in found.config.supplies.items():
        check_supply(found, "supplies", id, (), supply)


def check_mixes(found: Findings) -> None:
    """Mixes of the study: their factors are there, and their shares are of one."""
    tables = found.tables
    first = dict[str, Mix]()
    for id, mix in found.config.mixes.items():
        if mix.factor is not None and mix.factor not in tables.factors:
            near = nearest(mix.factor, tables.factors)
            message = f"no factor is called {mix.factor}{near}"
            found.add("mixes", id, ("factor",), message)
        elif mix.factor_set is not None and not tables.has_sets(mix.factor_set):
            near = nearest(mix.factor_set, tables.factor_sets)
            message = f"no factor set is called {mix.factor_set}{near}"
            found.add("mixes", id, ("factor_set",), message)
        elif mix.factor is None:
            for technology, factor in tables.factors_of(mix):
                if factor is None:
                    message = f"{mix.factor_set} has no factor for {technology}"
                    found.add("mixes", id, ("shares", technology), message)
            total = sum(mix.shares.values())
            known = first.setdefault(mix.shares_of or id, mix)
            if any(getattr(mix, word) != getattr(known, word) for word in SHARED):
                other = mix.shares_of or known.shares_of
                message = (
                    f"its shares or their spread differ from those of {other} or of a "
                    "mix that names it too; state the same, or take shares_of out"
                )
                found.add("mixes", id, ("shares_of",), message)
            if abs(total - 1) > SHARE_TOLERANCE:
                message = f"the shares add up to {total:.6g}, not to 1; mend one"
                found.add("mixes", id, ("shares",), message)


def check_supply(
    found: Findings, section: str, id: str, path: Place, supply: Supply
) -> None:
    """One supply, of the study or of a scenario, stated at `path`."""
    for name, share in blend(supply).items():
        place = (*path, *(("blend", name) if supply.blend else ("mix",)))
        _mix(found, section, id, place, name)
        if share != REST:
            found.formula(section, id, place, share, "1")
    if supply.losses is not None:
        _losses(found, section, id, path, supply)
    if supply.factor is not None:
        place, unit = (*path, "factor"), "kg CO2e/kWh"
        found.formula(section, id, place, supply.factor, unit)
        found.not_negative(section, id, place, supply.factor)
    if supply.blend is not None:
        check_shares(found, section, id, (*path, "blend"), supply.blend)
    if supply.shares is not None:
        _shares(found, section, id, (*path, "shares"), supply)


def _mix(found: Findings, section: str, id: str, place: Place, name: str) -> None:
    """A mix's name, and the inputs that it needs."""
    mix = found.tables.mixes.get(name)
    if mix is None:
        near = nearest(name, found.tables.mixes)
        more = "" if near else "; `potline library mixes` lists them"
        found.add(section, id, place, f"no mix is called {name}{near}{more}")
        return
    stacks = [STACK.format(technology=t) for t in mix.active if mix.kind == "captive"]
    needed = [word for word in (mix.multiplier, mix.losses) if word and "." in word]
    for input in needed:
        if input not in found.names.inputs and input not in found.names.unread:
            message = f"{name} needs the input {input}; import power/china"
            found.add(section, id, place, message)
            return
    for input in (*needed, *stacks):
        if input in found.names.inputs:
            found.formula(section, id, place, input, "1")


def _losses(
    found: Findings, section: str, id: str, path: Place, supply: Supply
) -> None:
    place = (*path, "losses")
    found.formula(section, id, place, supply.losses or 0.0, "1")
    found.not_negative(section, id, place, supply.losses or 0.0)
    for name in blend(supply):
        mix = found.tables.mixes.get(name)
        if mix is not None and mix.includes_losses:
            message = f"the factor of {name} includes grid losses; leave losses out"
            found.add(section, id, place, message)


def check_shares(
    found: Findings, section: str, id: str, place: Place, stated: dict[str, str | float]
) -> None:
    """Shares of a blend: between 0 and 1, one in sum, one `rest` at most."""
    rests = [name for name, share in stated.items() if share == REST]
    for name in rests[1:]:
        message = f"{rests[0]} takes the rest already; write a share"
        found.add(section, id, (*place, name), message)
    for name, share in stated.items():
        found.share(section, id, (*place, name), share)
    known = [n for n in map(as_number, stated.values()) if n is not None]
    total = sum(known)
    if rests and total > 1 + SHARE_TOLERANCE:
        message = f"the shares add up to {total:.6g} and leave no rest; mend them"
        found.add(section, id, place, message)
    elif len(known) == len(stated) and abs(total - 1) > SHARE_TOLERANCE:
        message = (
            f"the shares add up to {total:.6g}, not to 1; "
            "write one of them as `rest`, or mend them"
        )
        found.add(section, id, place, message)


def _shares(
    found: Findings, section: str, id: str, place: Place, supply: Supply
) -> None:
    """Shares of technologies: each with a factor, one in sum."""
    stated, name = supply.shares or {}, supply.factor_set
    sets = found.tables.factor_sets
    if name is None or not found.tables.has_sets(name):
        what = "factor_set is missing" if name is None else f"no factor set {name}"
        message = f"{what}; write factor_set: one of {', '.join(sets)}"
        found.add(section, id, (*place[:-1], "factor_set"), message)
        return
    total = sum(stated.values())
    percent = 90 <= total <= 110
    if abs(total - 1) > SHARE_TOLERANCE:
        mend = "write 0.5 for 50 %" if percent else "mend one of them"
        message = f"the shares add up to {total:.6g}, not to 1; {mend}"
        found.add(section, id, place, message)
    for technology, share in stated.items():
        if found.tables.technology_factor(name, technology) is None:
            near = nearest(technology, TECHNOLOGIES)
            message = f"{name} has no factor for {technology}{near}"
            found.add(section, id, (*place, technology), message)
        if not percent:
            found.share(section, id, (*place, technology), share)
