"""The command ``potline import``: models of other tools, and tables of inputs."""

from pathlib import Path
from typing import TYPE_CHECKING

from scenarios.cli import options

if TYPE_CHECKING:
    from scenarios.datafiles.models.model import Model

SHOWN = 20
"""Items left out that are printed; the file that is written lists all."""


def import_(
    file: options.Imported,
    out: options.ImportedFile = None,
    product: options.Declared = None,
    force: options.Force = False,
    language: options.Language = None,
) -> None:
    """Turn a model of another tool into a study, or a table of figures into inputs.

    Reads openLCA JSON-LD, bw_processing datapackages, Brightway Excel, EcoSpold 1 and
    2, ILCD, SimaPro CSV, and a CSV of inputs, by what is in the file.

    Example: potline import smelter.zip --out study.yaml

    Example: potline import inventory.csv --out inputs.yaml
    """
    from scenarios.datafiles.models import read_model
    from scenarios.export.product import inputs_text
    from scenarios.export.run_folder import write_file

    model = read_model(file)
    target = out or Path("inputs.yaml" if model is None else "study.yaml")
    if target.exists() and not force:
        message = f"{target}: exists already; pass --force to overwrite it"
        raise options.OptionError(message)
    if model is None:
        if product is not None:
            raise options.OptionError("--product says nothing of a table; leave it")
        text, count = inputs_text(file)
        write_file(target, text)
        print(options.words()("commands.imported", count=count, file=target))
        return
    from scenarios.export.imported import study_data, with_head
    from scenarios.loading.load import from_mapping

    data = study_data(model, product)
    from_mapping(data, target.stem)  # whatever is at fault is told before it is written
    write_file(target, with_head(model, data))
    _tell(model, data, target)


def _tell(model: "Model", data: dict[str, dict[str, object]], target: Path) -> None:
    """What was read, and what was not carried."""
    import sys

    words = options.words()
    counts = {word: len(data.get(word, {})) for word in ("processes", "products")}
    spread = sum("convention" in one for one in data.get("inputs", {}).values())  # type: ignore[operator]  # inputs are mappings
    form, left = model.form, len(model.left_out)
    text = words("commands.study", form=form, spread=spread, file=target, **counts)
    print(text)
    for one in model.left_out[:SHOWN]:
        what, why = options.message(one.what), options.message(one.why)
        text = words("commands.left_out", where=one.where, what=what, why=why)
        print(options.printable(text), file=sys.stderr)
    if left > SHOWN:
        more = left - SHOWN
        print(words("commands.more_left_out", more=more, file=target), file=sys.stderr)
