"""Supplies with uncertain shares become mixes, whose shares are inputs."""

from scenarios.errors import Origin
from scenarios.language.supplies import Supply, SupplyPath
from scenarios.language.tables import Mix
from scenarios.loading.draft import Draft


def with_own_mixes(draft: Draft) -> Draft:
    """A draft in which every supply with ``sds`` takes a mix that has them.

    The mix is called after the supply, with the scenario, lever or path before it and
    the year of a knot behind it, so that its shares are named inputs with a source.
    """
    config = draft.config
    mixes, origins = dict(config.mixes), dict[tuple[str, str], Origin]()

    def named(supply: Supply, origin: Origin, *parts: str) -> Supply:
        if isinstance(supply.path, SupplyPath):
            return supply.model_copy(
                update={"path": along(supply.path, origin, *parts)}
            )
        if not supply.sds or supply.factor_set is None:
            return supply
        name = "_".join(parts).replace(".", "_")
        mixes[name] = Mix.model_construct(
            shares=supply.shares,
            sds=supply.sds,
            factor_set=supply.factor_set,
            label=supply.label,
            source=supply.source,
            confidence="assumed",
            spread_confidence="assumed",
        )
        origins["mixes", name] = origin
        empty = dict.fromkeys(("shares", "sds", "factor_set"))
        return supply.model_copy(update={**empty, "mix": name})

    def along(path: SupplyPath, origin: Origin, *parts: str) -> SupplyPath:
        knots = {
            year: named(knot, origin.below("knots", year), *parts, str(year))
            for year, knot in path.knots.items()
        }
        return path.model_copy(update={"knots": knots})

    supplies = {
        id: named(supply, draft.origin("supplies", id), id)
        for id, supply in config.supplies.items()
    }
    paths = {
        id: along(path, draft.origin("paths", id), id)
        for id, path in config.paths.items()
    }
    scenarios = {}
    for name, scenario in config.scenarios.items():
        origin = draft.origin("scenarios", name)
        changes = dict(scenario.set)
        for id, change in scenario.set.items():
            if change.names_a_source:
                supply = change.supply()
                own = named(supply, origin.below("set", id), name, id)
                if own is not supply:
                    words = ("mix", "path", "shares", "sds", "factor_set")
                    update = {word: getattr(own, word) for word in words}
                    changes[id] = change.model_copy(update=update)
        scenarios[name] = scenario.model_copy(update={"set": changes})
    levers = {}
    for name, lever in config.levers.items():
        origin = draft.origin("levers", name)
        own_supplies = {
            id: named(supply, origin.below("supplies", id), name, id)
            for id, supply in lever.supplies.items()
        }
        levers[name] = lever.model_copy(update={"supplies": own_supplies})
    if not origins:
        return draft
    return draft.updated(
        origins,
        mixes=mixes,
        supplies=supplies,
        paths=paths,
        scenarios=scenarios,
        levers=levers,
    )
