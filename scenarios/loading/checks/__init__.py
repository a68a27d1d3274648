"""What can be wrong between the parts of a study: names, units, shares, circles."""

from collections.abc import Mapping

from scenarios.errors import ConfigError
from scenarios.language.config import Config
from scenarios.loading.checks.dependence import check_ties
from scenarios.loading.checks.findings import Findings
from scenarios.loading.checks.inputs import check_ids, check_inputs, check_units
from scenarios.loading.checks.levers import (
    check_fleets,
    check_levers,
    check_paths,
    check_years,
)
from scenarios.loading.checks.processes import (
    check_declared_unit,
    check_names,
    check_outputs,
    check_processes,
    check_products,
    check_routes,
    check_settings,
)
from scenarios.loading.checks.scenarios import check_cycles, check_scenarios
from scenarios.loading.checks.supplies import check_mixes, check_supplies
from scenarios.loading.draft import Origins
from scenarios.model.definitions import Definition


def check(
    config: Config,
    definitions: Mapping[str, Definition],
    origins: Origins,
) -> None:
    """Look for every fault that shows only between the parts of a study.

    Parameters
    ----------
    config : Config
        Merged.
    definitions : mapping of id to Definition
        Of the inputs that could be read; an input that is missing here is at fault
        itself, and what reads it is not told too.
    origins : mapping of (section, id) to Origin

    Raises
    ------
    ConfigError
        Every fault, without the lines of its deeper parts.
    """
    found = Findings(config, definitions, origins)
    check_units(found)
    check_ids(found)
    check_ties(found)
    _raise(found)  # dimensions need units that can be read
    check_inputs(found)
    check_names(found)
    check_products(found)
    check_mixes(found)
    check_supplies(found)
    check_processes(found)
    check_routes(found)
    if check_declared_unit(found):
        check_outputs(found)
    check_paths(found)
    check_levers(found)
    check_fleets(found)
    check_scenarios(found)
    check_years(found)
    check_settings(found)
    if not found.faults:
        check_cycles(found)
    _raise(found)


def _raise(found: Findings) -> None:
    if found.faults:
        raise ConfigError(found.faults)
