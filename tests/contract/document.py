"""One of the vendor's OpenAPI documents, and whether something is as it says."""

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from referencing.jsonschema import DRAFT202012, EMPTY_REGISTRY

Schema = Mapping[str, object]
_HERE = "urn:document"
_STRICT = "urn:document:strict"
"""The same, and a field that it does not name is a mistake: the gateway drops it."""


@dataclass(frozen=True)
class Sent:
    """A request as it left."""

    method: str
    path: str
    """Below the version's prefix, with the query."""
    body: bytes


class Document:
    """The document of one version."""

    def __init__(self, file: Path) -> None:
        self.whole = yaml.safe_load(file.read_text())
        self._registry = EMPTY_REGISTRY.with_resources(
            [
                (_HERE, DRAFT202012.create_resource(self.whole)),
                (_STRICT, DRAFT202012.create_resource(_strict(self.whole))),
            ]
        )
        self.operations = {
            (method.upper(), path): operation
            for path, methods in self.whole["paths"].items()
            for method, operation in methods.items()
        }

    def problems_of(self, sent: Sent) -> list[str]:
        """Say what in *sent* is not as the document says."""
        parts = urlsplit(sent.path)
        method, path = self.operation(sent.method, parts.path)
        operation = self.operations[method, path]
        parameters = {one["name"]: one for one in operation.get("parameters", [])}
        given = dict(_path_values(path, parts.path))
        given |= _query_values(parts.query, parameters)
        problems = [
            f"{name} is no parameter" for name in given.keys() - parameters.keys()
        ]
        for name, parameter in parameters.items():
            if name in given:
                schema = _strict(parameter["schema"])
                problems += self.problems(given[name], schema, name, _STRICT)
            elif parameter.get("required"):
                problems.append(f"{name} is missing")
        return problems + self._body_problems(sent.body, operation.get("requestBody"))

    def problems_of_answer(
        self, method: str, path: str, status: int, answer: object
    ) -> list[str]:
        """Say what in an *answer* to an operation is not as the document says."""
        if status != 200:
            return self.problems(
                answer, {"$ref": "#/components/schemas/Error"}, "error"
            )
        responses = self.operations[method, path]["responses"]
        schema = responses["200"]["content"]["application/json"]["schema"]
        return self.problems(answer, schema, "answer")

    def operation(self, method: str, path: str) -> tuple[str, str]:
        """Find what *path* is, its own name before a placeholder."""
        found = [
            (verb, template)
            for verb, template in self.operations
            if verb == method and _pattern(template).fullmatch(path)
        ]
        assert found, f"the document has no {method} {path}"
        return min(found, key=lambda one: one[1].count("{"))

    def problems(
        self, value: object, schema: object, name: str, base: str = _HERE
    ) -> list[str]:
        """Say what in *value* is not as *schema* says; it refers to *base*."""
        whole = json.loads(json.dumps(schema).replace('"#/', f'"{base}#/'))
        validator = Draft202012Validator(
            whole, registry=self._registry, format_checker=FormatChecker()
        )
        return [
            f"{name}{error.json_path[1:]}: {error.message[:300]}"
            for error in validator.iter_errors(value)
        ]

    def _body_problems(self, body: bytes, declared: object) -> list[str]:
        if not isinstance(declared, dict):
            return ["a body where there is none to be"] if body else []
        if not body:
            return ["no body"] if declared.get("required") else []
        schema = _strict(declared["content"]["application/json"]["schema"])
        return self.problems(json.loads(body), schema, "body", _STRICT)


@cache
def document(version: str) -> Document:
    """Return the document that *version* is written down in: 4 is 5, none is 3."""
    folder = Path(os.environ["INCIDENT_TRAY_CONTRACT"])
    number = {"5": "5", "4": "5", "3": "3", "unversioned": "3"}[version]
    return Document(folder / f"openapi-incidents-v{number}.yaml")


def _strict(node: object) -> object:
    """Return *node* with every object closed that names its fields."""
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    inner = {key: _strict(value) for key, value in node.items()}
    if isinstance(node.get("properties"), dict) and node.get("type") == "object":
        inner.setdefault("additionalProperties", False)
    return inner


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))


def _path_values(template: str, path: str) -> Iterable[tuple[str, object]]:
    match = _pattern(template).fullmatch(path)
    assert match
    return [(name, unquote(value)) for name, value in match.groupdict().items()]


def _query_values(query: str, parameters: Mapping[str, Schema]) -> dict[str, object]:
    """Undo the gateway's spelling: dots, repeated names, proto names."""
    given: dict[str, object] = {}
    for spelled, text in parse_qsl(
        query, keep_blank_values=True, strict_parsing=bool(query)
    ):
        name, *below = spelled.split(".")
        schema = parameters.get(name, {}).get("schema", {})
        place, key = given, name
        for part in below:
            inner = place.setdefault(key, {})
            assert isinstance(inner, dict)
            place, key = inner, _camel(part)
            schema = _below(schema, key)
        kind = schema.get("type") if isinstance(schema, dict) else None
        if kind == "array":
            held = place.setdefault(key, [])
            assert isinstance(held, list)
            held.append(text)
        else:
            assert key not in place, f"{spelled} stands twice"
            place[key] = int(text) if kind == "integer" else text
    return given


def _below(schema: object, key: str) -> object:
    if not isinstance(schema, dict):
        return {}
    properties = schema.get("properties", {})
    return properties.get(key, {})


def _camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)
