"""Studies and runs that several test files look at, each made once a session."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
import xarray as xr
from hypothesis import settings

from scenarios.loading.load import load
from scenarios.model.study import Study
from scenarios.results.result import Result
from uncertainty.model import Model
from uncertainty.run.propagation import propagate

# a busy machine is no fault: no test depends on how long an example takes
settings.register_profile("potline", deadline=None)
settings.load_profile("potline")

CONFIGS = Path(__file__).parents[1] / "configs"


class Shipped(NamedTuple):
    """A shipped study at 1 024 draws: treat it as read-only."""

    study: Study
    model: Model
    result: Result
    flows: xr.DataArray | None
    """Every flow draw by draw, which a result keeps only the statistics of."""

    def inputs(self, scenario: str) -> dict[str, xr.DataArray]:
        """Stored inputs as one scenario has them, in declared units."""
        stored = self.result.inputs
        return {
            str(name): x.sel(scenario=scenario) if "scenario" in x.dims else x
            for name, x in stored.items()
        }

    def draws(self, name: str) -> xr.DataArray:
        """Draws of one output table."""
        found = self.result.drawn(name)
        assert found is not None
        return found


@cache
def _shipped(name: str) -> Shipped:
    study = load(CONFIGS / f"{name}.yaml", settings={"draws": 1024})
    model = study.model()
    result = study.run(model=model)
    flows = None
    if "flows" in model.outputs:
        plan, levels = study.plan(model)
        flows = propagate(model, plan, [model.outputs["flows"]], levels=levels)["flows"]
    return Shipped(study, model, result, flows)


@pytest.fixture(scope="session")
def shipped() -> Callable[[str], Shipped]:
    """Run of a config in ``configs/`` by its name."""
    return _shipped


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Study]:
    """Study loaded from the text of a config."""

    def make(text: str, *arguments: object, **options: object) -> Study:
        path = tmp_path / "study.yaml"
        path.write_text(text, encoding="utf-8")
        return load(path, *arguments, **options)  # type: ignore[arg-type]

    return make
