"""Checks of docs/openapi.json against the specification and the sources; no server is needed."""

import json
import re
from pathlib import Path

import jsonschema
from openapi_spec_validator import OpenAPIV31SpecValidator

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = json.loads((ROOT / "docs/openapi.json").read_text())
METHODS = ("get", "post", "put", "patch", "delete")

OPTION_ROW = re.compile(r'^    \{"([A-Za-z-]+)",\s*(?:set|ask|keep)<', re.MULTILINE)
FILTER_ROW = re.compile(r'^    \{"(\w+)",\s*k\w+[^}]*\},', re.MULTILINE)
# Options that have a structure of their own and so are no rows of the parser's table.
STRUCTURED_OPTIONS = {"Forward-{Name}", "Callback", "Callback-{Option}", "Failure-Callback",
                      "Failure-Callback-{Option}"}


def resolve(node):
    while "$ref" in node:
        path = node["$ref"].removeprefix("#/").split("/")
        node = DOCUMENT
        for key in path:
            node = node[key]
    return node


def operations():
    """(METHOD, path, operation, parameters with those of the path)"""
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                parameters = item.get("parameters", []) + operation.get("parameters", [])
                yield method.upper(), path, operation, [resolve(each) for each in parameters]


def is_valid():
    errors = [error.message for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()]
    assert not errors, "\n".join(errors)


def references_in(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from references_in(value)


def every_component_is_used():
    used = set(references_in(DOCUMENT))
    components = DOCUMENT["components"]
    unused = [f"{kind}/{name}" for kind in components if kind != "securitySchemes"
              for name in components[kind] if f"#/components/{kind}/{name}" not in used]
    assert not unused, f"never referred to: {unused}"


def operation_ids_are_unique():
    ids = [operation["operationId"] for _, _, operation, _ in operations()]
    assert len(ids) == len(set(ids)), f"twice: {sorted(i for i in ids if ids.count(i) > 1)}"


def every_example_fits_its_schema():
    for method, path, _, parameters in operations():
        for parameter in parameters:
            if "example" not in parameter:
                continue
            schema = {**parameter["schema"], "components": DOCUMENT["components"]}
            try:
                jsonschema.validate(parameter["example"], schema, jsonschema.Draft202012Validator)
            except jsonschema.ValidationError as error:
                raise AssertionError(f"{method} {path} {parameter['name']}: {error.message}")


def options_are_those_of_the_parser():
    source = (ROOT / "src/api/qstash/publish_parser.cc").read_text()
    known = set(OPTION_ROW.findall(source))
    assert len(known) > 10, "the parser's table is not where this check looks for it"
    described = {parameter["name"].removeprefix("Upstash-")
                 for _, path, _, parameters in operations() if path == "/v2/publish/{destination}"
                 for parameter in parameters if parameter["name"].startswith("Upstash-")}
    assert described - STRUCTURED_OPTIONS == known, (
        f"not described: {known - described}, unknown: {described - known - STRUCTURED_OPTIONS}")


def filters_are_those_of_the_lists():
    source = (ROOT / "src/api/filters.cc").read_text()
    known = set(FILTER_ROW.findall(source))
    assert len(known) > 15, "the table of filters is not where this check looks for it"
    lists = {("GET", "/v2/events"), ("GET", "/v2/messages"), ("DELETE", "/v2/messages"), ("GET", "/v2/dlq")}
    described = {parameter["name"] for method, path, _, parameters in operations()
                 if (method, path) in lists for parameter in parameters if parameter["in"] == "query"}
    assert described == known, f"not described: {known - described}, unknown: {described - known}"


def checks():
    return [(function.__name__.replace("_", " "), function)
            for function in (is_valid, every_component_is_used, operation_ids_are_unique,
                             every_example_fits_its_schema, options_are_those_of_the_parser,
                             filters_are_those_of_the_lists)]
