"""A folder for a new product, and the inputs of its inventory, as text."""

import re
from pathlib import Path

from scenarios.datafiles.inventory import inventory
from scenarios.errors import ScenarioError
from scenarios.export.run_folder import write_file
from scenarios.language.yaml_writer import yaml_of
from scenarios.library import catalogue as library

NAME = "NAME"
"""What stands in the templates for the product's id."""
WORD = re.compile("[a-z][a-z0-9_]*")


class ProductError(ScenarioError):
    """A folder for a product cannot be written."""


def inputs_text(table: Path) -> tuple[str, int]:
    """An inventory as a file of inputs, and how many there are.

    Raises
    ------
    ConfigError
        Every fault of the table by its row.
    """
    found = inventory(table)
    head = f"# By `potline import {table.name}`; change the table, not this file.\n"
    return head + yaml_of({"inputs": found}), len(found)


def new_product(name: str, folder: Path) -> list[Path]:
    """Write a skeleton of a product: inventory, inputs, chain, study and README.

    Parameters
    ----------
    name : str
        Id of the product, in small letters.
    folder : Path
        Must not exist.

    Returns
    -------
    list of Path

    Raises
    ------
    ProductError
        The name is no id, or the folder exists.
    """
    if not WORD.fullmatch(name):
        message = f"{name} is no id of a product; write small letters, digits and _"
        raise ProductError(message)
    if folder.exists():
        raise ProductError(f"{folder}: exists already; choose another name")
    made = []
    for file, text in library.product_template().items():
        made.append(folder / file)
        folder.mkdir(parents=True, exist_ok=True)
        write_file(made[-1], text.replace(NAME, name))
    made.append(folder / "inputs.yaml")
    write_file(made[-1], inputs_text(folder / "inventory.csv")[0])
    return made
