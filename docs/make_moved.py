"""The page ``moved.md``: every footprint of the shipped studies, before and now.

    python docs/make_moved.py --keep before.json      # with the release before
    python docs/make_moved.py --keep now.json         # with this one
    python docs/make_moved.py before.json now.json

The first form runs every study of the ``configs`` folder in the current folder with
4096 draws and keeps the mean of each scenario and year, kg CO2e; the last writes the
page.
"""

import argparse
import json
import warnings
from dataclasses import replace
from pathlib import Path

PAGE = Path(__file__).parent / "moved.md"
DRAWS = 4096
FACTORS = "official factors of 2024 in place of 2023"
CHAIN = "coke of its inventory (+0.14 t), caustic soda and lime (-0.05 t)"
WHY = {
    "abatement_cost_example": f"{FACTORS}; {CHAIN}.",
    "cbam_exporter": f"{CHAIN}; the captive plant as measured.",
    "china_grid_mixes": f"{FACTORS}, each year on its own background; provinces by "
    f"what they consume, no more by what they generate; {CHAIN}; the "
    "captive plant's multiplier and coal factor (0.924 for 0.944) as measured.",
    "decarbonisation_wedge": "the supply of smelters is that of 2023, whose ratio to "
    f"the national factor is 0.421 for 0.646; {CHAIN}.",
    "hydro_share_sweep": f"{FACTORS}; {CHAIN}; captive end: the measured multiplier.",
    "measurement_model": "",
    "minimal": "alumina 1.30 for 1.33, and the factor of 2024.",
    "move_to_hydro": f"provinces by what they consume; {CHAIN}.",
    "national_fleet": "provinces by what they consume; coke, and the mean of the "
    "captive multiplier (1.117 for 1.102).",
    "national_pathway": "the supply of smelters is that of 2023 (24 % not fossil, "
    f"20 % before); {CHAIN}.",
    "world_regions": "each region has its own fuels, refining, anode effects and "
    "alumina; the world is the sum of its regions.",
}
HEAD = """# What moved since the release before

Mean footprints of the shipped studies, kg CO2e per declared unit, 4096 draws, made by
`docs/make_moved.py`. `potline library changes` tells which figures of the library
differ, `library.md` why.
"""


def means() -> dict[str, dict[str, float]]:
    """Mean footprint by study, scenario and year, of the potline that is imported."""
    try:
        from scenarios.loading.load import load
    except ImportError:  # the release before
        from scenarios.loading import load
    found = {}
    for file in sorted(Path("configs").glob("*.yaml")):
        study = load(file)
        run = study.settings.model_copy(update={"draws": DRAWS, "until": None})
        study = replace(study, config=study.config.model_copy(update={"run": run}))
        result = study.run()
        tree = result if hasattr(result, "subtree") else result.tree
        summary = tree["summary"]
        mean = summary.to_dataset()["mean"]
        if not str(mean.attrs.get("units", "")).startswith("kg CO2e"):
            continue
        flat = mean.stack(cell=mean.dims)
        found[file.stem] = {
            " ".join(map(str, cell)): float(value)
            for cell, value in zip(flat["cell"].values, flat.values, strict=True)
        }
    return found


def page(before: dict[str, dict[str, float]], now: dict[str, dict[str, float]]) -> str:
    """The page."""
    parts = [HEAD]
    for study in sorted(before.keys() | now.keys()):
        old, new = before.get(study, {}), now.get(study, {})
        why = WHY.get(study, "a new study." if not old else "")
        parts.append(f"\n## {study}\n\n{why[:1].upper()}{why[1:]}\n")
        if not old:
            continue
        if added := len(new.keys() - old.keys()):
            parts.append(f"{added} rows are new and not listed.\n")
        parts.append("| scenario | before | now | moved by |")
        parts.append("| --- | ---: | ---: | ---: |")
        for cell, was in old.items():
            moved = "gone |"
            if cell in new:
                moved = f"{new[cell]:.0f} | {new[cell] - was:+.0f}"
            parts.append(f"| {cell} | {was:.0f} | {moved} |")
    return "\n".join(parts) + "\n"


def main() -> None:
    """Keep the means, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    if options.keep:
        warnings.simplefilter("ignore")
        options.keep.write_text(json.dumps(means(), indent=1))
    else:
        before, now = (json.loads(file.read_text()) for file in options.files)
        PAGE.write_text(page(before, now), encoding="utf-8")


if __name__ == "__main__":
    main()
