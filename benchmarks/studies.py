"""The study that is measured, whole or with some of its scenarios."""

from dataclasses import replace
from pathlib import Path

from scenarios.loading.load import load
from scenarios.model.study import Study

CONFIG = Path(__file__).parent.parent / "configs" / "china_grid_mixes.yaml"


def shipped(design: str, draws: int) -> Study:
    """The shipped study."""
    return load(CONFIG, settings={"design": design, "draws": draws})


def only(study: Study, *names: str) -> Study:
    """The same study with some of its scenarios."""
    kept = {name: study.config.scenarios[name] for name in names}
    return replace(study, config=study.config.model_copy(update={"scenarios": kept}))
