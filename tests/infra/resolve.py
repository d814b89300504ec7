"""What CloudFormation makes of a template once its parameters are known."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Json: TypeAlias = (
    "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
)

Resources: TypeAlias = "Mapping[str, Mapping[str, Json]]"
"""The resources of a stack by logical id, resolved."""

ACCOUNT = "111122223333"
REGION = "eu-west-1"
STACK = "tray-test"
PSEUDO: Mapping[str, str] = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}/1",
    "AWS::StackName": STACK,
}


class _NoValue:
    """What `AWS::NoValue` leaves behind, until its parent drops it."""


_NO_VALUE = _NoValue()


def at(node: Json, *path: str | int) -> Json:
    """Follow *path* into *node*. Raises KeyError, IndexError or TypeError."""
    for step in path:
        if isinstance(step, int):
            assert isinstance(node, Sequence)
            node = node[step]
        else:
            assert isinstance(node, Mapping), (path, node)
            node = node[step]
    return node


def mapping(node: Json) -> Mapping[str, Json]:
    """Take *node* for the mapping that it is."""
    assert isinstance(node, Mapping)
    return node


def as_list(node: Json) -> Sequence[Json]:
    """Take *node* for a list, as IAM does: one is a list of one."""
    if isinstance(node, str) or not isinstance(node, Sequence):
        return [node]
    return node


def of_type(resources: Resources, kind: str) -> Resources:
    """Pick the properties of the resources of one *kind*."""
    return {
        k: mapping(v["Properties"]) for k, v in resources.items() if v["Type"] == kind
    }


@dataclass(frozen=True, slots=True)
class Resolver:
    """Resolves intrinsic functions. Resources become made-up ARNs and names."""

    template: Mapping[str, Json]
    parameters: Mapping[str, str]

    def resources(self) -> Resources:
        """Return the resources that are made, resolved, by logical id."""
        return {
            name: mapping(self.value(resource))
            for name, resource in mapping(self.template["Resources"]).items()
            if self._made(mapping(resource))
        }

    def outputs(self) -> Mapping[str, Json]:
        """Return the value of each output that is made."""
        return {
            name: self.value(at(output, "Value"))
            for name, output in mapping(self.template["Outputs"]).items()
            if self._made(mapping(output))
        }

    def value(self, node: Json) -> Json:
        """Resolve *node* and all in it."""
        value = self._value(node)
        assert not isinstance(value, _NoValue)
        return value

    def _made(self, node: Mapping[str, Json]) -> bool:
        name = node.get("Condition")
        return self._holds(str(name)) if name else True

    def _value(self, node: Json) -> "Json | _NoValue":
        if isinstance(node, Mapping):
            if len(node) == 1:
                ((name, argument),) = node.items()
                if name == "Ref" or name.startswith("Fn::"):
                    return self._intrinsic(name, argument)
            pairs = {key: self._value(inner) for key, inner in node.items()}
            return {k: v for k, v in pairs.items() if not isinstance(v, _NoValue)}
        if isinstance(node, str) or not isinstance(node, Sequence):
            return node
        values = [self._value(inner) for inner in node]
        return [v for v in values if not isinstance(v, _NoValue)]

    def _intrinsic(self, name: str, argument: Json) -> "Json | _NoValue":  # noqa: PLR0911  # a case for each function
        match name:
            case "Ref":
                return self._ref(str(argument))
            case "Fn::GetAtt":
                parts = argument.split(".", 1) if isinstance(argument, str) else None
                resource, attribute = parts or as_list(argument)
                return self._attribute(str(resource), str(attribute))
            case "Fn::Sub":
                return self._sub(argument)
            case "Fn::If":
                condition, yes, no = as_list(argument)
                return self._value(yes if self._holds(str(condition)) else no)
            case "Fn::FindInMap":
                keys = [str(self.value(key)) for key in as_list(argument)]
                return at(self.template["Mappings"], *keys)
            case "Fn::Join":
                separator, parts_ = as_list(argument)
                return str(separator).join(map(str, as_list(self.value(parts_))))
            case "Fn::Split":
                separator, text = as_list(argument)
                return str(self.value(text)).split(str(separator))
            case _:
                raise AssertionError(f"unknown: {name}")

    def _ref(self, name: str) -> "Json | _NoValue":
        if name == "AWS::NoValue":
            return _NO_VALUE
        if name in PSEUDO:
            return PSEUDO[name]
        parameters = mapping(self.template.get("Parameters", {}))
        if name in parameters:
            declared = mapping(parameters[name])
            value = self.parameters.get(name, declared.get("Default"))
            assert value is not None, f"the parameter {name} has no value"
            listed = declared["Type"] == "CommaDelimitedList"
            return str(value).split(",") if listed else str(value)
        assert name in mapping(self.template["Resources"]), name
        return f"{STACK}-{name}"

    def _attribute(self, resource: str, attribute: str) -> str:
        assert resource in mapping(self.template["Resources"]), resource
        kind = str(at(self.template["Resources"], resource, "Type"))
        if attribute in ("Arn", "Id"):
            if kind == "AWS::IAM::Role":  # IAM is global: its ARNs have no region
                return f"arn:aws:iam::{ACCOUNT}:role/{STACK}-{resource}"
            return (
                f"arn:aws:{_service(kind)}:{REGION}:{ACCOUNT}:{_kept(kind)}{resource}"
            )
        return f"{STACK}-{resource}.{attribute}"

    def _sub(self, argument: Json) -> str:
        def fill(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name.startswith("SyncFunctionTick"):  # made by SAM
                return f"{STACK}-{name}"
            if "." in name:
                return self._attribute(*name.split(".", 1))
            return str(self._ref(name))

        return re.sub(r"\$\{([^}]+)\}", fill, str(argument))

    def _holds(self, name: str) -> bool:
        return self._test(at(self.template["Conditions"], name))

    def _test(self, node: Json) -> bool:
        ((name, argument),) = mapping(node).items()
        match name:
            case "Condition":
                return self._holds(str(argument))
            case "Fn::Equals":
                left, right = as_list(argument)
                return self.value(left) == self.value(right)
            case "Fn::Not":
                return not self._test(as_list(argument)[0])
            case "Fn::And":
                return all(self._test(condition) for condition in as_list(argument))
            case _:
                raise AssertionError(f"unknown: {name}")


def _service(kind: str) -> str:
    return kind.split("::")[1].lower()


def _kept(kind: str) -> str:
    """Name the kind within the ARN, where a policy or a client looks at it."""
    return {"AWS::DynamoDB::Table": "table/", "AWS::Lambda::Function": "function:"}.get(
        kind, ""
    )
