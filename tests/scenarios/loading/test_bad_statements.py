"""Uncertainty and dependence badly stated: one fault, its line, its path, its mend."""

from dataclasses import dataclass
from pathlib import Path

import pytest

NORMAL = "normal: {mean: 13500, sd: 50}"
TIES = "dependence:\n"
FRUGAL = "{scale: {smelting.electricity: 0.97}}"
RUN = "draws: 64, design: sobol, seed: 1, replicates: 4"
IN_STEP = "smelting.electricity, smelting.anode_co2"


@dataclass(frozen=True)
class Bad:
    """One edit of the small study, the path of its fault, and what is said of it.

    The fault's line is the one that holds `at`, by default the first of `new`.
    """

    old: str
    new: str
    path: str
    says: tuple[str, ...]
    at: str = ""


def electricity(new: str, key: str, *says: str) -> Bad:
    """Another law for the electricity of the small study."""
    return Bad(NORMAL, new, f"inputs.smelting.electricity.{key}", says)


def tie(entry: str, key: str, *says: str, more: str = "") -> Bad:
    """One entry of dependence before the study's own, perhaps with another."""
    new = f"{TIES}{more}  - {{{entry}, source: s}}\n"
    position = more.count("\n")
    return Bad(TIES, new, f"dependence.{position}{key}", says, at=f"{{{entry}")


def composition(law: str, key: str, *says: str) -> Bad:
    """A composition of three shares by another law."""
    return tie(f"composition: mix3, {law}", key, *says)


def change(stated: str, key: str, *says: str, id: str = "smelting.electricity") -> Bad:
    """A third scenario that changes an input."""
    new = f"{{set: {{{id}: {stated}}}}}"
    return Bad(FRUGAL, new, f"scenarios.frugal.set.{id}{key}", says)


def until(stated: str, key: str, *says: str) -> Bad:
    """An adaptive run."""
    new = f"design: random, seed: 1, until: {{{stated}}}"
    return Bad(RUN, new, f"run.until{key}", says)


MEANS = "means: {m.a: 0.5, m.b: 0.3, m.c: 0.2}"
STATED = {
    "an interval the wrong way round": electricity(
        "interval: {low: 2, high: 1}", "interval.low", "2 is above high 1; swap them"
    ),
    "an interval that leaves its value out": electricity(
        "interval: {low: 1, high: 2, value: 3}",
        "interval.value",
        "3 is not inside 1 to 2",
        "triangular takes a mode at an end",
    ),
    "an interval of certainty": electricity(
        "interval: {low: 1, high: 2, level: 1}", "interval.level", "between 0 and 1"
    ),
    "an interval with a plus and minus": electricity(
        "interval: {low: 1, high: 2, plus_minus: 3}",
        "interval.plus_minus",
        "known here",
    ),
    "an interval too wide for its law": electricity(
        "interval: {low: 1.0e-100, high: 1.0e+100, shape: lognormal}",
        "interval.high",
        "is too far above low 1e-100 for a lognormal",
    ),
    "a negative percentage": electricity(
        "percent: {value: 10, plus_minus: -5}",
        "percent.plus_minus",
        "-5 is negative; write 5",
    ),
    "a percentage of nothing": electricity(
        "percent: {value: 0, plus_minus: 5}",
        "percent.value",
        "0 has no percentage; write normal {mean: 0, sd: ...}",
    ),
    "a percentage without a value": electricity(
        "percent: {plus_minus: 5}", "percent.value", "is missing; add `value: ...`"
    ),
    "a level of a percentage in per cent": electricity(
        "percent: {value: 10, plus_minus: 5, level: 95}",
        "percent.level",
        "write 0.95 for 95 %",
    ),
    "four scores": electricity(
        "pedigree: {value: 10, basic: 0.0006, scores: [1, 2, 3, 4]}",
        "pedigree.scores",
        "4 given; ecoinvent_3 takes 5",
    ),
    "a sixth score of the newest table": electricity(
        "pedigree: {value: 10, basic: 0.0006, scores: [1, 2, 3, 4, 5, 1]}",
        "pedigree.scores",
        "6 given; ecoinvent_3 takes 5",
    ),
    "a score of six": electricity(
        "pedigree: {value: 10, basic: 0.0006, scores: [1, 2, 6, 4, 5]}",
        "pedigree.scores[2]",
        "temporal is 6; scores are 1 to 5, or null",
    ),
    "a basic factor for a variance": electricity(
        "pedigree: {value: 10, basic: 1.05, scores: [1, 1, 1, 1, 1]}",
        "pedigree.basic",
        "1.05 is a factor of GSD^2, not a variance; write 0.0005951",
    ),
    "a pedigree of nothing": electricity(
        "pedigree: {value: 0, basic: 0.1, scores: [1, 1, 1, 1, 1]}",
        "pedigree.value",
        "0 is not above 0",
    ),
    "a table that nobody wrote": electricity(
        "pedigree: {value: 1, basic: 0.1, scores: [1, 1, 1, 1, 1], table: ecoinvent_4}",
        "pedigree.table",
        '"ecoinvent_4" is not one of',
        "did you mean ecoinvent_3?",
    ),
    "three readings": electricity(
        "observed: {values: [1, 2, 3], of: mean}",
        "observed.values",
        "3 given, mean takes 4 or more; with fewer state an interval",
    ),
    "one reading": electricity(
        "observed: {values: [1], of: readings}",
        "observed.values",
        "1 given, readings takes 2 or more",
    ),
    "readings of nobody knows what": electricity(
        "observed: {values: [1, 2, 3, 4], of: average}",
        "observed.of",
        '"average" is not one of mean, bootstrap or readings',
    ),
    "readings without a question": electricity(
        "observed: {values: [1, 2, 3, 4]}", "observed.of", "is missing; add `of: ...`"
    ),
}
ADAPTIVE = {
    "no digits": until("digits: 0", ".digits", "must be 1 or more, not 0"),
    "seven digits": until("digits: 7", ".digits", "must be 6 or less, not 7"),
    "half a digit": until("digits: 1.5", ".digits", "must be a whole number"),
    "an unknown output": until(
        "digits: 2, output: energie",
        ".output",
        "no output is called energie; did you mean energy?",
    ),
    "a level in per cent": until("level: 95", ".level", "must be below 1, not 95"),
    "one page": until("min_pages: 1", ".min_pages", "must be 2 or more, not 1"),
    "a cap below two pages": until("cap: 100", ".cap", "must be 20000 or more"),
    "more than the whole tolerance": until(
        "tolerance_fraction: 2", ".tolerance_fraction", "must be 1 or less, not 2"
    ),
    "an interval of another kind": until(
        "interval: narrowest", ".interval", "is not one of symmetric or shortest"
    ),
    "a misspelt key": until("digit: 2", ".digit", "did you mean digits?"),
}
CORRELATIONS = {
    "a correlation with a formula": tie(
        "rank_correlation: 0.5, between: [smelting.electricity, casting.melt]",
        ".between.1",
        "casting.melt is a formula; tie the inputs it reads",
    ),
    "a correlation with a constant": tie(
        "rank_correlation: 0.5, between: [alumina.factor, smelting.electricity]",
        ".between.0",
        "alumina.factor is a constant; there is nothing to tie",
    ),
    "a correlation with a share": tie(
        "rank_correlation: 0.5, between: [smelting.electricity, fuel.coal]",
        ".between.1",
        "fuel.coal is a share; state `correlations` of its composition",
    ),
    "a correlation with a misspelt input": tie(
        "rank_correlation: 0.5, between: [smelting.electricity, smelting.anode_co]",
        ".between.1",
        "no input is called smelting.anode_co; did you mean smelting.anode_co2?",
    ),
    "a correlation with itself": tie(
        "rank_correlation: 0.5, between: [casting.loss, casting.loss]",
        ".between.1",
        "casting.loss is tied to itself",
    ),
    "a correlation in per cent": tie(
        f"rank_correlation: 50, between: [{IN_STEP}]",
        ".rank_correlation",
        "must be 1 or less, not 50",
    ),
    "a correlation of one": tie(
        "rank_correlation: 0.5, between: [smelting.electricity]",
        ".between",
        "holds",
    ),
    "a correlation of nothing": tie(
        "rank_correlation: 0.5", "", "takes one of: composition with one of", "between"
    ),
    "a pair stated twice": tie(
        "rank_correlation: 0.3, between: [smelting.anode_co2, smelting.electricity]",
        ".between.1",
        "smelting.anode_co2 and smelting.electricity have a rank correlation already",
        "state the pair once",
        more="  - {rank_correlation: 0.5, between: "
        f"[{IN_STEP}, casting.loss], source: s}}\n",
    ),
    "nearest of a shared draw": tie(
        f"same_draw: [{IN_STEP}], nearest: true", "", "goes with a rank_correlation"
    ),
    "a mirror outside the group": tie(
        f"same_draw: [{IN_STEP}], mirrored: [casting.loss]",
        ".mirrored.0",
        "casting.loss is not in same_draw; write one of smelting.anode_co2",
    ),
    "a mirror of the first": tie(
        f"same_draw: [{IN_STEP}], mirrored: [smelting.electricity]",
        ".mirrored.0",
        "is the one that the others follow; mirror those instead",
    ),
    "a shared draw of a constant": tie(
        "same_draw: [smelting.electricity, alumina.factor]",
        ".same_draw.1",
        "alumina.factor is a constant",
    ),
    "two draws at once": tie(
        "same_draw: [casting.loss, smelting.anode_co2]",
        ".same_draw.1",
        "smelting.anode_co2 reads the draw of smelting.electricity already",
        "put all of them in one list",
        more=f"  - {{same_draw: [{IN_STEP}], source: s}}\n",
    ),
    "a follower that is followed": tie(
        "same_draw: [smelting.anode_co2, casting.loss]",
        ".same_draw.0",
        "smelting.anode_co2 reads the draw of smelting.electricity already",
        more=f"  - {{same_draw: [{IN_STEP}], source: s}}\n",
    ),
    "a follower with a correlation": tie(
        f"same_draw: [{IN_STEP}]",
        ".same_draw.1",
        "smelting.anode_co2 reads the draw of smelting.electricity",
        "state it for smelting.electricity",
        more="  - {rank_correlation: 0.5, between: "
        "[smelting.anode_co2, casting.loss], source: s}\n",
    ),
    "correlation and composition in one": tie(
        f"composition: x, rank_correlation: 0.5, between: [{IN_STEP}]",
        "",
        "takes one of: composition",
    ),
}
COMPOSITIONS = {
    "means that miss one": composition(
        "shares: {means: {m.a: 0.5, m.b: 0.3, m.c: 0.1}, sds: {m.a: 0.05, m.b: 0.05}}",
        ".shares",
        "means sum to 0.9, not 1; 0.1 is missing",
    ),
    "means in per cent": composition(
        "shares: {means: {m.a: 50, m.b: 50}, sds: {m.a: 5}}",
        ".shares",
        "m.a: mean 50 is not between 0 and 1; write 0.5 for 50 %",
    ),
    "a spread of no share": composition(
        f"shares: {{{MEANS}, sds: {{m.a: 0.05, m.b: 0.05, m.d: 0.05}}}}",
        ".shares",
        "m.d: sd given, but no mean",
    ),
    "two spreads missing": composition(
        f"shares: {{{MEANS}, sds: {{m.a: 0.05}}}}",
        ".shares",
        "sd missing for m.b, m.c; only one share can go without",
    ),
    "a spread out of reach": composition(
        f"shares: {{{MEANS}, sds: {{m.a: 0.6, m.b: 0.3, m.c: 0.3}}}}",
        ".shares",
        "m.a: sd 0.6 is out of reach; a share of mean 0.5 stays below 0.5",
    ),
    "more spread than the others make up for": composition(
        f"logistic_normal: {{{MEANS}, sds: {{m.a: 0.2, m.b: 0.05, m.c: 0.05}}}}",
        ".logistic_normal",
        "m.a: sd 0.2 is more than the 0.1",
        "the nearest possible is 0.1",
    ),
    "a correlation of no share": composition(
        f"logistic_normal: {{{MEANS}, sds: {{m.a: 0.05, m.b: 0.05, m.c: 0.05}}, "
        "correlations: [{between: [m.a, m.d], correlation: 0.1}]}",
        ".logistic_normal",
        "m.d is no share that varies; there are m.a, m.b, m.c",
    ),
    "a correlation of shares in per cent": composition(
        f"logistic_normal: {{{MEANS}, sds: {{m.a: 0.05, m.b: 0.05, m.c: 0.05}}, "
        "correlations: [{between: [m.a, m.b], correlation: 10}]}",
        ".logistic_normal.correlations.0.correlation",
        "must be 1 or less, not 10",
    ),
    "a law without a name": tie(
        f"shares: {{{MEANS}, sds: {{m.a: 0.05, m.b: 0.05}}}}", "", "takes one of"
    ),
    "two laws at once": composition(
        f"dirichlet: {{{MEANS}, concentration: 3}}, "
        f"shares: {{{MEANS}, sds: {{m.a: 0.05, m.b: 0.05}}}}",
        "",
        "takes one of: composition with one of dirichlet, shares, logistic_normal",
    ),
    "a misspelt law": composition(
        f"dirichlett: {{{MEANS}, concentration: 3}}",
        ".dirichlett",
        "did you mean dirichlet?",
    ),
}
CHANGES = {
    "correlated and not independent": change(
        "{normal: {mean: 1, sd: 1}, source: s, correlated: 0.5}",
        ".correlated",
        "goes with `independent: true`",
    ),
    "correlated beyond one": change(
        "{independent: true, correlated: 1.5}", ".correlated", "must be 1 or less"
    ),
    "independent of what it takes": change(
        "{independent: maybe}", ".independent", "must be true, false or year, not"
    ),
    "an independent formula": change(
        "{independent: true}",
        ".independent",
        "a formula has no draw; make the inputs it reads independent",
        id="casting.melt",
    ),
    "an independent constant": change(
        "{independent: true}",
        ".independent",
        "a constant has no draw; state a distribution, or leave it out",
        id="alumina.factor",
    ),
    "set to an independent constant": change(
        "{value: 13000, source: s, independent: true}",
        ".independent",
        "a constant has no draw",
    ),
    "an independent share": change(
        "{independent: true}",
        ".independent",
        "a share cannot vary alone",
        id="fuel.coal",
    ),
    "an independent supply": change(
        "{mix: cn_2023, independent: true}",
        ".independent",
        "a supply has no draw; make the inputs it reads independent",
        id="smelting.power",
    ),
    "a draw a year without years": change(
        "{independent: year}",
        ".independent",
        "there are no `years`; state them, or write independent: true",
    ),
    "an independent factor": Bad(
        FRUGAL,
        "{scale: {smelting.electricity: {uniform: {low: 1, high: 2}, "
        "source: s, independent: true}}}",
        "scenarios.frugal.scale.smelting.electricity.independent",
        ("belongs under `set`",),
    ),
    "a correlation that changes sign with the gap": Bad(
        FRUGAL,
        "{years: [2023, 2030], set: {smelting.electricity: "
        "{independent: year, correlated: -0.5}}}",
        "scenarios.frugal.set.smelting.electricity.correlated",
        ("-0.5 would change sign",),
    ),
}
GROUPS = {
    "stated": STATED,
    "adaptive": ADAPTIVE,
    "correlations": CORRELATIONS,
    "compositions": COMPOSITIONS,
    "changes": CHANGES,
}
EVERY = [
    pytest.param(bad, id=f"{group}-{name}")
    for group, cases in GROUPS.items()
    for name, bad in cases.items()
]


def line_of(bad: Bad, text: str) -> int:
    """The one line of a text that holds the fault."""
    mark = bad.at or bad.new.splitlines()[0]
    found = [i for i, line in enumerate(text.splitlines(), 1) if mark in line]
    assert len(found) == 1, f"{mark!r} stands on lines {found}"
    return found[0]


@pytest.mark.parametrize("bad", EVERY)
def test_a_fault_is_told_with_its_line_path_and_mend(
    bad: Bad, small: str, potline, tmp_path: Path
) -> None:
    assert small.count(bad.old) == 1
    text = small.replace(bad.old, bad.new)
    (tmp_path / "study.yaml").write_text(text)
    told = potline("run", "study.yaml")
    assert (told.code, told.out) == (2, ""), told.err
    head, *faults = told.err.splitlines()
    assert (head, len(faults)) == ("study.yaml: 1 fault", 1), told.err
    start = f"  line {line_of(bad, text)}: {bad.path}: "
    assert faults[0].startswith(start), told.err
    for said in bad.says:
        assert said in faults[0]
    assert [path.name for path in tmp_path.iterdir()] == ["study.yaml"]


def test_every_new_form_has_its_bad_inputs() -> None:
    assert len(EVERY) >= 60


def test_all_faults_of_one_file_come_at_once(small: str, potline, tmp_path) -> None:
    text = small.replace(NORMAL, "percent: {value: 0, plus_minus: 5}")
    text = text.replace(RUN, "draws: 64, until: {digits: 9}")
    text = text.replace("concentration: 30", "concentration: 0")
    (tmp_path / "study.yaml").write_text(text)
    told = potline("check", "study.yaml")
    assert told.code == 2
    assert told.err.splitlines()[0] == "study.yaml: 3 faults"
