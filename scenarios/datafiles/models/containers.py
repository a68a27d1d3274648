"""Zip archives, XML and JSON of strangers: read in memory, within limits, or refused.

Nothing is ever unpacked to disk, no entity is expanded, no object is unpickled.
"""

import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn
from xml.etree.ElementTree import Element, ParseError, TreeBuilder
from xml.parsers import expat

from scenarios.datafiles.models.model import ModelFileError

LARGEST_FILE = 200_000_000
"""Bytes of a file that is opened."""
LARGEST_MEMBER = 100_000_000
"""Bytes that one member of an archive may unpack to."""
LARGEST_TOTAL = 1_000_000_000
"""Bytes that all members may unpack to."""
MOST_MEMBERS = 300_000
RATIO = 200
"""A larger member that packs better than this is a bomb, not data."""
SMALL = 1_000_000
DEEPEST = 100
"""Elements or brackets that stand inside each other."""


def content_of(path: Path) -> bytes:
    """Bytes of a file.

    Raises
    ------
    ModelFileError
        It cannot be read, or is too large.
    """
    try:
        if (size := path.stat().st_size) > LARGEST_FILE:
            raise ModelFileError(
                f"{path.name}: {size} bytes; {LARGEST_FILE} are read at most"
            )
        return path.read_bytes()
    except OSError as error:
        text = f"{path.name}: cannot be read ({error.strerror})"
        raise ModelFileError(text) from None


class Archive:
    """A zip archive whose members are read one by one.

    Parameters
    ----------
    path : Path

    Raises
    ------
    ModelFileError
        It is damaged, encrypted, unpacks to too much, or a member's name leads out of
        the archive.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        content_of_size = path.stat().st_size if path.is_file() else 0
        if content_of_size > LARGEST_FILE:
            content_of(path)
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
            raise ModelFileError(f"{self.name}: is no sound zip ({error})") from None
        self._members = self._checked()

    def _checked(self) -> dict[str, zipfile.ZipInfo]:
        infos = [info for info in self._zip.infolist() if not info.is_dir()]
        if len(infos) > MOST_MEMBERS:
            raise ModelFileError(
                f"{self.name}: {len(infos)} members; {MOST_MEMBERS} are read at most"
            )
        found: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            name = info.filename
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
                raise self.fault(name, "leads out of the archive")
            if info.flag_bits & 1:
                raise self.fault(name, "is encrypted")
            packed = max(info.compress_size, 1)
            if info.file_size > LARGEST_MEMBER or (
                info.file_size > SMALL and info.file_size > RATIO * packed
            ):
                text = f"unpacks from {packed} to {info.file_size} bytes"
                raise self.fault(name, text)
            if name in found:
                raise self.fault(name, "stands in the archive twice")
            found[name] = info
        if (total := sum(info.file_size for info in infos)) > LARGEST_TOTAL:
            raise ModelFileError(
                f"{self.name}: unpacks to {total} bytes; {LARGEST_TOTAL} are read at "
                "most"
            )
        return found

    def fault(self, member: str, text: str) -> ModelFileError:
        """Error about one member."""
        return ModelFileError(f"{self.name}: {member}: {text}")

    def __contains__(self, name: str) -> bool:
        """Whether there is such a member."""
        return name in self._members

    def names(self, folder: str = "", ending: str = "") -> list[str]:
        """Members of a folder of any parent, by their ending."""
        return [
            name
            for name in self._members
            if name.lower().endswith(ending)
            and (not folder or PurePosixPath(name).parent.name == folder)
        ]

    def read(self, name: str) -> bytes:
        """Bytes of a member, checked against its checksum."""
        info = self._members[name]
        try:
            with self._zip.open(info) as member:
                content = member.read(info.file_size + 1)
        except (OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise self.fault(name, f"is damaged ({error})") from None
        except (NotImplementedError, RuntimeError) as error:
            raise self.fault(name, f"cannot be unpacked ({error})") from None
        if len(content) != info.file_size:
            raise self.fault(name, "unpacks to another size than it states")
        return content

    def json(self, name: str) -> dict[str, Any]:
        """A member as a JSON object."""
        return json_object(self.read(name), f"{self.name}: {name}")

    def objects(self, folder: str) -> Iterator[dict[str, Any]]:
        """JSON objects of a folder, in the order of their names."""
        for name in sorted(self.names(folder, ".json")):
            yield self.json(name)


def json_object(content: bytes, name: str) -> dict[str, Any]:
    """A JSON object.

    Raises
    ------
    ModelFileError
        It is no JSON, no object, too deep, or holds a number that is none.
    """

    def refuse(word: str) -> NoReturn:
        raise ValueError(f"{word} is no number of JSON")

    try:
        found = json.loads(content.decode("utf-8-sig"), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"{name}: is no JSON ({error})") from None
    if not isinstance(found, dict):
        raise ModelFileError(f"{name}: is no JSON object")
    return found


def xml(content: bytes, name: str) -> Element:
    """The root of an XML document, names without their namespaces.

    Raises
    ------
    ModelFileError
        It is damaged, too deep, or states a document type, where entities come from.
    """
    builder = TreeBuilder()
    depth = 0
    parser = expat.ParserCreate(namespace_separator="}")

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise ModelFileError(f"{name}: elements stand {DEEPEST} deep and deeper")
        plain = {key.rpartition("}")[2]: value for key, value in attributes.items()}
        builder.start(tag.rpartition("}")[2], plain)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag.rpartition("}")[2])

    def refuse(*_: object) -> NoReturn:
        raise ModelFileError(f"{name}: states a document type; take <!DOCTYPE> out")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(content, True)
        return builder.close()
    except (expat.ExpatError, ParseError, ValueError, LookupError) as error:
        raise ModelFileError(f"{name}: is no sound XML ({error})") from None
    except AssertionError:
        raise ModelFileError(f"{name}: is no sound XML") from None
