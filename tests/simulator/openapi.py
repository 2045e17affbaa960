"""Discord's own description of its API, to hold the simulator against. https://github.com/discord/discord-api-spec"""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from referencing import Registry
from referencing.jsonschema import DRAFT202012

PATH = Path(__file__).parents[2].parent / "shared" / "specs" / "discord-openapi.json"
REASON = "Discord's OpenAPI description is not at ../shared/specs/discord-openapi.json"
_ANSWERS, _REQUESTS = "urn:discord:answers", "urn:discord:requests"


def _loosened(node: Any) -> Any:
    """`oneOf` read as `anyOf`: many of the description's alternatives differ in optional fields only, and both fit."""
    if isinstance(node, dict):
        return {("anyOf" if key == "oneOf" else key): _loosened(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_loosened(value) for value in node]
    return node


def _permitting(node: Any) -> Any:
    """Permissions that may be strings, as the reference has them."""
    if isinstance(node, dict):
        permissions = {"allow", "deny", "permissions", "default_member_permissions"}
        return {
            key: {"type": ["integer", "string", "null"]}
            if key in permissions and isinstance(value, dict) and "type" in value
            else _permitting(value)
            for key, value in node.items()
        }
    return [_permitting(value) for value in node] if isinstance(node, list) else node


class Description:
    """What Discord says of its operations and of the objects in them."""

    _registry: Registry[Any] = Registry()

    def __init__(self) -> None:
        self._document = _loosened(json.loads(PATH.read_text("utf-8")))
        # The code of a wrong field is a word in the reference's own examples, and a number in the description alone.
        # https://discord.com/developers/docs/reference#error-messages
        wrong_field = {"type": "object", "required": ["code", "message"], "properties": {"code": {"type": "string"}}}
        self._document["components"]["schemas"]["InnerErrors"]["properties"]["_errors"]["items"] = wrong_field
        # Ids and permissions: Discord takes strings and numbers, whatever is described, and libraries send both.
        taken = _permitting(copy.deepcopy(self._document))
        taken["components"]["schemas"]["SnowflakeType"] = {"type": ["string", "integer"]}
        for uri, document in ((_ANSWERS, self._document), (_REQUESTS, taken)):
            resource = DRAFT202012.create_resource(document)
            self._registry = self._registry.with_resource(uri, resource)
        self.operations: dict[str, dict[str, Any]] = {
            operation["operationId"]: operation | {"path": path, "method": method.upper()}
            for path, item in self._document["paths"].items()
            for method, operation in item.items()
            if method != "parameters"
        }

    @cache  # noqa: B019 - there is one description
    def _validator(self, uri: str, pointer: str) -> jsonschema.Draft202012Validator:
        return jsonschema.Draft202012Validator({"$ref": f"{uri}#{pointer}"}, registry=self._registry)

    def _check(self, pointer: str, value: Any, uri: str = _ANSWERS) -> list[str]:
        error = jsonschema.exceptions.best_match(self._validator(uri, pointer).iter_errors(value))
        return [] if error is None else [f"{error.json_path}: {error.message[:300]}"]

    def check_object(self, schema: str, value: Any) -> list[str]:
        """What is wrong with an object by the name of its schema."""
        return self._check(f"/components/schemas/{schema}", value)

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """A schema, or the one that it refers to."""
        return self.schema(schema["$ref"].rsplit("/", 1)[1]) if "$ref" in schema else schema

    def schema(self, name: str) -> dict[str, Any]:
        """A schema by its name."""
        found: dict[str, Any] = self._document["components"]["schemas"][name]
        return found

    def check_answer(self, operation_id: str, status: int, body: Any) -> list[str]:
        """What is wrong with an answer to an operation."""
        if status == 429:
            return self.check_object("RatelimitedResponse" if body["code"] == 0 else "ErrorResponse", body)
        if status >= 400:
            return self.check_object("ErrorResponse", body)
        operation = self.operations[operation_id]
        described = operation["responses"].get(str(status))
        if described is None:
            return [f"{status} is not described"]
        if "content" not in described:
            return [] if body is None else ["a body where none is described"]
        return self._check(f"{_pointer(operation)}/responses/{status}/content/application~1json/schema", body)

    def check_request(self, operation_id: str, body: Any) -> list[str]:
        """What is wrong with a request's JSON."""
        operation = self.operations[operation_id]
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            return [] if not body else ["a body where none is described"]
        return self._check(f"{_pointer(operation)}/requestBody/content/application~1json/schema", body, _REQUESTS)


def _pointer(operation: dict[str, Any]) -> str:
    path = operation["path"].replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
    return f"/paths/{path}/{operation['method'].lower()}"


@cache
def description() -> Description | None:
    """The description; None where it isn't on this machine."""
    return Description() if PATH.exists() else None
