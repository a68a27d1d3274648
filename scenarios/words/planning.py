"""What is said of a plan: what to measure next, and what it would leave."""

from rich.table import Table

from scenarios.analysis.planning import COUNTS, Measured, Plan
from scenarios.numbers import scale, with_units
from scenarios.words.catalogue import Words


def lines(found: Plan, words: Words) -> list[str | Table]:
    """The interval as it is, what narrows it most, a table, and what was taken.

    Parameters
    ----------
    found : Plan
    words : Words
    """
    per, units = scale(found.units)
    told: list[str | Table] = [
        words(
            "planning.now",
            name=words.label(found.cell.name),
            percent=f"{100 * found.level:g} %",
            width=with_units(words.number(found.width / per, 3), units),
            ends=words.interval(found.lower / per, found.upper / per),
            share=words.share(found.width / abs(found.mean), 2),
        ),
        _target(found, words) if found.target is not None else _most(found, words),
    ]
    if found.other is not None:
        told.append(_choice(found, words))
    told.append(_table(found, words))
    unstated = [one for one in found.measured if not one.stated]
    if unstated:
        told.append(words("planning.as_now", id=unstated[0].id))
    told.append(words("planning.how"))
    return told


def _readings(count: int, words: Words) -> str:
    return words("planning.one" if count == 1 else "planning.several", count=count)


def _most(found: Plan, words: Words) -> str:
    first = max(found.measured, key=lambda one: -one.widths[-1])
    per, units = scale(found.units)
    return words(
        "planning.most",
        label=words.label(first.label),
        count=COUNTS[-1],
        width=with_units(words.number(first.widths[-1] / per, 3), units),
        share=words.share(1 - first.widths[-1] / found.width, 2),
    )


def _target(found: Plan, words: Words) -> str:
    assert found.target is not None
    per, units = scale(found.units)
    target = with_units(words.number(found.target / per, 3), units)
    if found.width <= found.target:
        return words("planning.reached", target=target)
    enough = [one for one in found.measured if one.needed is not None]
    if not enough:
        first = min(found.measured, key=lambda one: one.exact)
        left = with_units(words.number(first.exact / per, 3), units)
        return words(
            "planning.alone", target=target, label=words.label(first.label), left=left
        )
    each = [
        words(
            "planning.each",
            label=words.label(one.label),
            readings=_readings(one.needed or 1, words),
        )
        for one in enough
    ]
    return words("planning.enough", target=target, each=words("planning.or").join(each))


def _choice(found: Plan, words: Words) -> str:
    assert found.other is not None
    first = max(found.measured, key=lambda one: one.gain)
    per, units = scale(found.units)
    every = {"name": found.cell.label, "other": found.other, "chosen": found.chosen}
    known = {key: words.label(label) for key, label in every.items()}
    if first.gain < 1e-6 * abs(found.mean):
        return words("planning.no_gain", **known)
    gain = with_units(words.number(first.gain / per, 2), units)
    return words(
        "planning.gain",
        label=words.label(first.label),
        count=COUNTS[-1],
        gain=gain,
        **known,
    )


def _table(found: Plan, words: Words) -> Table:
    per, units = scale(found.units)
    table = Table(box=None, pad_edge=False, title_justify="left")
    table.title = words("planning.title", units=units)
    table.add_column(words("planning.input"), overflow="fold", max_width=44)
    table.add_column(words("planning.reading"), justify="right")
    for count in COUNTS:
        table.add_column(_readings(count, words), justify="right")
    table.add_column(words("planning.exact"), justify="right")
    if found.target is not None:
        table.add_column(words("planning.needed"), justify="right")
    if found.other is not None:
        table.add_column(words("planning.worth", count=COUNTS[-1]), justify="right")
    for one in found.measured:
        table.add_row(*_row(one, found, per, words))
    return table


def _row(one: Measured, found: Plan, per: float, words: Words) -> list[str]:
    cells = [
        f"{words.label(one.label)} ({one.id})" if one.label != one.id else one.id,
        with_units(words.number(one.reading_sd, 2), one.units),
        *(words.number(width / per, 3) for width in one.widths),
        words.number(one.exact / per, 3),
    ]
    if found.target is not None:
        cells.append("–" if one.needed is None else str(one.needed))
    if found.other is not None:
        cells.append(words.number(one.gain / per, 2))
    return cells
