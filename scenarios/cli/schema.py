"""The command ``potline schema``: the config language, for editors."""

import json

from scenarios.cli import options


def schema(
    out: options.OutFile = None,
    language: options.Language = None,
) -> None:
    """Print the JSON Schema of the config language, for editors.

    Example: potline schema --out potline.schema.json

    Example: potline schema
    """
    from scenarios.export.run_folder import write_file
    from scenarios.language.config import schema as build

    text = json.dumps(build(), indent=2, ensure_ascii=False)
    if out is None:
        print(text)
        return
    write_file(out, text + "\n")
