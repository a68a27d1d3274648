"""Messages of the lower rooms in another language.

Rooms that read, check and compute write their messages in English where the fault is
found. ``texts/faults.toml`` holds each of these sentences once, with ``{0}``, ``{1}``,
... for what is filled in, beside the same sentence in Chinese. A message is translated
by finding the sentence that it was made from; what was filled in is translated in turn
if it is a sentence itself, and stays as it is if it is a name, a number or a text of
the user.

Tests walk the sources and fail where a sentence has no entry.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from scenarios.errors import ConfigError, Fault
from scenarios.words.catalogue import EDGE, subject

SLOT = re.compile(r"\{(\d+)\}")
CLAUSE = r"((?:(?:; | \(|, ).*?)?)"
DEEPEST = 12
"""Messages inside messages that are looked into."""


def translated(message: str, language: str) -> str:
    """A message of a lower room in the language of the command line.

    Parameters
    ----------
    message : str
        English, as the room raised it.
    language : str

    Examples
    --------
    >>> translated("no scenario is called gird; did you mean grid?", "zh")
    '没有名为 gird 的情景；是否想写 grid？'
    >>> translated("smelting.gird", "zh"), translated("nothing reads it", "en")
    ('smelting.gird', 'nothing reads it')
    """
    if language == "en":
        return message
    lines = message.split("\n")
    return "\n".join(_translator().line(line) for line in lines)


def config_faults(error: ConfigError, language: str) -> str:
    """Every fault of a config, file by file, as `ConfigError` prints them."""
    if language == "en":
        return str(error)
    lines = []
    for file in dict.fromkeys(fault.file for fault in error.faults):
        faults = [fault for fault in error.faults if fault.file == file]
        lines.append(f"{translated(file, language)}：{len(faults)} 处错误")
        lines += [f"  {_fault(fault, language)}" for fault in faults]
    return "\n".join(lines)


def _fault(fault: Fault, language: str) -> str:
    line = f"第 {fault.line} 行：" if fault.line else ""
    path = f"{fault.where}：" if fault.path else ""
    text = f"{line}{path}{translated(fault.message, language)}"
    return "".join(letter if letter.isprintable() else " " for letter in text)


@dataclass(frozen=True)
class _Sentence:
    """A sentence with slots, and the same in Chinese."""

    english: str
    chinese: str

    @cached_property
    def literals(self) -> list[str]:
        """What stands between the slots."""
        return SLOT.split(self.english)[::2]

    @cached_property
    def slots(self) -> list[int]:
        """Numbers of the slots, in the order of the English."""
        return [int(number) for number in SLOT.findall(self.english)]

    @cached_property
    def weight(self) -> int:
        """Letters that are not filled in: the more, the surer a match."""
        return sum(len(text) for text in self.literals)

    @cached_property
    def pattern(self) -> "re.Pattern[str]":
        """Matches the sentence whatever is filled in."""
        first, *others = self.literals
        parts = [re.escape(first)]
        for i, literal in enumerate(others):
            # a slot right behind another holds a clause, or nothing
            clause = i > 0 and not self.literals[i]
            parts += [CLAUSE if clause else "(.*?)", re.escape(literal)]
        return re.compile("".join(parts), re.DOTALL)

    def may_match(self, text: str) -> bool:
        """Whether the literals stand in a text in their order; quick."""
        begin = 0
        for literal in self.literals:
            begin = text.find(literal, begin)
            if begin < 0:
                return False
            begin += len(literal)
        return True


def _surest_first(sentence: _Sentence) -> tuple[int, int]:
    return -sentence.weight, -len(sentence.slots)


class _Translator:
    """Finds the sentences that a message was made from."""

    def __init__(self, entries: dict[str, dict[str, str]]) -> None:
        stated = entries["sentences"] | entries["from_elsewhere"]
        sentences = [_Sentence(english, chinese) for english, chinese in stated.items()]
        self._words = entries["words"]
        self._exact = {s.english: s.chinese for s in sentences if not s.slots}
        self._exact |= self._words
        slotted = [s for s in sentences if s.slots]
        self._sentences = sorted(slotted, key=_surest_first)
        # what is put behind or before a message: "; did you mean {0}?"
        edges = (" ", ";", ",", ":", "(")
        self._behind = [s for s in sentences if s.english.startswith(edges)]
        self._behind.sort(key=_surest_first)
        self._before = [s for s in sentences if s.english.endswith((" ", ": "))]
        self._before.sort(key=_surest_first)

    def line(self, text: str) -> str:
        """One line, its indent kept."""
        bare = text.lstrip(" ")
        if not re.search("[A-Za-z]{2}", bare):
            return text
        found = self._translate(bare, 0)
        return text[: len(text) - len(bare)] + EDGE.sub(" ", found)

    def _translate(self, text: str, depth: int) -> str:
        if text in self._exact:
            return self._exact[text]
        if depth > DEEPEST or not re.search("[A-Za-z]{2}", text):
            return text
        for sentence in self._sentences:
            if sentence.may_match(text):
                match = sentence.pattern.fullmatch(text)
                if match is not None:
                    return self._filled(sentence, match.groups(), depth)
        return self._in_parts(text, depth)

    def _filled(self, sentence: _Sentence, parts: Sequence[str], depth: int) -> str:
        values = {
            number: self._translate(part, depth + 1)
            for number, part in zip(sentence.slots, parts, strict=True)
        }
        return SLOT.sub(lambda m: values.get(int(m[1]), ""), sentence.chinese)

    def _in_parts(self, text: str, depth: int) -> str:
        """A message that is made of several, one after the other."""
        for sentence in self._behind:
            match = re.search(f"{sentence.pattern.pattern}$", text, re.DOTALL)
            if match is not None and match.start():
                head = self._translate(text[: match.start()], depth + 1)
                return head + self._filled(sentence, match.groups(), depth)
        for sentence in self._before:
            match = sentence.pattern.match(text)
            if match is not None and match.end() < len(text):
                tail = self._translate(text[match.end() :], depth + 1)
                return self._filled(sentence, match.groups(), depth) + tail
        for mark, written in (("; ", "；"), (": ", "："), (". ", "。"), (", ", "、")):
            head, found, tail = text.partition(mark)
            if found and tail:
                one, two = (self._translate(t, depth + 1) for t in (head, tail))
                if (one, two) != (head, tail):
                    return f"{one}{written}{two}"
        for mark, written in ((" and ", "和"), (" or ", "或")):
            head, found, tail = text.partition(mark)
            if found and (head in self._words or tail in self._words):
                one, two = (self._translate(t, depth + 1) for t in (head, tail))
                return f"{one}{written}{two}"
        return text


@lru_cache
def _translator() -> _Translator:
    entries = subject("faults")
    assert entries is not None
    return _Translator(entries)
