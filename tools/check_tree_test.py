#!/usr/bin/env python3
"""Tests of check_tree.py: made-up trees in a temporary folder, one broken rule at a time.

    python3 tools/check_tree_test.py
"""

import contextlib
import io
import tempfile
import unittest
from pathlib import Path

import check_tree
from cpp_source import CppSource

HEADER = "#pragma once\n"


class Tree(unittest.TestCase):
    """A folder that goes with the test; `findings` is what the rules say about it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name) / "src"
        self.root.mkdir()

    def write(self, place, text):
        path = self.root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if path.suffix == ".cc":
            layer, _, source = place.partition("/")
            with open(self.root / layer / "CMakeLists.txt", "a", encoding="utf-8") as listing:
                listing.write(f"    {source}\n")

    def findings(self):
        return [
            f"{finding.path.relative_to(self.root).as_posix()}:{finding.line}: {finding.message}"
            for finding in check_tree.check(self.root)
        ]

    def assert_clean(self, place, text):
        self.write(place, text)
        self.assertEqual(self.findings(), [])

    def assert_found(self, place, text, line, part):
        """Exactly one finding, in that line, with that part in its message."""
        self.write(place, text)
        found = self.findings()
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(f"{place}:{line}: "), found)
        self.assertIn(part, found[0])


class CleanTree(Tree):
    def test_passes_with_one_file_in_every_layer(self):
        self.write("base/time.h", HEADER + "using Duration = int;\n")
        self.write("base/time.cc", '#include "base/time.h"\n\n#include <openssl/evp.h>\n')
        self.write("domain/ids.h", HEADER + '#include "base/time.h"\n')
        self.write("http/url.cc", '#include <boost/asio/ip/tcp.hpp>\n#include "base/time.h"\n')
        self.write("store/journal.cc", '#include <sqlite3.h>\n#include "domain/ids.h"\n')
        self.write("engine/engine.cc", '#include "store/store.h"\n#include "domain/ids.h"\n')
        self.write("dispatch/dispatcher.cc", '#include "engine/protocol.h"\n')
        self.write("api/qstash/publish.cc", '#include "engine/inbox.h"\n#include "http/url.h"\n')
        self.write("app/server.cc", '#include "store/embedded_store.h"\n#include "api/api.h"\n')
        self.assertEqual(self.findings(), [])
        self.assertEqual(check_tree.main([str(self.root)]), 0)

    def test_findings_fail_the_run_and_are_printed_with_their_place(self):
        self.write("base/a.h", "int x;\n")
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
            self.assertEqual(check_tree.main([str(self.root)]), 1)
        self.assertIn(f"{self.root}/base/a.h:1: ", printed.getvalue())

    def test_a_missing_folder_is_an_error_of_use(self):
        with contextlib.redirect_stderr(io.StringIO()):
            self.assertEqual(check_tree.main([str(self.root / "absent")]), 2)
            self.assertEqual(check_tree.main([]), 2)


class Layers(Tree):
    def assert_include(self, place, header, is_allowed):
        with self.subTest(place=place, header=header):
            self.setUp()
            self.write(place, f'\n#include "{header}"\n')
            found = self.findings()
            if is_allowed:
                self.assertEqual(found, [])
            else:
                layer = place.split("/")[0]
                self.assertEqual(found, [f"{place}:2: {layer} may not include {header}"])

    def test_a_layer_includes_only_what_the_table_allows(self):
        self.assert_include("base/a.cc", "domain/ids.h", False)
        self.assert_include("domain/a.cc", "http/url.h", False)
        self.assert_include("domain/a.cc", "store/store.h", False)
        self.assert_include("http/a.cc", "domain/ids.h", False)
        self.assert_include("store/a.cc", "http/url.h", False)
        self.assert_include("store/a.cc", "engine/protocol.h", False)
        self.assert_include("engine/a.cc", "http/url.h", False)
        self.assert_include("dispatch/a.cc", "store/store.h", False)
        self.assert_include("dispatch/a.cc", "api/api.h", False)
        self.assert_include("api/a.cc", "dispatch/dispatcher.h", False)
        self.assert_include("api/a.cc", "app/config.h", False)

    def test_of_some_layers_only_the_seam_is_open(self):
        for header in ("store.h", "write_set.h", "queries.h", "row_memory.h"):
            self.assert_include("engine/a.cc", f"store/{header}", True)
            self.assert_include("api/a.cc", f"store/{header}", True)
        self.assert_include("engine/a.cc", "store/records.h", False)
        self.assert_include("engine/a.h.cc", "store/memory_store.h", False)
        self.assert_include("api/a.cc", "store/embedded_store.h", False)
        self.assert_include("api/a.cc", "engine/protocol.h", True)
        self.assert_include("api/a.cc", "engine/inbox.h", True)
        self.assert_include("api/a.cc", "engine/engine.h", False)
        self.assert_include("dispatch/a.cc", "engine/protocol.h", True)
        self.assert_include("dispatch/a.cc", "engine/inbox.h", False)

    def test_tests_may_use_the_memory_store_where_their_layer_knows_the_store(self):
        self.assert_include("engine/a_test.cc", "store/memory_store.h", True)
        self.assert_include("api/a_test.cc", "store/memory_store.h", True)
        self.assert_include("engine/a_test.cc", "store/embedded_store.h", False)
        self.assert_include("dispatch/a_test.cc", "store/memory_store.h", False)

    def test_an_include_names_its_folder(self):
        self.assert_found("base/a.cc", '#include "time.h"\n', 1, "write the folder")

    def test_a_folder_outside_the_table_is_no_layer(self):
        self.assert_found("extras/a.h", HEADER, 1, "'extras' is no layer")


class Libraries(Tree):
    def assert_library(self, place, header, is_allowed):
        with self.subTest(place=place, header=header):
            self.setUp()
            self.write(place, HEADER + f"#include <{header}>\n")
            found = self.findings()
            self.assertEqual(len(found), 0 if is_allowed else 1, found)
            if found:
                self.assertIn(f"{place}:2: <{header}> belongs to", found[0])

    def test_asio_stays_in_the_sources_of_its_adapters(self):
        for header in ("boost/asio/ip/tcp.hpp", "boost/beast/http.hpp", "boost/asio.hpp"):
            for place in ("http/a.cc", "http/awaitable.h", "dispatch/a.cc", "app/a.cc"):
                self.assert_library(place, header, True)
            self.assert_library("api/engine_link.cc", header, True)
            self.assert_library("api/a_test.cc", header, True)
            for place in ("http/a.h", "api/a.cc", "engine/a.cc", "base/a.cc", "dispatch/a.h"):
                self.assert_library(place, header, False)

    def test_every_other_library_stays_in_its_adapter(self):
        self.assert_library("store/a.cc", "sqlite3.h", True)
        self.assert_library("store/a.h", "sqlite3.h", False)
        self.assert_library("engine/a.cc", "sqlite3.h", False)
        self.assert_library("base/a.cc", "openssl/evp.h", True)
        self.assert_library("http/a.cc", "openssl/ssl.h", True)
        self.assert_library("base/a.h", "openssl/evp.h", False)
        self.assert_library("dispatch/a.cc", "openssl/hmac.h", False)
        self.assert_library("base/log.cc", "spdlog/spdlog.h", True)
        self.assert_library("app/a.cc", "spdlog/spdlog.h", False)
        self.assert_library("base/json_parser.cc", "boost/json.hpp", True)
        self.assert_library("api/qstash/a.cc", "boost/json.hpp", False)
        self.assert_library("api/a.h", "boost/json.hpp", False)
        self.assert_library("domain/a.cc", "boost/json.hpp", False)


class Sizes(Tree):
    def test_a_file_may_have_400_lines(self):
        self.assert_clean("base/a.cc", "int x;\n" * 400)

    def test_a_file_of_401_lines_is_too_long(self):
        self.assert_found("base/a.cc", "int x;\n" * 401, 401, "401 lines")

    def test_a_line_may_have_100_columns(self):
        self.assert_clean("base/a.cc", "//" + "x" * 98 + "\n")

    def test_columns_are_characters_not_bytes(self):
        self.assert_clean("base/a.cc", "//" + "\u2026" * 98 + "\n")

    def test_a_line_of_101_columns_is_too_long(self):
        self.assert_found("base/a.cc", "\n//" + "x" * 99 + "\n", 2, "101 columns")

    def test_a_function_may_have_70_lines(self):
        self.assert_clean("base/a.cc", "void f() {\n" + "  g();\n" * 68 + "}\n")

    def test_a_function_of_71_lines_is_too_long(self):
        self.assert_found("base/a.cc", "\nvoid f() {\n" + "  g();\n" * 69 + "}\n", 2, "71 lines")

    def test_a_long_member_function_is_found_in_its_class(self):
        body = "  void g() const {\n" + "    h();\n" * 70 + "  }\n"
        text = "namespace ferry {\nclass A {\n public:\n" + body + "};\n}\n"
        self.assert_found("base/a.cc", text, 4, "72 lines")

    def test_long_tables_and_classes_are_no_functions(self):
        table = "constexpr int kTable[] = {\n" + "    f(1),\n" * 90 + "};\n"
        members = "struct A {\n" + "  int f(int x = 0);\n" * 90 + "};\n"
        self.assert_clean("base/a.cc", table + members)


class Clocks(Tree):
    def test_nobody_but_http_and_app_reads_a_clock(self):
        for call in (
            "auto t = std::chrono::steady_clock::now();",
            "auto t = Clock::now();",
            "auto t = time(nullptr);",
            "gettimeofday(&t, nullptr);",
            "clock_gettime(CLOCK_REALTIME, &t);",
            "std::random_device device;",
            "int x = rand();",
        ):
            with self.subTest(call=call):
                self.setUp()
                self.assert_found("engine/a.cc", f"\n{call}\n", 2, "only http and app may")
                self.setUp()
                self.assert_clean("http/a.cc", call + "\n")
                self.setUp()
                self.assert_clean("app/a.cc", call + "\n")

    def test_the_log_may_ask_its_library_for_the_time(self):
        self.assert_clean("base/log.cc", "auto t = spdlog::log_clock::now();\n")

    def test_the_log_may_not_read_another_clock(self):
        self.assert_found("base/log.cc", "auto t = system_clock::now();\n", 1, "reads a clock")

    def test_comments_and_texts_read_no_clock(self):
        self.assert_clean("base/a.cc", '// Never Clock::now() here.\nauto x = "Clock::now()";\n')

    def test_names_that_contain_a_clocks_name_are_fine(self):
        self.assert_clean("base/a.cc", "int x = operand() + due_time(0);\n")


class Words(Tree):
    def test_a_banned_word_in_an_identifier_is_found(self):
        for identifier, word in (
            ("string_util", "util"),
            ("kHelper", "helper"),
            ("PoolManager", "manager"),
            ("workers_", "worker"),
            ("JobQueue", "job"),
            ("WEBHOOK_URL", "webhook"),
            ("misc", "misc"),
            ("common_prefix", "common"),
        ):
            with self.subTest(identifier=identifier):
                self.setUp()
                self.assert_found("store/a.cc", f"\nint {identifier};\n", 2, f"'{word}'")

    def test_a_banned_word_in_a_comment_is_found(self):
        self.assert_found("base/a.cc", "/* one\n   Helper of two */\n", 2, "'helper'")

    def test_a_banned_word_in_a_file_name_is_found(self):
        self.assert_found("base/string_util.cc", "int x;\n", 1, "rename the file")

    def test_words_that_contain_a_banned_word_are_fine(self):
        self.assert_clean("base/a.cc", "#include <utility>\nint jobless, utility, commonly;\n")

    def test_words_of_a_text_or_a_library_are_not_ours(self):
        text = 'auto x = "worker"; std::common_type<int> y; asio::any_completion_handler<void> z;\n'
        self.assert_clean("http/a.cc", text)

    def test_a_handler_belongs_to_the_api(self):
        self.assert_clean("api/qstash/publish.cc", "int handler;\n")
        self.assert_found("http/a.cc", "int handler;\n", 1, "'handler'")

    def test_a_task_belongs_to_the_function_compute_dialect(self):
        self.assert_clean("api/fc/tasks.cc", "int task;\n")
        self.assert_found("api/routes.cc", "int task;\n", 1, "'task'")

    def test_an_allowed_line_is_let_through(self):
        self.assert_clean("base/a.cc", "int worker;  // tree: allow\n")


class Constructs(Tree):
    def test_nobody_throws(self):
        self.assert_found("api/a.cc", "\nvoid f() { throw 1; }\n", 2, "'throw'")

    def test_virtual_is_for_the_seams(self):
        self.assert_clean("http/client.h", HEADER + "struct A { virtual void f() = 0; };\n")
        self.assert_found(
            "http/pool.h", HEADER + "struct A { virtual void f() = 0; };\n", 2, "'virtual'"
        )

    def test_comments_may_speak_of_both(self):
        self.assert_clean("base/a.cc", "// No throw, nothing virtual; rethrow is another word.\n")

    def test_a_header_has_pragma_once(self):
        self.assert_found("base/a.h", "// #pragma once\nint x;\n", 1, "#pragma once")

    def test_nothing_is_left_unfinished(self):
        for mark in ("TODO", "FIXME", "XXX"):  # the marks themselves; tools are not checked
            with self.subTest(mark=mark):
                self.setUp()
                self.assert_found("base/a.cc", f"\n// {mark}: later\n", 2, f"'{mark}'")

    def test_a_template_of_a_file_name_is_no_mark(self):
        self.assert_clean("base/a.cc", 'auto x = "ferry-XXXXXX";\n')


class MachinePaths(Tree):
    def test_a_path_of_one_machine_is_found(self):
        # Put together here, so that this file names no machine's folder itself.
        for folder, text in (
            ("home", '"/{}/ann/ferry"'),
            ("work", "// see /{}/notes"),
            ("root", '"/{}/x"'),
            ("tmp", '"/{}/ferry.db"'),
        ):
            text = text.format(folder)
            with self.subTest(text=text):
                self.setUp()
                self.assert_found("base/a.cc", f"\nauto x = {text};\n", 2, "path of one machine")

    def test_paths_of_every_machine_and_of_urls_are_fine(self):
        self.assert_clean(
            "base/a.cc",
            'auto x = "/etc/ssl/certs"; auto y = "https://example.com/home/a"; int z = a /tmpl/ b;\n',
        )


class Listing(Tree):
    def test_a_source_missing_in_the_list_of_its_layer_is_found(self):
        self.write("api/api.cc", "int x;\n")
        path = self.root / "api/qstash/publish.cc"
        path.parent.mkdir()
        path.write_text("int y;\n", encoding="utf-8")
        self.assertEqual(
            self.findings(),
            ["api/qstash/publish.cc:1: qstash/publish.cc is missing in api/CMakeLists.txt"],
        )

    def test_a_longer_name_does_not_stand_for_a_shorter_one(self):
        self.write("api/route_table.cc", "int x;\n")
        (self.root / "api/table.cc").write_text("int y;\n", encoding="utf-8")
        self.assertEqual(len(self.findings()), 1)

    def test_headers_need_no_listing(self):
        self.assert_clean("base/a.h", HEADER)


class Source(Tree):
    def source(self, text):
        self.write("base/a.cc", text)
        return CppSource(self.root / "base/a.cc")

    def test_code_has_neither_comments_nor_texts_and_keeps_its_lines(self):
        source = self.source('int a; // b\n/* c\nd */ int e = "f\\"g"; char h = \'"\';\nint i;\n')
        words = source.code.split()
        for word in ("b", "c", "d", "f", "g"):
            self.assertNotIn(word, words)
        self.assertEqual([len(line.split()) > 0 for line in source.code.splitlines()],
                         [True, False, True, True])
        self.assertIn("int i;", source.code.splitlines()[3])

    def test_raw_texts_and_digit_separators_do_not_swallow_code(self):
        source = self.source('auto a = R"x(" // )" {)x"; int b = 1\'000\'000; int c; // d\n')
        self.assertIn("int b = 1'000'000; int c;", source.code)
        self.assertEqual(source.comments.split(), ["//", "d"])

    def test_a_slash_in_a_text_begins_no_comment(self):
        source = self.source('auto url = "https://example.com"; int after;\n')
        self.assertIn("int after;", source.code)
        self.assertEqual(source.comments.strip(), "")

    def lengths(self, text):
        return [(function.line, function.length) for function in self.source(text).functions]

    def test_functions_start_at_their_signature(self):
        self.assertEqual(self.lengths("template <class T>\nT f(int a,\n    int b) {\n}\n"), [(1, 4)])

    def test_a_constructor_with_braced_members_is_one_function(self):
        self.assertEqual(self.lengths("A::A(int x) : a_{x}, b_{1} {\n  f();\n}\n"), [(1, 3)])

    def test_an_operator_is_a_function(self):
        text = "bool operator==(A a, A b) {\n  return true;\n}\nint operator()(int x) {\n}\n"
        self.assertEqual(self.lengths(text), [(1, 3), (4, 2)])

    def test_defaults_in_braces_and_lambdas_are_no_functions(self):
        text = "void f(A a = {});\nauto g = [](int x) {\n  return x;\n};\nvoid h() {\n}\n"
        self.assertEqual(self.lengths(text), [(5, 2)])

    def test_macros_do_not_unbalance_the_braces(self):
        text = "#define OPEN {\\\n  if (x) {\nvoid f() {\n  g();\n}\n"
        self.assertEqual(self.lengths(text), [(3, 3)])


if __name__ == "__main__":
    unittest.main()
