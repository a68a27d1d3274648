"""A text for people: English, and the same in Chinese where somebody wrote it.

Texts are needed where no config is read, so pydantic is loaded by the class alone.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import core_schema

LANGUAGES = ("en", "zh")
WORDS = ("label", "title", "description")
"""Keys of a config that take a label."""


class Label(str):
    """English text that knows how it reads in Chinese.

    A config writes ``label: Coal`` or ``label: {en: Coal, zh: 煤}``.

    Attributes
    ----------
    zh : str
        Empty where nobody wrote it.

    Examples
    --------
    >>> label = Label("Coal", "煤")
    >>> label.told("zh"), label.told("en"), Label("Coke").told("zh")
    ('煤', 'Coal', 'Coke')
    """

    __slots__ = ("zh",)
    zh: str

    def __new__(cls, en: str, zh: str = "") -> Self:
        """Both texts."""
        found = super().__new__(cls, en)
        found.zh = zh
        return found

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]  # str's own has one
        """What a copy is made from."""
        return str(self), self.zh

    def told(self, language: str) -> str:
        """The text in a language, English where there is no other."""
        return (self.zh if language == "zh" else "") or str(self)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: "GetCoreSchemaHandler"
    ) -> "core_schema.CoreSchema":
        """Text, or a mapping of language to text; strict in both."""
        from pydantic_core import core_schema

        return core_schema.no_info_wrap_validator_function(
            cls._read,
            core_schema.str_schema(strict=True),
            serialization=core_schema.plain_serializer_function_ser_schema(_stated),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: "core_schema.CoreSchema", handler: "GetJsonSchemaHandler"
    ) -> dict[str, Any]:
        """Both ways to write it, for editors."""
        text = {"type": "string"}
        words = dict.fromkeys(LANGUAGES, text)
        both = {"type": "object", "properties": words, "required": ["en"]}
        return {"anyOf": [text, both | {"additionalProperties": False}]}

    @classmethod
    def _read(
        cls, stated: Any, handler: "core_schema.ValidatorFunctionWrapHandler"
    ) -> "Label":
        from pydantic_core import PydanticCustomError

        if isinstance(stated, Label):
            return stated
        if not isinstance(stated, dict):
            return cls(handler(stated))
        texts = stated.items()
        if "en" in stated and all(
            language in LANGUAGES and isinstance(text, str) for language, text in texts
        ):
            return cls(stated["en"], stated.get("zh", ""))
        message = "write a text, or one for each language: {en: Coal, zh: 煤}"
        raise PydanticCustomError("ways", message)


def _stated(label: str) -> str | dict[str, str]:
    """A label as a config writes it."""
    zh = label.zh if isinstance(label, Label) else ""
    return {"en": str(label), "zh": zh} if zh else str(label)


def told(stated: object, language: str) -> str:
    """A label, or what plain data hold of it, in a language.

    Examples
    --------
    >>> told({"en": "Coal", "zh": "煤"}, "zh"), told("Coal", "zh"), told(None, "zh")
    ('煤', 'Coal', '')
    """
    if isinstance(stated, Label):
        return stated.told(language)
    if isinstance(stated, dict):
        return str(stated.get(language) or stated.get("en") or "")
    return str(stated or "")


def in_language(stated: Any, language: str) -> Any:
    """Plain data of a config with each label, title and description in one language.

    Examples
    --------
    >>> in_language({"x": {"label": {"en": "Coal", "zh": "煤"}}}, "zh")
    {'x': {'label': '煤'}}
    """
    if isinstance(stated, list):
        return [in_language(one, language) for one in stated]
    if not isinstance(stated, dict):
        return stated
    return {
        key: told(one, language)
        if key in WORDS and isinstance(one, dict) and "en" in one
        else in_language(one, language)
        for key, one in stated.items()
    }


def pairs(stated: Any) -> Iterator[tuple[str, str]]:
    """Each label of plain data in English with the same in Chinese.

    Examples
    --------
    >>> list(pairs({"x": {"label": {"en": "Coal", "zh": "煤"}}}))
    [('Coal', '煤')]
    """
    if isinstance(stated, dict):
        for key, one in stated.items():
            if key in WORDS and isinstance(one, dict) and {"en", "zh"} <= one.keys():
                yield one["en"], one["zh"]
            else:
                yield from pairs(one)
