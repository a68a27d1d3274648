"""What a standard asks around the figures: scope, method, limits, how to repeat."""

from collections.abc import Mapping
from typing import Any

from scenarios.report.blocks import (
    Block,
    Facts,
    Head,
    Item,
    Listing,
    Prose,
    Row,
    Source,
)
from scenarios.report.blocks import Table as Sheet
from scenarios.report.material import Material
from scenarios.report.sections.boundary import Boundary, boundary
from scenarios.results.rows import assumed_share


def scope(material: Material) -> list[Block]:
    """Goal, declared unit, boundary kind, period."""
    words, config = material.words, material.config
    pairs = [(words("scope.study"), str(material.attrs["title"]))]
    if described := str(config.get("description") or "").strip():
        pairs.append((words("scope.goal"), described))
    if material.has_chain:
        declared = config.get("declared_unit") or {}
        unit = str(declared.get("units") or "t")
        product = _label(config, str(declared.get("product") or ""))
        pairs += [
            (words("scope.kind"), words("scope.partial")),
            (words("scope.unit"), words("scope.one", unit=unit, product=product)),
            (words("scope.boundary"), words("scope.cradle_to_gate")),
            (words("scope.impact"), words("scope.climate", units=material.units)),
        ]
        owns = (config.get("operator") or {}).get("owns")
        if owns:
            named = words("page.comma").join(_process(config, str(o)) for o in owns)
            pairs.append((words("scope.operator"), named))
        pairs.append((words("scope.allocation"), words(_allocation(config))))
    pairs.append((words("scope.period"), _period(material)))
    count = len({place.key for place in material.places})
    pairs.append((words("scope.scenarios"), str(count + material.left_out)))
    if count > 1:
        pairs.append((words("scope.reference"), material.reference.label))
    return [Facts(tuple(pairs))]


def system(material: Material) -> list[Block]:
    """The boundary diagram, and what one declared unit takes in all."""
    words = material.words
    found: Boundary = boundary(material)
    blocks: list[Block] = [found.figure]
    if found.demands:
        heads = (
            Head(words("heads.product")),
            Head(words("heads.origin")),
            Head(words("heads.amount"), True),
            Head(words("heads.units")),
        )
        rows = tuple(
            Row(
                (
                    Item(d.label),
                    Item(words(f"boundary.{d.origin}")),
                    Item(words.number(d.amount), d.amount),
                    Item(d.units),
                )
            )
            for d in found.demands
        )
        caption = words("captions.demands", name=material.reference.name)
        blocks.append(Sheet("demands", caption, heads, rows))
    if found.why_not:
        blocks.append(Prose((found.why_not,), "note"))
    return blocks


def assumptions(material: Material) -> list[Block]:
    """What was assumed, in figures and in method; what the study itself warns of."""
    words = material.words
    inputs = material.tree["inputs"].to_dataset()
    found: list[Block] = []
    lists = (
        ("kind", "assumption", "assumed_kind"),
        ("confidence", "assumed", "assumed_value"),
        ("confidence", "recalled", "recalled_value"),
    )
    points = []
    for word, mark, key in lists:
        ids = [str(i) for i, x in inputs.items() if x.attrs.get(word) == mark]
        if ids:
            told = words("page.comma").join(ids)
            points.append(words(f"assumptions.{key}", count=len(ids), ids=told))
    ids = [
        str(i)
        for i, x in inputs.items()
        if x.attrs.get("spread_confidence") == "assumed"
    ]
    if ids:
        points.append(words("assumptions.spread", count=len(ids), all=len(inputs)))
    ties = material.config.get("dependence") or []
    key = "assumptions.tied" if ties else "assumptions.untied"
    points.append(words(key, count=len(ties)))
    if points:
        found.append(Listing(tuple(points)))
    warnings = [w for w in str(material.attrs.get("warnings") or "").splitlines() if w]
    if warnings:
        found.append(Prose((words("assumptions.warnings"),)))
        found.append(Listing(tuple(warnings)))
    return found


def method(material: Material) -> list[Block]:
    """How it was computed, with references."""
    words = material.words
    part = "chain" if material.has_chain else "plain"
    return [
        Prose(words.points(f"method.{part}")),
        Listing(words.points("references")),
    ]


def limits(material: Material) -> list[Block]:
    """What the result does not say."""
    words = material.words
    points = list(
        words.points("limits.chain" if material.has_chain else "limits.plain")
    )
    place = material.reference
    share = assumed_share(material.tree, place.scenario, place.year)
    if share is not None and share == share:
        points.append(words("limits.assumed", share=words.share(share, 2)))
    return [Listing(tuple(points))]


def standards(material: Material) -> list[Block]:
    """Which demand of the standards is answered where."""
    words = material.words
    heads = tuple(Head(words(f"heads.{n}")) for n in ("demand", "answer"))
    pairs = zip(
        words.points("standards.demands"),
        words.points("standards.answers"),
        strict=True,
    )
    rows = tuple(Row((Item(demand), Item(answer))) for demand, answer in pairs)
    notice = Prose((words("standards.notice"),), "warning")
    table = Sheet("standards", words("captions.standards"), heads, rows, sortable=False)
    return [notice, table]


def repeat(material: Material) -> list[Block]:
    """Seed, design, versions, checksum, command, and the config itself."""
    words = material.words
    blocks: list[Block] = []
    for tree in material.trees:
        attrs = tree.attrs
        study = str(attrs["study"])
        pairs = [
            (words("repeat.study"), study),
            (words("repeat.seed"), str(attrs["seed"])),
            (words("repeat.design"), words.term("design", str(attrs["design"]))),
            (words("repeat.draws"), str(attrs["draws"])),
            (words("repeat.replicates"), str(attrs["replicates"])),
            (words("repeat.versions"), str(attrs.get("versions", ""))),
            (words("repeat.platform"), str(attrs.get("platform", ""))),
            (words("repeat.library"), str(attrs["library_checksum"])),
            (words("repeat.started"), str(attrs["started"])),
            (words("repeat.seconds"), f"{float(attrs['seconds']):.2f}"),
            (words("repeat.command"), _command(attrs)),
        ]
        blocks.append(Facts(tuple(pairs)))
        blocks.append(Source(words("repeat.config", study=study), str(attrs["config"])))
    blocks.append(Prose((words("repeat.note"),)))
    return blocks


def _command(attrs: Mapping[Any, Any]) -> str:
    point = " --point" if attrs.get("point") in (True, "True", 1) else ""
    return (
        f"potline run config.yaml --draws {attrs['draws_asked']} "
        f"--seed {attrs['seed']} --design {attrs['design']}{point}"
    )


def _label(config: Mapping[str, Any], product: str) -> str:
    """What a declared product is called: by its maker's label, and its id."""
    return product.replace("_", " ")


def _process(config: Mapping[str, Any], id: str) -> str:
    stated = (config.get("processes") or {}).get(id) or {}
    return str(stated.get("label") or id)


def _allocation(config: Mapping[str, Any]) -> str:
    processes = (config.get("processes") or {}).values()
    used = any("allocation" in process for process in processes)
    return "scope.allocated" if used else "scope.not_allocated"


def _period(material: Material) -> str:
    words = material.words
    years = sorted({p.year for p in material.places if p.year is not None})
    if years:
        return words("page.comma").join(map(str, years))
    return words("scope.no_period", title=material.attrs["title"])
