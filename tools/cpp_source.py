"""Takes a C++ file apart just far enough for check_tree.py: code, comments, includes, functions.

This is no parser. It knows comments, literals and braces, which is enough for code that clang-format
has laid out, and it errs on the side of finding nothing.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<raw>\bu?8?R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)")
      | (?P<string>"(?:\\.|[^"\\\n])*")
      | (?P<number>\b\d[\w.']*)
      | (?P<character>'(?:\\.|[^'\\\n])+')""",
    re.VERBOSE | re.DOTALL,
)
_INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
_SCOPE = re.compile(r"^(?:template\s*<.*>\s*)?(?:inline\s+)?(?:typedef\s+)?"
                    r"(?:namespace|class|struct|union|enum|extern)\b")


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


@dataclass(frozen=True)
class Include:
    line: int
    path: str
    is_system: bool


@dataclass(frozen=True)
class Function:
    line: int  # where its signature starts
    length: int  # lines, the closing brace included


@dataclass
class _Brace:
    kind: str  # "scope", "function" or "other"
    head: str  # what stood before it in the same declaration
    line: int  # where that started


class CppSource:
    """One file. Everything it gives has the line numbers of the file."""

    def __init__(self, path: Path):
        self.path = path
        self.text = path.read_text(encoding="utf-8")

    @property
    def lines(self):
        return self.text.splitlines()

    @cached_property
    def code(self):
        """The text with comments and the insides of literals blanked out."""

        def replace(match):
            if match["number"]:
                return match[0]
            if match["string"]:
                return '"' + " " * (len(match[0]) - 2) + '"'
            return _blank(match[0])

        return _TOKEN.sub(replace, self.text)

    @cached_property
    def comments(self):
        """The text with everything but comments blanked out."""
        pieces = []
        end = 0
        for match in _TOKEN.finditer(self.text):
            pieces.append(_blank(self.text[end : match.start()]))
            pieces.append(match[0] if match["comment"] else _blank(match[0]))
            end = match.end()
        pieces.append(_blank(self.text[end:]))
        return "".join(pieces)

    @cached_property
    def includes(self):
        found = []
        for number, line in enumerate(self.lines, 1):
            match = _INCLUDE.match(line)
            if match:
                found.append(Include(number, match[2], match[1] == "<"))
        return found

    @cached_property
    def functions(self):
        """Functions of namespaces and classes; a lambda counts as part of the function around it."""
        return list(_functions_of(_DIRECTIVE.sub(lambda match: _blank(match[0]), self.code)))


def _kind_of(head, stack):
    if any(brace.kind != "scope" for brace in stack):
        return "other"  # inside a body
    if _SCOPE.match(head) and ")" not in head:
        return "scope"
    signature = re.sub(r"\boperator\s*(?:\(\)|[^\s\w(]+)", "operator_", head)
    before_parameters = signature.split("(")[0]
    closed = head.count("(") == head.count(")")
    if "(" in signature and closed and "=" not in before_parameters:
        return "function"
    return "other"


def _functions_of(code):
    stack = []
    head, head_line, line = "", 1, 1
    for position, character in enumerate(code):
        if character == "\n":
            line += 1
        if character == "{":
            stack.append(_Brace(_kind_of(head, stack), head, head_line))
            head = ""
        elif character == "}" and stack:
            brace = stack.pop()
            rest = code[position + 1 :].lstrip()[:1]
            if brace.kind != "scope" and rest and rest in ",{)":
                # A member or an argument in braces: the declaration goes on.
                head, head_line = brace.head + "{}", brace.line
                continue
            head = ""
            if brace.kind == "function":
                yield Function(brace.line, line - brace.line + 1)
        elif character == ";":
            head = "" if head.count("(") <= head.count(")") else head + character
        elif head or not character.isspace():
            if not head:
                head_line = line
            head += " " if character == "\n" else character
            if head in ("public:", "private:", "protected:"):
                head = ""
