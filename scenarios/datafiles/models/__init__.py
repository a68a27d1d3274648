"""Models that other tools hold: one reader a format, one form that all of them fill."""

from pathlib import Path

from scenarios.datafiles.models.model import Model, ModelFileError

FORMATS = (
    *("openLCA JSON-LD (zip)", "bw_processing datapackage (zip)", "Brightway Excel"),
    *("EcoSpold 1 and 2", "ILCD (zip)", "SimaPro CSV", "a CSV table of inputs"),
)
PICKLED = (".bw2package", ".pickle", ".pkl", ".gz", ".tgz", ".zolca")


def read_model(path: Path) -> Model | None:
    """The model of a file, by what the file holds; None for a table of inputs.

    Raises
    ------
    ModelFileError
        It is damaged, hostile, or none of `FORMATS`.
    """
    from scenarios.datafiles.models.containers import content_of

    if path.suffix.lower() in PICKLED:
        raise ModelFileError(
            f"{path.name}: is a store of a program, not a format of exchange; export "
            f"{', '.join(FORMATS[:3])} there"
        )
    content = content_of(path)
    if content[:2] == b"PK":
        return _archive(path)
    text = content[:2000].lstrip(b"\xef\xbb\xbf \r\n\t")
    if text[:1] == b"<":
        return _xml(path, content)
    from scenarios.datafiles.models import simapro

    words = _text(content)
    if simapro.is_simapro(words):
        return simapro.read(words, path.name)
    if path.suffix.lower() == ".csv":
        return None
    raise _unknown(path.name)


def _unknown(name: str) -> ModelFileError:
    listed = ", ".join(FORMATS)
    return ModelFileError(f"{name}: is none of the formats that are read: {listed}")


def _text(content: bytes) -> str:
    """Text in the letters of its export; SimaPro writes Windows' own."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _archive(path: Path) -> Model:
    from scenarios.datafiles.models import brightway, ecospold, ilcd, openlca
    from scenarios.datafiles.models.containers import Archive, xml

    archive = Archive(path)
    if "datapackage.json" in archive:
        return brightway.read_package(archive)
    if archive.names("processes", ".json"):
        return openlca.read(archive)
    if archive.names("processes", ".xml"):
        return ilcd.read(archive)
    if "[Content_Types].xml" in archive:
        return brightway.read_excel(path)
    files = sorted((*archive.names(ending=".spold"), *archive.names(ending=".xml")))
    if files:
        roots = ((name, xml(archive.read(name), name)) for name in files)
        return ecospold.read(path.name, roots)
    raise _unknown(path.name)


def _xml(path: Path, content: bytes) -> Model:
    from scenarios.datafiles.models import ecospold
    from scenarios.datafiles.models.containers import xml

    root = xml(content, path.name)
    if root.tag in ecospold.ROOTS:
        return ecospold.read(path.name, [(path.name, root)])
    if root.tag == "processDataSet":
        raise ModelFileError(
            f"{path.name}: a process of ILCD needs its flows; export all as one zip"
        )
    raise _unknown(path.name)
