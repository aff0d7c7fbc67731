#!/usr/bin/env python3
"""Fails the build where the tree breaks a rule of the house (ARCHITECTURE.md, CONTRIBUTING.md).

    python3 tools/check_tree.py src

Prints one `file:line: message` for each finding and exits with 1 if there is any. A line with the
comment `// tree: allow` is let through by the rules that look at single lines; say why next to it.
"""

import re
import sys
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from cpp_source import CppSource

FILE_LINES_MAX = 400
LINE_COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 70
ALLOW = "// tree: allow"

EVERYTHING = ("*",)
STORE_SEAM = ("store.h", "write_set.h", "queries.h", "row_memory.h")

# Which headers of which other layer a layer may include.
LAYERS = {
    "base": {},
    "domain": {"base": EVERYTHING},
    "http": {"base": EVERYTHING},
    "store": {"base": EVERYTHING, "domain": EVERYTHING},
    "engine": {"base": EVERYTHING, "domain": EVERYTHING, "store": STORE_SEAM},
    "dispatch": {
        "base": EVERYTHING,
        "domain": EVERYTHING,
        "http": EVERYTHING,
        "engine": ("protocol.h",),
    },
    "api": {
        "base": EVERYTHING,
        "domain": EVERYTHING,
        "http": EVERYTHING,
        "store": STORE_SEAM,
        "engine": ("protocol.h", "inbox.h"),
    },
    "app": {
        layer: EVERYTHING
        for layer in ("base", "domain", "http", "store", "engine", "dispatch", "api")
    },
}
# What a test may include on top: the store that keeps nothing.
TEST_HEADERS = {"store": ("memory_store.h",)}

# Which files may include the headers of a library; what is not listed is free.
ASIO_FILES = (
    "http/*.cc",
    "http/awaitable.h",
    "api/engine_link.cc",
    "api/*_test.cc",  # something has to run the coroutines
    "dispatch/*.cc",
    "app/*.cc",
)
LIBRARIES = {
    "boost/asio": ASIO_FILES,
    "boost/beast": ASIO_FILES,
    "boost/json": ("base/json_parser.cc",),
    "boost/": ("http/*.cc", "api/*.cc", "dispatch/*.cc", "app/*.cc"),
    "sqlite3.h": ("store/*.cc",),
    "ares.h": ("http/dns_lookup.cc",),
    "openssl/": ("base/*.cc", "http/*.cc"),
    "spdlog/": ("base/log.cc",),
    "CLI/": ("app/cli/command.cc",),
    "toml++/": ("app/*.cc",),
    "librdkafka/": ("dispatch/senders/*.cc",),
    "amqp": ("dispatch/senders/*.cc",),
    "nats/": ("dispatch/senders/*.cc",),
    "hiredis/": ("dispatch/senders/*.cc",),
    "mimalloc": ("app/*.cc",),
}

VIRTUAL_FILES = (
    "store/store.h",
    "store/embedded_store.h",
    "http/client.h",
    "http/pooled_client.h",
    "http/server.h",
    "dispatch/senders/sender.h",
)

CLOCK_LAYERS = ("http", "app")
CLOCKS = {
    r"::now\s*\(\s*\)": "reads a clock",
    r"\btime\s*\(\s*(?:nullptr|NULL|0|&\w+)\s*\)": "reads a clock",
    r"\b(?:gettimeofday|clock_gettime)\b": "reads a clock",
    r"\bstd::random_device\b": "draws from an unseeded generator",
    r"(?<![\w.>])(?:rand|srand)\s*\(": "draws from an unseeded generator",
}
LOG_CLOCK = re.compile(r"\bspdlog::log_clock::now\s*\(\s*\)")  # in base/log.cc alone

# Words that say nothing, or that another word of the vocabulary says. Where a word is right in some
# folders, they follow it.
BANNED_WORDS = {
    "util": (),
    "helper": (),
    "common": (),
    "misc": (),
    "manager": (),
    "worker": (),
    "job": (),
    "webhook": (),
    # Words of Function Compute's wire, in the files of functions and invocations alone.
    "handler": ("api/*", "*function*", "*invocation*"),
    "task": ("api/fc/*", "*function*", "*invocation*", "engine/protocol.h", "engine/outcome.cc",
             "domain/limits.h", "domain/hook*"),
}
IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# The names of a library, and of a specification and its header fields, are not ours to choose.
FOREIGN_NAME = re.compile(
    r"\b(?:std|boost|asio|beast|spdlog|testing|toml|CLI)(?:::\w+)+"
    r"|[Ss]tandard[ _-]?[Ww]ebhooks?|\bwebhook-(?:id|timestamp|signature)\b"
)

UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX)\b")
MACHINE_PATH = re.compile(r"(?:^|[\s\"'(=<])(/(?:home|work|root|tmp|Users)/[\w.-]*)")


@dataclass(frozen=True, order=True)
class Finding:
    path: Path
    line: int
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message}"


class File(CppSource):
    """A source file with its place in the tree."""

    def __init__(self, root, path):
        super().__init__(path)
        self.place = path.relative_to(root).as_posix()  # "store/journal.cc"
        self.layer = self.place.split("/")[0]
        self.is_header = path.suffix == ".h"
        self.is_test = path.name.endswith("_test.cc")

    def is_one_of(self, patterns):
        return any(fnmatch(self.place, pattern) for pattern in patterns)

    def is_allowed(self, line):
        return ALLOW in self.lines[line - 1]


def numbered(text):
    return enumerate(text.splitlines(), 1)


def check_layers(file):
    allowed = LAYERS.get(file.layer)
    if allowed is None:
        yield 1, f"'{file.layer}' is no layer"
        return
    for include in file.includes:
        layer, slash, header = include.path.partition("/")
        if include.is_system or layer == file.layer:
            continue
        if not slash:
            yield include.line, f'write the folder of "{include.path}" into the include'
            continue
        headers = allowed.get(layer, ())
        if file.is_test and layer in allowed:
            headers = headers + TEST_HEADERS.get(layer, ())
        if not any(fnmatch(header, pattern) for pattern in headers):
            yield include.line, f"{file.layer} may not include {include.path}"


def check_libraries(file):
    for include in file.includes:
        library = next((name for name in LIBRARIES if include.path.startswith(name)), None)
        if library and not file.is_one_of(LIBRARIES[library]):
            yield include.line, f"<{include.path}> belongs to the .cc files of its adapter"


def check_sizes(file):
    count = len(file.lines)
    if count > FILE_LINES_MAX:
        yield count, f"the file has {count} lines, more than {FILE_LINES_MAX}"
    for number, line in numbered(file.text):
        if len(line) > LINE_COLUMNS_MAX:
            yield number, f"the line has {len(line)} columns, more than {LINE_COLUMNS_MAX}"
    for function in file.functions:
        if function.length > FUNCTION_LINES_MAX:
            yield (
                function.line,
                f"the function has {function.length} lines, more than {FUNCTION_LINES_MAX}",
            )


def check_clocks(file):
    if file.layer in CLOCK_LAYERS:
        return
    for number, line in numbered(file.code):
        if file.place == "base/log.cc":
            line = LOG_CLOCK.sub("", line)
        for pattern, what in CLOCKS.items():
            match = re.search(pattern, line)
            if match and not file.is_allowed(number):
                yield number, f"'{match[0]}' {what}; only {' and '.join(CLOCK_LAYERS)} may"


def banned_words_in(text, place):
    for identifier in IDENTIFIER.findall(text):
        for word in WORD.findall(identifier):
            word = word.lower()
            singular = word.removesuffix("s")
            banned = word if word in BANNED_WORDS else singular
            allowed = BANNED_WORDS.get(banned)
            if allowed is not None and not any(fnmatch(place, pattern) for pattern in allowed):
                yield banned


def check_words(file):
    for word in banned_words_in(Path(file.place).stem, file.place):
        yield 1, f"'{word}' names no thing of the vocabulary; rename the file"
    for number, (code, comment) in enumerate(
        zip(file.code.splitlines(), file.comments.splitlines()), 1
    ):
        if file.is_allowed(number) or code.lstrip().startswith("#include"):
            continue
        text = FOREIGN_NAME.sub("", code + " " + comment)
        for word in sorted(set(banned_words_in(text, file.place))):
            yield number, f"'{word}' names no thing of the vocabulary"


def check_constructs(file):
    for number, line in numbered(file.code):
        if file.is_allowed(number):
            continue
        if re.search(r"\bthrow\b", line):
            yield number, "'throw': what can happen returns a Result"
        if re.search(r"\bvirtual\b", line) and not file.is_one_of(VIRTUAL_FILES):
            yield number, "'virtual' outside the seams"
    if file.is_header and not re.search(r"^#pragma once$", file.text, re.MULTILINE):
        yield 1, "the header lacks #pragma once"


def check_texts(file):
    for number, line in numbered(file.text):
        if file.is_allowed(number):
            continue
        unfinished = UNFINISHED.search(line)
        if unfinished:
            yield number, f"'{unfinished[0]}': finish it or leave it out"
        path = MACHINE_PATH.search(line)
        if path:
            yield number, f"'{path[1]}' is a path of one machine"


def check_listed(root, file):
    if file.is_header or file.layer not in LAYERS:
        return
    listing = root / file.layer / "CMakeLists.txt"
    source = file.place.removeprefix(file.layer + "/")
    listed = listing.read_text(encoding="utf-8").split() if listing.exists() else []
    if source not in listed:
        yield 1, f"{source} is missing in {file.layer}/CMakeLists.txt"


RULES = (
    check_layers,
    check_libraries,
    check_sizes,
    check_clocks,
    check_words,
    check_constructs,
    check_texts,
)


def check_file(root, file):
    for rule in RULES:
        yield from rule(file)
    yield from check_listed(root, file)


def check(root):
    """All findings of the tree under `root`, in the order of files and lines."""
    findings = []
    for path in sorted(p for p in root.rglob("*") if p.suffix in (".h", ".cc")):
        for line, message in check_file(root, File(root, path)):
            findings.append(Finding(path, line, message))
    return sorted(findings)


def main(arguments):
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("usage: check_tree.py <source folder>", file=sys.stderr)
        return 2
    findings = check(Path(arguments[0]))
    for finding in findings:
        print(finding)
    if findings:
        print(f"{len(findings)} findings", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
