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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice

from scenarios.errors import ConfigError, Fault
from scenarios.words.catalogue import spaced, subject

SLOT = re.compile(r"\{(=?)(\d+)\}")
"""What is filled in; with ``=`` it is written as it stands: a name, or values to choose
from."""
KEPT = re.compile('\x00[^\x00]*\x00|`[^`]*`|"[^"]*"')
"""What a translation leaves alone."""
CLAUSE = r"((?:(?:; | \().*?)?)"
WORD = re.compile("[A-Za-z]{2,}")
SEAMS = {"; ": "；", ": ": "：", ". ": "。", ", ": "、", " and ": "和", " or ": "或"}
"""What stands between the parts of a message, in both languages."""
PARTS = 6
"""Places of one kind at which a message is taken apart."""
LONGEST = 2000
"""Characters of a message that is translated."""


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
        return SLOT.split(self.english)[::3]

    @cached_property
    def slots(self) -> list[int]:
        """Numbers of the slots, in the order of the English."""
        return [int(number) for _, number in SLOT.findall(self.english)]

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


class _Translator:
    """Finds the sentences that a message was made from."""

    def __init__(self, entries: dict[str, dict[str, str]]) -> None:
        stated = entries["sentences"] | entries["from_elsewhere"]
        sentences = [_Sentence(english, chinese) for english, chinese in stated.items()]
        sentences.sort(key=_surest_first)
        self._words = entries["words"]
        self._exact = {s.english: s.chinese for s in sentences if not s.slots}
        self._exact |= self._words
        self._sentences = [s for s in sentences if s.slots]
        # what is put behind or before a message: "; did you mean {0}?"
        edges = (" ", ";", ",", ":", "(")
        self._behind = [s for s in sentences if s.english.startswith(edges)]
        self._before = [s for s in sentences if s.english.endswith(" ")]
        self._known: dict[str, str] = {}

    def line(self, text: str) -> str:
        """One line, its indent kept."""
        bare = text.lstrip(" ")
        found = self._translate(bare.replace("\0", " ")).replace("\0", "")
        return text[: len(text) - len(bare)] + spaced(found)

    def _translate(self, text: str) -> str:
        """A text of which as little as can be is left in English."""
        if text in self._exact:
            return self._exact[text]
        if not WORD.search(text) or len(text) > LONGEST:
            return text
        if text not in self._known:
            self._known[text] = text  # of a text inside itself
            self._known[text] = min(self._every(text), key=_left, default=text)
        return self._known[text]

    def _every(self, text: str) -> Iterator[str]:
        """Translations by each sentence that fits, and in parts."""
        for sentence in self._sentences:
            if sentence.may_match(text):
                match = sentence.pattern.fullmatch(text)
                if match is not None:
                    yield self._filled(sentence, match.groups())
        yield from self._in_parts(text)
        yield text

    def _filled(self, sentence: _Sentence, parts: Sequence[str]) -> str:
        values = dict(zip(sentence.slots, parts, strict=True))

        def fill(slot: "re.Match[str]") -> str:
            value = values.get(int(slot[2]), "")
            if not slot[1]:
                return self._translate(value)
            return f"\0{value.replace(' or ', ' 或 ').replace(' and ', ' 和 ')}\0"

        return SLOT.sub(fill, sentence.chinese)

    def _in_parts(self, text: str) -> Iterator[str]:
        """Translations of a message that is made of several, one after the other."""
        for sentence in self._behind:
            if sentence.may_match(text):
                match = re.search(f"{sentence.pattern.pattern}$", text, re.DOTALL)
                if match is not None and match.start():
                    head = self._translate(text[: match.start()])
                    yield head + self._filled(sentence, match.groups())
        for sentence in self._before:
            match = sentence.pattern.match(text)
            if match is not None and match.end() < len(text):
                tail = self._translate(text[match.end() :])
                yield self._filled(sentence, match.groups()) + tail
        for mark, written in SEAMS.items():
            for seam in islice(re.finditer(re.escape(mark), text), PARTS):
                head, tail = text[: seam.start()], text[seam.end() :]
                one, two = self._translate(head), self._translate(tail)
                if (one, two) != (head, tail):
                    yield f"{one}{written}{two}"


def _surest_first(sentence: _Sentence) -> tuple[int, int]:
    return -sentence.weight, -len(sentence.slots)


def _left(text: str) -> int:
    """Words that are left in English."""
    return len(WORD.findall(KEPT.sub("", text)))


@lru_cache
def _translator() -> _Translator:
    entries = subject("faults")
    assert entries is not None
    return _Translator(entries)
