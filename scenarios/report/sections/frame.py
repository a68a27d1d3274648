"""What a standard asks around the figures: scope, method, limits, how to repeat."""

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
from scenarios.report.sections.boundary import boundary
from scenarios.results.result import Result


def goal(material: Material) -> list[Block]:
    """What the study is for, in its own words."""
    words, described = material.words, material.result.config.description or ""
    described = " ".join(described.split()) or words("scope.no_goal")
    return [Prose((described, words("scope.use")))]


def scope(material: Material) -> list[Block]:
    """Declared unit, boundary kind, period, scenarios."""
    words, config = material.words, material.result.config
    pairs: list[tuple[str, str]] = []
    if declared := config.declared_unit:
        unit, product = declared.units, words.name(declared.product)
        pairs += [
            (words("scope.kind"), words("scope.partial")),
            (words("scope.unit"), words("scope.one", unit=unit, product=product)),
            (words("scope.boundary"), words("scope.cradle_to_gate")),
            (words("scope.impact"), words("scope.climate", units=material.units)),
        ]
        if config.operator and config.operator.owns:
            labels = [
                config.processes[id].label or words.name(id)
                for id in config.operator.owns
            ]
            pairs.append((words("scope.operator"), words("page.comma").join(labels)))
        is_shared = any(p.allocation is not None for p in config.processes.values())
        word = "scope.allocated" if is_shared else "scope.not_allocated"
        pairs.append((words("scope.allocation"), words(word)))
    count = len(material.scenarios)
    pairs.append((words("scope.scenarios"), str(count + material.left_out)))
    if count > 1:
        pairs.append((words("scope.reference"), material.reference.label))
    return [Facts(tuple(pairs))]


def system(material: Material) -> list[Block]:
    """The boundary diagram, and what one declared unit takes in all."""
    words = material.words
    found = boundary(material)
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
    if found.remarks:
        blocks.append(Prose(found.remarks, "note"))
    return blocks


def assumptions(material: Material) -> list[Block]:
    """What was assumed, in figures and in method; what the study itself warns of."""
    words = material.words
    inputs = {str(id): data.attrs for id, data in material.result.inputs.items()}
    found: list[Block] = []
    lists = (
        ("kind", "assumption", "assumed_kind"),
        ("confidence", "assumed", "assumed_value"),
        ("confidence", "recalled", "recalled_value"),
    )
    points = []
    for word, mark, key in lists:
        ids = [id for id, attrs in inputs.items() if attrs.get(word) == mark]
        if ids:
            labels = (words.label(str(inputs[id].get("label", ""))) for id in ids)
            named = words.join(
                label or words.called(id) for label, id in zip(labels, ids, strict=True)
            )
            points.append(words(f"assumptions.{key}", count=len(ids), ids=named))
    spreads = [attrs.get("spread_confidence") for attrs in inputs.values()]
    if count := spreads.count("assumed"):
        points.append(words("assumptions.spread", count=count, all=len(inputs)))
    count = len(material.result.config.dependence)
    key = "assumptions.tied" if count else "assumptions.untied"
    points.append(words(key, count=count))
    found.append(Listing(tuple(points)))
    if warnings := material.result.warnings:
        found.append(Prose((words("assumptions.warnings"),)))
        found.append(Listing(warnings))
    return found


def method(material: Material) -> list[Block]:
    """How it was computed, with references."""
    words = material.words
    part = "chain" if material.has_footprint else "plain"
    own = (
        getattr(one.reference, words.language) or one.reference.en or one.reference.zh
        for one in material.result.config.standards.values()
    )
    first, *rest = words.points("references")
    return [
        Prose(words.points(f"method.{part}")),
        Listing((first, *rest[:2], *map(str, own), *rest[2:])),
    ]


def limits(material: Material) -> list[Block]:
    """What the result does not say."""
    words = material.words
    part = "chain" if material.has_footprint else "plain"
    points = list(words.points(f"limits.{part}", standards=material.standards))
    share = material.result.assumed_share(material.reference)
    if share is not None and share == share:
        points.append(words("limits.assumed", share=words.share(share, 2)))
    return [Listing(tuple(points))]


def standards(material: Material) -> list[Block]:
    """Which demand of the standards is answered where."""
    words = material.words
    heads = tuple(Head(words(f"heads.{n}")) for n in ("demand", "answer"))
    pairs = zip(
        words.points("standards.demands", **material.cut_off[1]),
        words.points("standards.answers"),
        strict=True,
    )
    rows = tuple(Row((Item(demand), Item(answer))) for demand, answer in pairs)
    said = words("standards.notice", standards=material.standards)
    notice = Prose((said,), "warning")
    table = Sheet("standards", words("captions.standards"), heads, rows, sortable=False)
    return [notice, table]


def repeat(material: Material) -> list[Block]:
    """Seed, design, versions, checksum, command, and the config itself."""
    words = material.words
    blocks: list[Block] = []
    for result in material.results:
        known = result.provenance
        said = {
            "study": result.study,
            "seed": str(result.seed),
            "design": words.term("design", result.design),
            "draws": str(result.draws),
            "replicates": str(result.replicates),
            "versions": known.get("versions", ""),
            "platform": known.get("platform", ""),
            "library": known["library_checksum"],
            "started": known["started"],
            "seconds": f"{float(known['seconds']):.2f}",
            "command": _command(result),
        }
        blocks.append(Facts(tuple((words(f"repeat.{w}"), x) for w, x in said.items())))
        title = words("repeat.config", study=result.study)
        blocks.append(Source(title, result.config_text))
    blocks.append(Prose((words("repeat.note"),)))
    return blocks


def _command(result: Result) -> str:
    point = " --point" if result.provenance.get("point") == "True" else ""
    return (
        f"potline run config.yaml --draws {result.provenance['draws_asked']} "
        f"--seed {result.seed} --design {result.design}{point}"
    )
