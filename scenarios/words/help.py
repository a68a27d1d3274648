"""Help of the command line in another language.

Commands and options state their help in English where they are declared;
``texts/help.toml`` holds each of these texts beside the same in Chinese.
"""

from typing import Any

from scenarios.words.catalogue import Words, subject

HEADS = ("usage", "options", "arguments", "example", "default", "required")
"""Words that typer puts around the texts, and that stand in the catalogue."""


def translated_help(text: str) -> str:
    """A help text in Chinese; one without an entry as it stands.

    Examples
    --------
    >>> translated_help("Number of draws.")
    '抽样次数。'
    """
    entries = subject("help") or {}
    return str(entries.get(" ".join(text.split()), text))


def translate(command: Any) -> None:
    """Put the texts of a command and of its options into Chinese."""
    for sub in getattr(command, "commands", {}).values():
        sub.help = _paragraphs(sub.help)
        sub.short_help = sub.help.split("\n")[0]
    command.help = _paragraphs(command.help)
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = translated_help(parameter.help)


def translate_heads(page: str) -> str:
    """A page of help with the words around its texts in Chinese."""
    english, chinese = Words("en"), Words("zh")
    for key in HEADS:
        page = page.replace(english(f"commands.{key}"), chinese(f"commands.{key}"))
    return page.replace("Show this message and exit.", "显示本帮助并退出。")


def _paragraphs(text: str | None) -> str:
    return "\n\n".join(translated_help(part) for part in (text or "").split("\n\n"))
