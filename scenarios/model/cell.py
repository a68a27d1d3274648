"""One scenario in one year: every id and formula of it as nodes of the graph."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace

from scenarios.language.supplies import SupplyPath
from scenarios.language.tables import Tables
from scenarios.model.definitions import Definition, literal
from scenarios.model.pathway import weights
from uncertainty.dependence import Composition
from uncertainty.model import Check
from uncertainty.model.expressions import Expression, parse
from uncertainty.model.graph import Graph

Building = Generator[str, int, int]
"""A node in the making: asks for names, is sent their nodes, returns its own."""


@dataclass
class Cell:
    """Looks ids up in the definitions of one scenario and builds them once.

    Formulas read formulas to any depth, so that none is built by recursion.

    Attributes
    ----------
    graph : Graph
        Shared by all cells, so that what two have in common is one node.
    definitions : mapping of id to Definition
    year : int or None
        None for a study without years.
    paths : mapping of name to SupplyPath
        Supplies over years that the study's supplies may name.
    outputs : mapping of name to text
        Formulas of the study's outputs.
    tables : Tables
        Rows of the study: mixes and emission factors of electricity.
    results : dict of name to node
        What outputs may read beside inputs and each other: footprint, stage.*, ...
    built : dict of id to node
        Inputs that something has asked for so far.
    answers : dict of name to node
        Outputs that something has asked for so far.
    shares : dict of Composition to dict of id to node
        Compositions that have been built so far.
    checks : list of Check
        What has to hold in every draw.
    """

    graph: Graph
    definitions: Mapping[str, Definition]
    year: int | None = None
    paths: Mapping[str, SupplyPath] = field(default_factory=dict)
    outputs: Mapping[str, str | float] = field(default_factory=dict)
    tables: Tables = field(default_factory=Tables, kw_only=True)
    results: dict[str, int] = field(default_factory=dict)
    built: dict[str, int] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    shares: dict[Composition, dict[str, int]] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)

    def node(self, id: str) -> int:
        """Node of an input, else of a result, else of an output, in base units."""
        return self._finish(self._named(id))

    def output(self, name: str) -> int:
        """Node of an output, in base units."""
        return self._finish(self._output(name))

    def formula(self, text: str | float) -> int:
        """Node of a formula, or of a number with units."""
        return self._finish(self._formula(text))

    def build(self, what: Definition) -> int:
        """Node of a definition, whether or not it is one of the study's inputs."""
        return self._finish(self._definition(what))

    def _finish(self, building: Building) -> int:
        """Let a node be built, and before it whatever it asks for."""
        waiting = [building]
        answer: int | None = None  # nothing can be sent to one that has not begun
        while True:
            try:
                wanted = waiting[-1].send(answer)  # type: ignore[arg-type]
            except StopIteration as end:
                waiting.pop()
                answer = int(end.value)
                if not waiting:
                    return answer
            else:
                waiting.append(self._named(wanted))
                answer = None

    def _known(self, id: str) -> int | None:
        """Node of a name that has been built; an input's name comes first."""
        if id in self.definitions:
            return self.built.get(id)
        return self.results.get(id, self.answers.get(id))

    def _named(self, id: str) -> Building:
        if (known := self._known(id)) is not None:
            return known
        if id not in self.definitions:
            return (yield from self._output(id))
        node = yield from self._definition(self.definitions[id])
        self.built[id] = self.graph.name(node, id)
        return node

    def _output(self, name: str) -> Building:
        if name not in self.answers:
            self.answers[name] = yield from self._formula(self.outputs[name])
        return self.answers[name]

    def _formula(self, text: str | float) -> Building:
        if known := literal(text):
            return self.graph.constant(known[0] * known[1].factor)
        return (yield from self._expression(parse(str(text))))

    def _expression(self, expression: Expression) -> Building:
        stack: list[int] = []
        for value, arity, *_ in expression.steps:
            if isinstance(value, float):
                stack.append(self.graph.constant(value))
            elif arity == 0:
                known = self._known(value)
                stack.append((yield value) if known is None else known)
            else:
                operands = tuple(stack[-arity:])
                del stack[-arity:]
                stack.append(self.graph.apply(value, operands))
        return stack.pop()

    def _definition(self, what: Definition) -> Building:
        graph = self.graph
        if what.expression is not None:
            node = yield from self._expression(what.expression)
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
            node = yield from self._pathway(what)
        else:
            raise AssertionError(f"{what.id} has no value")
        for by in what.factors:
            if isinstance(by, Expression):
                factor = yield from self._expression(by)
            else:
                factor = graph.quantile(by[1], by[0])
            node = graph.apply("mul", (node, factor))
        return node

    def _pathway(self, what: Definition) -> Building:
        """A value on a pathway: its knots at the same quantile, weighted."""
        graph, knots = self.graph, dict(what.knots)
        parts = []
        for year, weight in weights(list(knots), self.year, step=what.step).items():
            knot = replace(knots[year], column=what.column, per_year=what.per_year)
            node = yield from self._definition(knot)
            parts.append(graph.product(graph.constant(weight), node))
        return graph.total(parts)
