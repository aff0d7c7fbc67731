"""Runs the checks of this folder one by one and counts them: tests/openapi/run [FERRY]"""

import sys
import traceback

sys.dont_write_bytecode = True

import answer_checks  # noqa: E402
import document_checks  # noqa: E402
import example_checks  # noqa: E402
import monitoring_checks  # noqa: E402
from development_server import DevelopmentServer  # noqa: E402


def passes(name, function, *arguments):
    try:
        function(*arguments)
    except AssertionError as reason:
        print(f"FAILED  {name}\n        " + str(reason).replace("\n", "\n        "))
        return False
    except Exception:
        print(f"FAILED  {name}\n" + traceback.format_exc())
        return False
    print(f"ok      {name}", flush=True)
    return True


def main(ferry):
    results = [passes(*check) for check in document_checks.checks() + monitoring_checks.checks()]
    if ferry:
        with DevelopmentServer(ferry) as server:
            live = answer_checks.checks(server) + example_checks.checks(server)
            results += [passes(*check) for check in live]
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else None))
