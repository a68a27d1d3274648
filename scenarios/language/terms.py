"""Words and forms that several sections of the config language share."""

from typing import Annotated, Literal

from pydantic import Field

Confidence = Literal["read", "derived", "recalled", "assumed"]
InputKind = Literal[
    "activity data", "emission factor", "characterisation factor", "assumption"
]
Nature = Literal["uncertainty", "variability"]
AccountName = Literal["direct", "electricity", "upstream"]
ID = r"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*$"
Id = Annotated[str, Field(pattern=ID)]
Source = Id
"""What an emission comes from: one of `SOURCES`, or one under `names`."""
SOURCES = ("process", "electricity", "thermal", "ancillary", "transport")
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Formula = float | Text
"""A number, a number with units, or arithmetic over ids."""
Years = list[Annotated[int, Field(ge=1900, le=2200)]]
Interpolation = Literal["linear", "step"]
"""What stands between two knots: a straight line, or the earlier of the two."""
# a key of JSON is text, which a strict integer is not
Year = Annotated[int, Field(ge=1900, le=2200, strict=False)]
