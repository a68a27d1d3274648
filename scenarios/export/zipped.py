"""Files in a zip that has the same bytes each time."""

import io
import zipfile
from collections.abc import Mapping

EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of every file; a zip cannot hold an earlier one."""


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The bytes of a zip that holds `files`, in their order."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), data, zipfile.ZIP_DEFLATED)
    return content.getvalue()
