"""One scenario in one year: every id and formula of it as nodes of the graph."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from scenarios.language.supplies import SupplyPath
from scenarios.language.tables import Tables
from scenarios.model.definitions import Definition, literal
from scenarios.model.pathway import weights
from uncertainty.dependence import Composition
from uncertainty.model import Check
from uncertainty.model.expressions import Expression, parse
from uncertainty.model.graph import Graph


@dataclass
class Cell:
    """Looks ids up in the definitions of one scenario and builds them once.

    Attributes
    ----------
    graph : Graph
        Shared by all cells, so that what two have in common is one node.
    definitions : mapping of id to Definition
    year : int or None
        None for a study without years.
    paths : mapping of name to SupplyPath
        Supplies over years that the study's supplies may name.
    tables : Tables
        Rows of the study: mixes and emission factors of electricity.
    results : dict of name to node
        What outputs may read beside inputs: footprint, stage.*, demand.*, ...
    built : dict of id to node
        Inputs that something has asked for so far.
    shares : dict of Composition to dict of id to node
        Compositions that have been built so far.
    checks : list of Check
        What has to hold in every draw.
    """

    graph: Graph
    definitions: Mapping[str, Definition]
    year: int | None = None
    paths: Mapping[str, SupplyPath] = field(default_factory=dict)
    tables: Tables = field(default_factory=Tables, kw_only=True)
    results: dict[str, int] = field(default_factory=dict)
    built: dict[str, int] = field(default_factory=dict)
    shares: dict[Composition, dict[str, int]] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)

    def node(self, id: str) -> int:
        """Node of an input, else of a result of that name, in coherent base units."""
        if id not in self.definitions:
            return self.results[id]
        if id not in self.built:
            node = self.build(self.definitions[id])
            self.built[id] = self.graph.name(node, id)
        return self.built[id]

    def formula(self, text: str | float) -> int:
        """Node of a formula, or of a number with units."""
        if known := literal(text):
            return self.graph.constant(known[0] * known[1].factor)
        return self.expression(parse(str(text)))

    def expression(self, expression: Expression) -> int:
        """Node of a parsed formula."""
        constant: Callable[[float], int] = self.graph.constant
        return expression.fold(constant, self.node, self.graph.apply)

    def _between(self, what: Definition) -> int:
        """A value on a pathway: its knots at the same quantile, weighted."""
        graph, knots = self.graph, dict(what.knots)
        parts = [
            graph.product(
                graph.constant(weight),
                self.build(
                    replace(
                        knots[year],
                        column=what.column,
                        per_year=what.per_year,
                    )
                ),
            )
            for year, weight in weights(list(knots), self.year, step=what.step).items()
        ]
        return graph.total(parts)

    def build(self, what: Definition) -> int:
        """Node of a definition, whether or not it is one of the study's inputs."""
        graph = self.graph
        if what.expression is not None:
            node = self.expression(what.expression)
        elif what.composition is not None:
            if what.composition not in self.shares:
                self.shares[what.composition] = what.composition.build(
                    graph.quantile, graph.constant, graph.apply
                )
            node = self.shares[what.composition][what.id]
        elif what.marginal is not None:
            column = f"{what.column}@{self.year}" if what.per_year else what.column
            node = graph.quantile(column, what.marginal, what.unit.factor)
        elif what.knots:
            node = self._between(what)
        else:
            raise AssertionError(f"{what.id} has no value")
        for by in what.factors:
            if isinstance(by, Expression):
                factor = self.expression(by)
            else:
                factor = graph.quantile(by[1], by[0])
            node = graph.apply("mul", (node, factor))
        return node
