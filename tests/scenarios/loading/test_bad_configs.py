"""Every fault of a config is told: what, where, how to mend; nothing is written."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

NORMAL = "normal: {mean: 13500, sd: 50}"
FORMULA = "formula: 1 / (1 - casting.loss)"
MIX = "{mix: cn_2023}"
SCALE = "{scale: {smelting.electricity: 0.97}}"
LOSS = '  casting.loss: {units: "%"'
READINGS = "when,kwh\n1,13500\n2,13510\n3,13490\n4,13505\n"


@dataclass(frozen=True)
class Bad:
    """One edit of the small study and the one fault that it makes.

    Attributes
    ----------
    old, new : str
        What the edit takes out, and what it puts there.
    path : str
        Where the fault is; its line is the one that holds `at`, by default the first
        line of `new`.
    says : tuple of str
        What is wrong and how to mend it.
    """

    old: str
    new: str
    path: str
    says: tuple[str, ...]
    at: str = ""
    files: dict[str, str | bytes] = field(default_factory=dict)


def electricity(new: str, key: str, *says: str, **more: object) -> Bad:
    """Another way to state the electricity of the small study."""
    path = f"inputs.smelting.electricity.{key}".rstrip(".")
    return Bad(NORMAL, new, path, says, **more)  # type: ignore[arg-type]


def factor(new: str, key: str, *says: str) -> Bad:
    """Another way to state the factor of alumina."""
    path = f"inputs.alumina.factor.{key}".rstrip(".")
    return Bad("value: 1.33, source: a paper", new, path, says)


def formula(new: str, *says: str) -> Bad:
    """Another formula for the melt that a tonne of ingot takes."""
    path = "inputs.casting.melt.formula"
    return Bad(FORMULA, f"formula: {json.dumps(new)}", path, says)


def power(new: str, key: str, *says: str) -> Bad:
    """Another supply of electricity."""
    return Bad(MIX, new, f"supplies.smelting.power.{key}".rstrip("."), says)


def frugal(new: str, key: str, *says: str) -> Bad:
    """Another third scenario."""
    return Bad(SCALE, new, f"scenarios.frugal.{key}".rstrip("."), says)


def named(id: str, *says: str, path: str = "") -> Bad:
    """One input more, of another name."""
    new = f'  {id}: {{units: "1", value: 1, source: x}}\n{LOSS}'
    return Bad(LOSS, new, f"inputs.{path or id}", says)


def data(cells: str | bytes, *says: str, file: str = "d.csv", column: str = "kwh"):
    """Readings from a data file."""
    new = f"observed: {{of: mean, file: {file}, column: {column}}}"
    files = {"d.csv": cells}
    return electricity(new, "observed.file", *says, files=files)


KEYS = {
    "an unknown key at the top": Bad(
        "outputs:", "colour: red\noutputs:", "colour", ("unknown key", "title")
    ),
    "a misspelt key at the top": Bad(
        "outputs:", "output:", "output", ("unknown key", "did you mean outputs?")
    ),
    "a misspelt key of an input": Bad(
        "source: a meter",
        "sorce: a meter",
        "inputs.smelting.electricity.sorce",
        ("unknown key; did you mean source?",),
    ),
    "a misspelt distribution": electricity(
        "norml: {mean: 1, sd: 1}", "norml", "unknown key; did you mean normal?"
    ),
    "a key of another distribution": electricity(
        "normal: {mean: 1, sd: 1, gsd: 2}", "normal.gsd", "did you mean sd?"
    ),
    "a parameter that is missing": electricity(
        "normal: {mean: 13500}", "normal.sd", "is missing; add `sd: ...`"
    ),
    "an input stated twice over": factor(
        "value: 1, normal: {mean: 1, sd: 1}, source: x",
        "",
        "an input takes one of value, formula",
        "found value and normal",
    ),
    "an input not stated at all": factor("source: x", "", "found none"),
    "an input without a source": Bad(
        "    source: a meter\n",
        "",
        "inputs.smelting.electricity",
        ("source is missing; say where the figure comes from",),
        at="  smelting.electricity:",
    ),
    "an input without units": Bad(
        "{units: kg CO2e/kg, ",
        "{",
        "inputs.alumina.factor.units",
        ("are missing", 'units: "1" for a pure number'),
        at="alumina.factor: {",
    ),
    "an input that is a number": Bad(
        "{units: kg CO2e/kg, value: 1.33, source: a paper}",
        "1.33",
        "inputs.alumina.factor",
        ("must be a mapping such as {units: t/t, value: 1", "not 1.33"),
    ),
    "a section that is a list": Bad(
        "outputs:\n  energy:",
        "outputs:\n  - energy:",
        "outputs",
        ("must be a mapping of keys to values",),
        at="outputs:",
    ),
    "an unknown kind": factor(
        "value: 1, kind: emision factor, source: x",
        "kind",
        '"emision factor" is not one of',
        "did you mean emission factor?",
    ),
    "an unknown confidence": factor(
        "value: 1, confidence: guessed, source: x",
        "confidence",
        "is not one of read, derived, recalled or assumed",
    ),
    "an import that is no list": Bad(
        "title: A small smelter",
        "import: aluminium/chain",
        "import",
        ("must be a list", "write [aluminium/chain]"),
    ),
}

VALUES = {
    "a truth value for a number": electricity(
        "normal: {mean: 13500, sd: true}", "normal.sd", "must be a number, not true"
    ),
    "a word for a number": electricity(
        "normal: {mean: 1, sd: fifty}", "normal.sd", 'must be a number, not "fifty"'
    ),
    "a number in quotes": electricity(
        'normal: {mean: 1, sd: "50"}', "normal.sd", 'must be a number, not "50"'
    ),
    "NaN": electricity(
        "normal: {mean: 1, sd: .nan}", "normal.sd", "must be a finite number, not .nan"
    ),
    "infinity": factor("value: .inf, source: x", "value", "finite number, not .inf"),
    "a number beyond all numbers": electricity(
        "normal: {mean: 1, sd: 1e400}", "normal.sd", "must be a finite number"
    ),
    "a whole number beyond all numbers": electricity(
        f"normal: {{mean: 1, sd: {'9' * 400}}}", "normal.sd", "finite number", "999..."
    ),
    "a value that is true": factor(
        "value: true, source: x", "value", "must be a number, or a text with its units"
    ),
    "a value that is a list": factor(
        "value: [1.33], source: x", "value", "must be a number", "not [1.33]"
    ),
    "a value that says yes": factor(
        "value: yes, source: x", "value", "yes: write a finite number"
    ),
    "a value that is a date": factor(
        "value: 2023-01-01, source: x", "value", "write a finite number", "13500 kWh/t"
    ),
    "a decimal comma": factor(
        'value: "1,33", source: x', "value", "1,33", "its decimal mark a point"
    ),
    "hours and minutes": electricity(
        "normal: {mean: 1, sd: 12:30}", "normal.sd", 'must be a number, not "12:30"'
    ),
    "a value in other units": factor(
        "value: 1.33 kg/kg, source: x", "value", "is no amount of kg CO2e/kg"
    ),
    "a source that is a year": factor(
        "value: 1, source: 2023", "source", "must be text, not 2023; put it in quotes"
    ),
    "a truth value that says yes": Bad(
        "{reference: true}",
        "{reference: yes}",
        "scenarios.grid.reference",
        ('must be true or false, not "yes"',),
    ),
}

DISTRIBUTIONS = {
    "a negative sd": electricity(
        "normal: {mean: 1, sd: -50}", "normal.sd", "-50 is negative; write 50"
    ),
    "a gsd below one": Bad(
        "gsd: 1.05",
        "gsd: 0.95",
        "inputs.smelting.anode_co2.lognormal.gsd",
        ("0.95 is not above 1; write 1.05",),
    ),
    "a median below zero": electricity(
        "lognormal: {median: -1, gsd: 2}", "lognormal.median", "-1 is not above 0"
    ),
    "a mode outside": electricity(
        "triangular: {low: 1, mode: 3, high: 2}",
        "triangular.mode",
        "3 is not between low 1 and high 2",
    ),
    "low above high": electricity(
        "uniform: {low: 2, high: 1}", "uniform.low", "2 is above high 1; swap them"
    ),
    "a lognormal of other words": electricity(
        "lognormal: {mean: 1, gsd: 2}", "lognormal", "median and gsd, or mean and cv"
    ),
    "per cent that turn negative": electricity(
        "percent: {value: 100, plus_minus: 80, level: 0.95}",
        "percent.plus_minus",
        "80 is above 60",
        "write interval",
    ),
    "a level in per cent": electricity(
        "interval: {low: 1, high: 2, level: 95, shape: normal}",
        "interval.level",
        "write 0.95 for 95 %",
    ),
    "a lognormal interval from zero": electricity(
        "interval: {low: 0, high: 2, level: 0.95, shape: lognormal}",
        "interval.low",
        "0 is not above 0",
        "use shape: normal",
    ),
    "an unknown shape": electricity(
        "interval: {low: 1, high: 2, level: 0.95, shape: gauss}",
        "interval.shape",
        '"gauss" is not one of normal or lognormal',
    ),
    "bounds that hold nothing": electricity(
        "normal: {mean: 1, sd: 1, bounds: {low: 100}}",
        "normal.bounds",
        "at least 100 holds no part of normal",
    ),
    "bounds the wrong way round": electricity(
        "normal: {mean: 1, sd: 1, bounds: {low: 3, high: 2}}",
        "normal.bounds",
        "low 3 is above high 2; swap them",
    ),
    "a misspelt bound": electricity(
        "normal: {mean: 1, sd: 1, bounds: {lo: 3}}",
        "normal.bounds.lo",
        "did you mean low?",
    ),
    "probabilities that do not sum to one": electricity(
        "discrete: {values: [1, 2], probabilities: [0.5, 0.6]}",
        "discrete.probabilities",
        "sum to 1.1, not 1",
    ),
    "no readings": electricity(
        "empirical: {values: []}", "empirical.values", "it takes one value at least"
    ),
    "a word among readings": electricity(
        "empirical: {values: [1, a, 3]}", "empirical.values.1", "must be a number"
    ),
    "a file behind a normal law": electricity(
        "normal: {mean: 1, sd: 1, file: d.csv}",
        "normal.file",
        "only `empirical` and `observed` read a file",
    ),
    "a column without a file": electricity(
        "observed: {of: mean, values: [1, 2, 3, 4], column: kwh}",
        "observed.column",
        "add file:",
    ),
    "a distribution that is a list": electricity(
        "normal: [13500, 50]", "normal", "must be a mapping of keys to values"
    ),
}

FORMULAS = {
    "an import": formula("__import__('os').system('x')", "a string is not allowed"),
    "a tower of powers": formula("9**9**9**9", "is not finite at the point values"),
    "an attribute of Python": formula("casting.loss.__class__", "no input is called"),
    "a lambda": formula("(lambda: 1)()", "lambda is a word of Python"),
    "a subscript": formula("casting.loss[0]", "[ has no place in a formula"),
    "a comprehension": formula("[x for x in 1]", "[ has no place in a formula"),
    "an unknown function": formula("open(1)", "there is no function open"),
    "a choice in Python": formula("1 if 1 else 2", "write where(condition, a, b)"),
    "an opened bracket": formula("(1 + casting.loss", "this parenthesis is not closed"),
    "a missing operand": formula("casting.loss +", "an operand is missing at the end"),
    "another power sign": formula("casting.loss ^ 2", "write ** for a power"),
    "a per cent sign": formula("casting.loss * 5 %", "write 0.05 for 5 %"),
    "a truth value": formula("true", "no input is called true"),
    "nothing": formula("", "is empty; write something"),
    "spaces": formula("   ", "the formula is empty"),
    "a name too long": formula("a" * 3000, "3000 characters; 2000 are allowed"),
    "too many parts": formula("1+" * 600 + "1", "more than 500 parts"),
    "too deep": formula("(" * 60 + "1" + ")" * 60, "nested more than 50 deep"),
    "a misspelt name": formula("1 + casting.los", "did you mean casting.loss?"),
    "a result": formula("footprint", "footprint is a result; only outputs may read it"),
    "a stage": formula("stage.smelting", "is a result; only outputs may read it"),
    "a need of itself": formula(
        "casting.melt + 1", "need each other: casting.melt -> casting.melt"
    ),
    "units that do not add": formula(
        "casting.loss + smelting.electricity", "cannot add", "check the units of both"
    ),
    "the logarithm of an amount": formula(
        "log(smelting.electricity)", "log takes a pure number"
    ),
    "units of another kind": formula(
        "smelting.electricity", "measures energy/mass, not dimensionless (t/t)"
    ),
    "a number with other units": formula("5 kWh/t", "5 kWh/t is no amount of t/t"),
    "a number beyond all numbers": formula("1e999", "beyond what a number can be"),
    "a circle of three": Bad(
        f"{FORMULA}}}",
        "formula: a.b}\n"
        '  a.b: {units: "1", formula: a.c}\n  a.c: {units: "1", formula: casting.melt}',
        "inputs.casting.melt.formula",
        ("casting.melt -> a.b -> a.c -> casting.melt",),
        at="casting.melt: {",
    ),
    "a division by zero": formula("1 / (casting.loss - casting.loss)", "not finite"),
}

UNITS = {
    "units in the wrong case": Bad(
        "units: kWh/t\n    normal",
        "units: kwh/t\n    normal",
        "inputs.smelting.electricity.units",
        ("kwh is not a unit known here; did you mean kWh?",),
        at="units: kwh/t",
    ),
    "units with a zero of their own": Bad(
        "units: kWh/t\n    normal",
        "units: degC\n    normal",
        "inputs.smelting.electricity.units",
        ("degC does not multiply", "K or delta_degC"),
        at="units: degC",
    ),
    "units with a number": Bad(
        "units: kWh/t\n    normal",
        "units: 2 kWh/t\n    normal",
        "inputs.smelting.electricity.units",
        ("the number 2 does not belong in units",),
        at="units: 2 kWh/t",
    ),
    "units that are a number": Bad(
        'units: "%"',
        "units: 1",
        "inputs.casting.loss.units",
        ('must be text, not 1; put it in quotes: "1"',),
    ),
    "a need in other units": Bad(
        "alumina: smelting.alumina",
        "alumina: smelting.electricity",
        "processes.electrolysis.needs.alumina.amount",
        ("smelting.electricity measures energy/mass", "(kg/t)"),
    ),
    "an amount of electricity without units": Bad(
        "{amount: smelting.electricity, supply",
        "{amount: 13500, supply",
        "processes.electrolysis.needs.electricity.amount",
        ("13500 is a pure number; write its units: 13500 kWh/t",),
    ),
    "a gas in CO2e": Bad(
        "amount: smelting.anode_co2",
        "amount: alumina.factor",
        "processes.electrolysis.emits.anodes.amount",
        ("alumina.factor measures carbon_dioxide_equivalent", "(kg/t)"),
        at="anodes: {",
    ),
    "a factor without CO2e": Bad(
        "amount: alumina.factor",
        "amount: smelting.anode_co2",
        "products.alumina.emits.made.amount",
        ("not carbon_dioxide_equivalent (kg CO2e/kg)",),
        at="made: {",
    ),
    "metal plus greenhouse gas": Bad(
        "formula: supply.electricity",
        "formula: footprint + demand.metal",
        "outputs.energy.formula",
        ("cannot add `footprint` (carbon_dioxide_equivalent)",),
    ),
    "an output in other units": Bad(
        "formula: supply.electricity",
        "formula: footprint",
        "outputs.energy.formula",
        ("footprint measures carbon_dioxide_equivalent, not energy/mass (kWh/t)",),
    ),
    "an output in units unknown": Bad(
        "units: kWh/t\n    formula",
        "units: kWhh/t\n    formula",
        "outputs.energy.units",
        ("kWhh is not a unit known here",),
        at="units: kWhh/t",
    ),
    "another kind of GWP": named(
        "gwp.CH4", "1 is not what the library's own", "kg CO2e/kg", path="gwp.CH4.units"
    ),
}

IDS = {
    "an id of Python's own": named("__class__", "is no id", "begin with a letter"),
    "a keyword": named("lambda", "lambda is a word of Python"),
    "a keyword inside": named("smelting.class", "class is a word of Python"),
    "a function": named("exp", "a function has this name; choose another"),
    "an id with a space": named("my input", '"my input" is no id'),
    "an id with a hyphen": named("my-input", '"my-input" is no id'),
    "an id with a slash": named("a/b", '"a/b" is no id'),
    "a year": named("2023", '"2023" is no id', "begin with a letter"),
    "a key that is null": named("null", "the key null is no text; put it in quotes"),
    "a key that is true": named("true", "the key true is no text; put it in quotes"),
    "a key that is a number": named("1.5", 'inputs.1.5: "1.5" is no id; write words'),
    "a key that is a date": named("2023-01-01", "is no text; put it in quotes"),
    "a name of a result": named("footprint", "is the name of a result"),
    "a stage's name": named("stage.smelting", "is the name of a result"),
    "a supply's name": named("smelting.power", "smelting.power is a supply too"),
    "a share of a mix": named("mix.cn_2023.coal", "is a share of a mix"),
    "a word of a blend": named("rest", "rest has a meaning of its own"),
    "a scenario that is a year": Bad(
        "hydro: {set", "2030: {set", "scenarios.2030", ('"2030" is no id',)
    ),
    "a process with a hyphen": Bad(
        "  casting:\n", "  cast-house:\n", "processes.cast-house", ("is no id",)
    ),
    "a stage with a slash": Bad(
        "stage: casting", "stage: cast/ing", "processes.casting.stage", ("is no id",)
    ),
}
IDS["an empty key"] = Bad(
    LOSS, f'  "": {{units: "1", value: 1, source: x}}\n{LOSS}', "inputs.", ("is no id",)
)
IDS["a key that is a list"] = Bad(
    LOSS,
    f"  ? [a, b]\n  : {{value: 1}}\n{LOSS}",
    'inputs.["a", "b"]',
    ('the key ["a", "b"] is no text',),
)

CHAIN = {
    "a product that nothing makes": Bad(
        "alumina: smelting",
        "bauxite: smelting",
        "processes.electrolysis.needs.bauxite",
        ("nothing makes or sells bauxite; state a process that makes it",),
    ),
    "a misspelt product": Bad(
        "alumina: smelting",
        "alumnia: smelting",
        "processes.electrolysis.needs.alumnia",
        ("did you mean alumina?",),
    ),
    "a misspelt supply": Bad(
        "supply: smelting.power",
        "supply: smelting.pwer",
        "processes.electrolysis.needs.electricity.supply",
        ("no supply is called smelting.pwer; did you mean smelting.power?",),
    ),
    "an unknown gas": Bad(
        "gas: CO2, amount",
        "gas: C02, amount",
        "processes.electrolysis.emits.anodes.gas",
        ("no gas is called C02; known: CO2", "did you mean CO2?"),
    ),
    "a line that is no gas": Bad(
        "{gas: CO2, amount",
        "{amount",
        "processes.electrolysis.emits.anodes",
        ("no gas is called anodes",),
        at="anodes: {",
    ),
    "an unknown account": Bad(
        "account: upstream",
        "account: scope3",
        "products.alumina.emits.made.account",
        ('"scope3" is not one of direct, electricity or upstream',),
    ),
    "an unknown source": Bad(
        "source: ancillary",
        "source: other",
        "products.alumina.source",
        ("no source is called other", "give it a name under `names`"),
    ),
    "a bought product that is made": Bad(
        "needs:\n      metal: casting.melt",
        "needs:\n      metal: casting.melt\n  refining:\n    stage: refining\n"
        "    makes: {product: alumina, units: t}",
        "processes.refining.makes.product",
        ("alumina is a bought product too; one of the two has to go",),
        at="product: alumina, units",
    ),
    "two makers of one product": Bad(
        "needs:\n      metal: casting.melt",
        "needs:\n      metal: casting.melt\n  remelting:\n    stage: casting\n"
        "    makes: {product: metal, units: kg}",
        "processes.remelting.makes.product",
        ("metal is made by electrolysis already; state under `routes`",),
        at="product: metal, units: kg",
    ),
    "a product without units": Bad(
        "{product: ingot, units: t}",
        "{product: ingot}",
        "processes.casting.makes",
        ("write `units: t`, or the amount with its units: 1 t",),
    ),
    "nothing made": Bad(
        "{product: ingot, units: t}",
        "{product: ingot, amount: 0 t}",
        "processes.casting.makes.amount",
        ("must be above 0, not 0 t",),
    ),
    "less than nothing made": Bad(
        "{product: ingot, units: t}",
        "{product: ingot, units: t, amount: -1}",
        "processes.casting.makes.amount",
        ("must be above 0, not -1",),
    ),
    "a declared product that nothing makes": Bad(
        "product: ingot}\nrun",
        "product: ingots}\nrun",
        "declared_unit.product",
        ("no process makes ingots; did you mean ingot?",),
        at="declared_unit",
    ),
    "a declared unit of another kind": Bad(
        "{amount: 1, units: t,",
        "{amount: 1, units: kWh,",
        "declared_unit.units",
        ("ingot is made in t, not in kWh",),
    ),
    "a declared amount of two": Bad(
        "{amount: 1, units: t,",
        "{amount: 2, units: t,",
        "declared_unit",
        ("amount: 1",),
    ),
    "a loop that uses what it makes": Bad(
        "    needs:\n      alumina",
        "    needs:\n      ingot: 1 / casting.melt\n      alumina",
        "processes",
        ("the loop ingot -> metal -> ingot uses up at least as much as it makes",),
        at="processes:",
    ),
    "a loop that uses more than it makes": Bad(
        "    needs:\n      alumina",
        "    needs:\n      ingot: 2\n      alumina",
        "processes",
        ("uses up at least as much as it makes; lower what",),
        at="processes:",
    ),
    "a process that eats itself": Bad(
        "      metal: casting.melt",
        "      metal: casting.melt\n      ingot: 1",
        "processes",
        ("the loop ingot -> ingot uses up at least as much",),
        at="processes:",
    ),
    "a flow divided by zero": Bad(
        "amount: smelting.anode_co2",
        "amount: smelting.anode_co2 / 0",
        "processes.electrolysis.emits.anodes",
        ("is not finite at the point values", "division by zero", "scenario grid"),
    ),
    "an output divided by zero": Bad(
        "formula: supply.electricity",
        "formula: supply.electricity / 0",
        "outputs.energy.formula",
        ("is not finite at the point values",),
    ),
    "an operator of nothing": Bad(
        "products:",
        "operator: {owns: [electrolisis]}\nproducts:",
        "operator.owns.0",
        ("no process is called electrolisis; did you mean electrolysis?",),
    ),
    "an unknown GWP set": Bad(
        "products:",
        "characterisation: {set: AR7}\nproducts:",
        "characterisation.set",
        ("no GWP set is called AR7; known: AR4, AR5, AR6",),
    ),
    "an uncertainty that no set states": Bad(
        "products:",
        "characterisation: {set: AR5, uncertain: true}\nproducts:",
        "characterisation.uncertain",
        ("AR5 states no uncertainty; take AR6",),
    ),
    "shares of fuel above one": Bad(
        "fuel.gas: 0.2",
        "fuel.gas: 0.3",
        "dependence.0.dirichlet",
        ("means sum to 1.1, not 1; 0.1 is too much",),
        at="dirichlet:",
    ),
    "a negative share of fuel": Bad(
        "{fuel.coal: 0.8, fuel.gas: 0.2}",
        "{fuel.coal: 1.2, fuel.gas: -0.2}",
        "dependence.0.dirichlet",
        ("fuel.gas: mean -0.2 is not between 0 and 1",),
        at="dirichlet:",
    ),
    "no concentration": Bad(
        "concentration: 30",
        "concentration: 0",
        "dependence.0.dirichlet.concentration",
        ("must be above 0, not 0",),
    ),
    "a share that is an input": Bad(
        "fuel.gas: 0.2",
        "alumina.factor: 0.2",
        "dependence.0.dirichlet.means.alumina.factor",
        ("alumina.factor is an input too; a share has one definition",),
    ),
    "a misspelt result": Bad(
        "formula: supply.electricity",
        "formula: suply.electricity",
        "outputs.energy.formula",
        (
            "no input, result or output is called suply.electricity",
            "supply.electricity?",
        ),
    ),
}

SUPPLIES = {
    "a misspelt mix": power(
        "{mix: cn_2032}", "mix", "no mix is called cn_2032", "cn_2"
    ),
    "a mix like no other": power(
        "{mix: narnia}", "mix", "no mix is called narnia; `potline library mixes`"
    ),
    "a supply that is a number": power(
        "0.5", "", "must be a mapping such as {mix: cn_2023}, not 0.5"
    ),
    "a mix and a blend": power(
        "{mix: cn_2023, blend: {cn_2023: 1}}", "", "takes one of mix, blend, shares"
    ),
    "an empty supply": power("{}", "", "takes one of mix, blend", "found none"),
    "an empty blend": power("{blend: {}}", "blend", "holds 0; state 1 or more"),
    "a blend short of one": power(
        "{blend: {cn_2023: 0.5, hydro_contract: 0.4}}",
        "blend",
        "the shares add up to 0.9, not to 1; write one of them as `rest`",
    ),
    "a negative part of a blend": power(
        "{blend: {cn_2023: rest, hydro_contract: -0.5}}",
        "blend.hydro_contract",
        "a share lies between 0 and 1, not at -0.5",
    ),
    "two rests": power(
        "{blend: {cn_2023: rest, hydro_contract: rest}}",
        "blend.hydro_contract",
        "cn_2023 takes the rest already; write a share",
    ),
    "no rest left": power(
        "{blend: {cn_2023: 0.7, cn_2024: 0.7, hydro_contract: rest}}",
        "blend",
        "the shares add up to 1.4 and leave no rest",
    ),
    "formulas that do not sum to one": power(
        "{blend: {cn_2023: casting.loss, hydro_contract: casting.loss}}",
        "blend",
        "the shares add up to 0.01 at the point values, not to 1",
    ),
    "a formula below zero": power(
        '{blend: {cn_2023: "0 - casting.loss", hydro_contract: rest}}',
        "blend.cn_2023",
        "0 - casting.loss is -0.005 at the point values",
    ),
    "a share with units": power(
        "{blend: {cn_2023: 0.5 kg, hydro_contract: rest}}",
        "blend.cn_2023",
        "0.5 kg measures mass; a pure number belongs here",
    ),
    "losses upon losses": power(
        "{mix: cn_2023, losses: 0.05}",
        "losses",
        "the factor of cn_2023 includes grid losses; leave losses out",
    ),
    "losses that are a gain": power(
        "{mix: hydro_contract, losses: -0.05}", "losses", "must be 0 or more, not -0.05"
    ),
    "a mix that needs an import": power(
        "{mix: captive_coal}", "mix", "power.captive_multiplier; import power/china"
    ),
    "shares short of one": power(
        "{shares: {coal: 0.5, hydro: 0.4}, factor_set: mee23}",
        "shares",
        "the shares add up to 0.9, not to 1",
    ),
    "shares of an unknown technology": power(
        "{shares: {coal: 0.5, hydor: 0.5}, factor_set: mee23}",
        "shares.hydor",
        "mee23 has no factor for hydor; did you mean hydro?",
    ),
    "shares without factors": power(
        "{shares: {coal: 1}}", "factor_set", "factor_set is missing; write factor_set:"
    ),
    "shares with unknown factors": power(
        "{shares: {coal: 1}, factor_set: mee}", "factor_set", "no factor set mee"
    ),
    "a factor without CO2e": power(
        "{factor: 500 g/kWh}", "factor", "500 g/kWh measures mass/energy", "CO2e/kWh"
    ),
    "a factor without units": power(
        "{factor: 0.5}", "factor", "write its units: 0.5 kg CO2e/kWh"
    ),
    "a factor below zero": power(
        "{factor: -0.5 kg CO2e/kWh}", "factor", "must be 0 or more"
    ),
}

SCENARIOS = {
    "an unknown supply": Bad(
        "smelting.power: {mix: hydro",
        "smelting.powr: {mix: hydro",
        "scenarios.hydro.set.smelting.powr",
        ("no such supply; did you mean smelting.power?",),
    ),
    "an unknown input": frugal(
        "{scale: {smelting.electrcity: 0.97}}",
        "scale.smelting.electrcity",
        "no such input; did you mean smelting.electricity?",
    ),
    "a supply on an input": frugal(
        "{set: {smelting.electricity: {mix: cn_2023}}}",
        "set.smelting.electricity",
        "is an input; write a value, a formula or a distribution",
    ),
    "a number on a supply": frugal(
        "{set: {smelting.power: 5}}", "set.smelting.power", "is a supply; write {mix:"
    ),
    "a supply scaled": frugal(
        "{scale: {smelting.power: 2}}", "scale.smelting.power", "only inputs can be"
    ),
    "a scale by a supply": frugal(
        "{scale: {smelting.electricity: {mix: cn_2023}}}",
        "scale.smelting.electricity",
        "only inputs can be scaled",
    ),
    "a scale with units": frugal(
        "{scale: {smelting.electricity: 0.97 kWh/t}}",
        "scale.smelting.electricity",
        "0.97 kWh/t measures energy/mass; a pure number belongs here",
    ),
    "a scale that is a word": frugal(
        "{scale: {smelting.electricity: lots}}",
        "scale.smelting.electricity.formula",
        "no input is called lots",
    ),
    "set and scaled": frugal(
        "{set: {smelting.electricity: 1}, scale: {smelting.electricity: 2}}",
        "scale.smelting.electricity",
        "is set and scaled by the same scenario; do one of the two",
    ),
    "set to other units": frugal(
        "{set: {smelting.electricity: 13000 MJ}}",
        "set.smelting.electricity",
        "13000 MJ measures energy, not energy/mass (kWh/t)",
    ),
    "set to units unknown": frugal(
        "{set: {smelting.electricity: 13000 kwh/t}}",
        "set.smelting.electricity",
        "did you mean kWh?",
    ),
    "set to an impossible distribution": frugal(
        "{set: {smelting.electricity: {normal: {mean: 1, sd: -1}}}}",
        "set.smelting.electricity.normal.sd",
        "-1 is negative",
    ),
    "set to true": frugal(
        "{set: {smelting.electricity: true}}",
        "set.smelting.electricity",
        "must be a number or a mapping of keys to values, not true",
    ),
    "set to nothing": frugal(
        "{set: {smelting.electricity: {}}}", "set.smelting.electricity", "found none"
    ),
    "set to an input and a supply": frugal(
        "{set: {smelting.electricity: {value: 1, mix: cn_2023}}}",
        "set.smelting.electricity",
        "a change is of an input or of a supply, not both",
    ),
    "set to two supplies": frugal(
        "{set: {smelting.power: {mix: cn_2023, factor: 1 kg CO2e/kWh}}}",
        "set.smelting.power",
        "a supply takes one of mix, blend",
        "found mix and factor",
    ),
    "set to a formula of other units": frugal(
        "{set: {smelting.electricity: {formula: smelting.alumina}}}",
        "set.smelting.electricity.formula",
        "measures dimensionless, not energy/mass (kWh/t)",
    ),
    "a circle made by a scenario": frugal(
        "{set: {casting.loss: {formula: casting.melt - 1}}}",
        "set",
        "need each other: casting.loss -> casting.melt -> casting.loss",
    ),
    "one share set alone": frugal(
        "{set: {fuel.coal: 0.5}}",
        "set.fuel.coal",
        "is one of shares that sum to one and cannot be changed alone",
    ),
    "one share scaled alone": frugal(
        "{scale: {mix.hydro_contract.hydro: 0.5}}",
        "scale.mix.hydro_contract.hydro",
        "state `shares:` or a `blend:` on the supply",
    ),
    "a misspelt lever": frugal(
        "{scales: {smelting.electricity: 2}}", "scales", "did you mean scale?"
    ),
    "a scenario that is null": frugal("null", "", "must be a mapping", "not null"),
    "losses alone on a factor that holds them": frugal(
        "{set: {smelting.power: {losses: 0.02}}}",
        "set.smelting.power.losses",
        "includes grid losses",
    ),
    "two references": Bad(
        "hydro: {set",
        "hydro: {reference: true, set",
        "scenarios.hydro.reference",
        ("grid is the reference already",),
    ),
}

SETTINGS = {
    "no draws": Bad(
        "draws: 64", "draws: 0", "run.draws", ("must be 1 or more, not 0",)
    ),
    "half a draw": Bad("draws: 64", "draws: 0.5", "run.draws", ("a whole number",)),
    "draws without end": Bad(
        "draws: 64", f"draws: {10**10}", "run.draws", ("must be 1000000000 or less",)
    ),
    "a misspelt design": Bad(
        "design: sobol", "design: sobel", "run.design", ("did you mean sobol?",)
    ),
    "a negative seed": Bad("seed: 1", "seed: -1", "run.seed", ("must be 0 or more",)),
    "a seed that is true": Bad(
        "seed: 1", "seed: true", "run.seed", ("must be a whole number", "not true")
    ),
    "a seed beyond 64 bits": Bad(
        "seed: 1", f"seed: {2**63}", "run.seed", (f"must be below {2**63}",)
    ),
    "a probability in per cent": Bad(
        "seed: 1",
        "coverage_probability: 95",
        "run.coverage_probability",
        ("must be below 1, not 95",),
    ),
}

YAML = {
    "a tag of Python": Bad(
        "source: a paper",
        "source: !!python/object/apply:os.system [touch pwned]",
        "",
        ("a tag is not allowed in a config; write the value itself",),
    ),
    "a tag of one's own": Bad("source: a paper", "source: !env HOME", "", ("a tag",)),
    "a tag of YAML": Bad("sd: 50", "sd: !!float 50", "", ("a tag is not allowed",)),
    "an anchor": Bad("source: a paper", "source: &here x", "", ("an anchor is not",)),
    "an alias": Bad("source: a paper", "source: *here", "", ("an alias is not",)),
    "a merge key": Bad(
        "    source: a meter",
        "    <<: {source: a meter}",
        "",
        ("a merge key is not allowed in a config; write the keys out",),
    ),
    "another YAML": Bad(
        "title: A small smelter",
        "%YAML 1.1\n---\ntitle: A small smelter",
        "",
        ("a directive is not allowed",),
        at="%YAML 1.1",
    ),
    "a key twice": Bad(
        "    source: a meter",
        "    source: a meter\n    source: another",
        "",
        ('the key "source" stands twice in one mapping; keep one',),
        at="source: another",
    ),
    "a section twice": Bad(
        "outputs:",
        "inputs: {}\noutputs:",
        "",
        ('the key "inputs" stands twice',),
    ),
    "a tab": Bad(
        "    source: a meter",
        "\tsource: a meter",
        "",
        ("a tab where spaces belong; indent with spaces",),
    ),
    "a bracket left open": Bad(
        "{mean: 13500, sd: 50}",
        "{mean: 13500, sd: 50",
        "",
        ("not YAML",),
        at="source: a meter",
    ),
    "a colon too many": Bad(
        "source: a meter", "source: a: meter", "", ("put text with a colon in quotes",)
    ),
    "two documents": Bad(
        "outputs:", "---\noutputs:", "", ("a second document begins here",)
    ),
    "too deep": Bad(
        "dependence:",
        f"products2: {'{a: ' * 40}1{'}' * 40}\ndependence:",
        "products2" + ".a" * 29,
        ("nested more than 30 deep",),
    ),
}

DATA = {
    "no such file": data(READINGS, "no such data file: e.csv; did you", file="e.csv"),
    "no such column": data(
        READINGS, "no column kwhs; did you mean kwh?", column="kwhs"
    ),
    "a file outside": data(READINGS, "outside the config's folder", file="../d.csv"),
    "an absolute file": data(READINGS, "outside the config's", file="/etc/hostname"),
    "a path with a null": data(READINGS, "not a path that can be", file='"d\\0.csv"'),
    "a path without end": data(READINGS, "not a path that can", file="a" * 5000),
    "a folder": data(READINGS, "is a folder or a device", file="."),
    "a spreadsheet's error": data(
        READINGS.replace("13510", "#NUM!"), "d.csv, row 3", "#NUM!", "spreadsheet error"
    ),
    "a decimal comma": data(
        READINGS.replace("13510", '"13510,5"'), "row 3", "a decimal point, no comma"
    ),
    "a decimal comma that splits": data(
        READINGS.replace("13510", "13510,5"), "row 3", "more cells than the header has"
    ),
    "a per cent sign": data(
        READINGS.replace("13510", "5 %"), "row 3", "without the sign"
    ),
    "not a number": data(READINGS.replace("13510", "nan"), "row 3", "leave the cell"),
    "a word": data(READINGS.replace("13510", "n/a"), "row 3", "write a number"),
    "thousands parted": data(READINGS.replace("13510", "13_510"), "row 3", "digits"),
    "semicolons": data(
        READINGS.replace(",", ";"), "its cells are parted by semicolons"
    ),
    "an empty file": data("", "is empty; the first row names the columns"),
    "a header alone": data("when,kwh\n", "the column kwh holds no readings"),
    "one reading": data("when,kwh\n1,13500\n", "1 given, mean takes 4 or more"),
    "no text": data(bytes(range(256)), "is no UTF-8 text; save the file as UTF-8"),
    "a cell without end": data("when,kwh\n1," + "9" * 200_000, "field larger"),
    "which column": electricity(
        "observed: {of: mean, file: d.csv}",
        "observed.file",
        "say which column: when, kwh",
        files={"d.csv": READINGS},
    ),
    "values and a file": electricity(
        "observed: {of: mean, file: d.csv, values: [1, 2, 3, 4]}",
        "observed.file",
        "values stand here too; keep one of the two",
        files={"d.csv": READINGS},
    ),
    "a file behind a scenario": frugal(
        "{set: {smelting.electricity: {empirical: {file: e.csv}}}}",
        "set.smelting.electricity.empirical.file",
        "no such data file: e.csv",
    ),
}


def imported(wanted: str, *says: str, **files: str) -> Bad:
    """An import of the small study."""
    new = f"import: [{wanted}]\ntitle:"
    more = {name.replace("_", "."): text for name, text in files.items()}
    return Bad("title:", new, "import.0", says, files=more)


IMPORTS = {
    "a misspelt library": imported(
        "aluminium/chains",
        "no library file is called aluminium/chains; did you mean aluminium/chain?",
    ),
    "no library at all": imported("narnia", "`potline library files` lists them"),
    "no such file": imported(
        "chain.yaml",
        "no such file: chain.yaml; did you mean chains.yaml?",
        chains_yaml="",
    ),
    "a file outside": imported("../x.yaml", "lies outside the config's folder"),
    "an absolute file": imported("/etc/x.yaml", "lies outside the config's folder"),
    "a path with a null": imported('"a\\0.yaml"', "is not a path that can be"),
    "a path without end": imported("a" * 5000 + ".yaml", "is not a path that can be"),
    "itself": imported("study.yaml", "in a circle: study.yaml -> study.yaml"),
    "itself by another way": imported("./x/../study.yaml", "import in a circle"),
    "a number": imported("1", 'must be text, not 1; put it in quotes: "1"'),
}
IMPORTS["itself by another way"].files["x/y"] = ""

GROUPS = {
    "keys": KEYS,
    "values": VALUES,
    "distributions": DISTRIBUTIONS,
    "formulas": FORMULAS,
    "units": UNITS,
    "ids": IDS,
    "chain": CHAIN,
    "supplies": SUPPLIES,
    "scenarios": SCENARIOS,
    "settings": SETTINGS,
    "yaml": YAML,
    "data": DATA,
    "imports": IMPORTS,
}
EVERY = [
    pytest.param(bad, id=f"{group}-{name}")
    for group, cases in GROUPS.items()
    for name, bad in cases.items()
]


def written(bad: Bad, small: str, folder: Path) -> str:
    """Write a case into a folder; the text of its study."""
    assert small.count(bad.old) >= 1, "the edit finds nothing to take out"
    text = small.replace(bad.old, bad.new, 1)
    for name, content in bad.files.items():
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    (folder / "study.yaml").write_text(text)
    return text


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, and every folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
    }


def line_of(bad: Bad, text: str) -> int:
    """The one line of a text that holds the fault."""
    mark = bad.at or bad.new.splitlines()[0]
    found = [i for i, line in enumerate(text.splitlines(), 1) if mark in line]
    assert len(found) == 1, f"{mark!r} stands on lines {found}"
    return found[0]


@pytest.mark.parametrize("bad", EVERY)
def test_a_fault_is_told_with_its_file_line_path_and_mend(
    bad, small, potline, tmp_path
):
    text = written(bad, small, tmp_path)
    before = contents(tmp_path)
    told = potline("run", "study.yaml")
    assert (told.code, told.out) == (2, "")
    assert contents(tmp_path) == before
    head, *faults = told.err.splitlines()
    assert (head, len(faults)) == ("study.yaml: 1 fault", 1), told.err
    place = f"{bad.path}: " if bad.path else ""
    assert faults[0].startswith(f"  line {line_of(bad, text)}: {place}"), told.err
    for said in bad.says:
        assert said in faults[0]
    assert len(faults[0]) < 500


def test_there_are_two_hundred_bad_configs():
    assert len(EVERY) >= 200


def test_check_gives_faults_as_one_json_object(small, potline, tmp_path):
    (tmp_path / "study.yaml").write_text(small.replace("sd: 50", "sd: -50"))
    told = potline("check", "study.yaml", "--json")
    assert (told.code, told.err) == (2, "")
    assert json.loads(told.out) == {
        "faults": [
            {
                "file": "study.yaml",
                "line": 11,
                "path": "inputs.smelting.electricity.normal.sd",
                "message": "-50 is negative; write 50, or 0 for no spread",
            }
        ],
        "warnings": [],
    }
