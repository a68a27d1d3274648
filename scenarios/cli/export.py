"""The command ``potline export``: tables of a result for other programs."""

from scenarios.cli import options

EVERY = "summary,contributions,comparison,sensitivity,inputs"


def export(
    result: options.Result,
    to: options.To,
    tables: options.Tables = None,
    out: options.TablesOut = None,
    language: options.Language = None,
) -> None:
    """Write tables of a result for a spreadsheet, a paper or another program.

    Example: potline export results/china_grid_mixes --to xlsx -o tables.xlsx

    Example: potline export results/china_grid_mixes --to csv --tables summary,inputs
    """
    import shlex
    import sys

    from scenarios.export import files
    from scenarios.export.tables import provenance, wanted
    from scenarios.results.file import open_result, result_file

    suffix = files.SUFFIXES[files.known_format(to)]
    names = wanted([word.strip() for word in (tables or EVERY).split(",")])
    folder = result_file(result).parent
    opened = open_result(result)
    path = out or folder / ("tables" + suffix * (to in files.WHOLE))
    found, notes = files.gather(opened, names, folder, asked=tables is not None)
    command = ["potline", "export", str(result), "--to", to]
    command += ["--tables", ",".join(table.name for table in found)]
    origin = provenance(opened, shlex.join(command))
    for note in notes:
        text = options.words()("common.note", text=options.message(note))
        print(text, file=sys.stderr)
    for written in files.export(found, origin, to, path):
        print(written)
