"""
Ways to break a function: each finds its place by syntax, not by source text.

A place is the innermost node of a kind that *mentions* a name: an attribute, a keyword
argument, a called function, a word of a string; never a local variable, so that a
rename of one breaks no mutant. In the code that is put there, `$p0`, `$p1` … stand for
the parameters of the function, `$it` for what is replaced, `$of` for the object of the
attribute or method that it is, `$body` for the first branch of a choice, and `$last`
for the last operand.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from string import Template
from typing import Protocol, TypeVar

_Node = TypeVar("_Node", bound=ast.AST)
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Operator(Protocol):
    """One way to break a function."""

    def __call__(self, function: Function) -> None:
        """
        Break *function* in place.

        Raises:
            ValueError: If the place is missing or not unique.
        """


@dataclass(frozen=True, slots=True)
class DropStatement:
    """Replace the innermost statement that mentions *mention* by `pass`."""

    mention: str

    def __call__(self, function: Function) -> None:
        """Break *function*."""
        _put(function, _only(function, ast.stmt, self.mention), [ast.Pass()])


@dataclass(frozen=True, slots=True)
class Insert:
    """Insert *code* before the statement that mentions *before*; first without it."""

    code: str
    before: str = ""

    def __call__(self, function: Function) -> None:
        """Break *function*."""
        new = ast.parse(_filled(self.code, function)).body
        if self.before:
            place = _only(function, ast.stmt, self.before)
            _put(function, place, [*new, place])
        else:
            function.body[1:1] = new  # after the docstring


@dataclass(frozen=True, slots=True)
class Handle:
    """Answer the error *caught* with *code* alone."""

    caught: str
    code: str

    def __call__(self, function: Function) -> None:
        """Break *function*."""
        handler = _only(function, ast.ExceptHandler, self.caught)
        handler.body[:] = ast.parse(_filled(self.code, function)).body


@dataclass(frozen=True, slots=True)
class DropOperand:
    """Remove the operand that mentions *mention* from its `and` or `or`."""

    mention: str

    def __call__(self, function: Function) -> None:
        """Break *function*."""
        operation = _only(function, ast.BoolOp, self.mention)
        kept = [
            value for value in operation.values if not _mentions(value, self.mention)
        ]
        _same(len(kept), len(operation.values) - 1, self.mention)
        operation.values[:] = kept


@dataclass(frozen=True, slots=True)
class DropArgument:
    """Remove the argument that is, or mentions, *mention* from the call of *called*."""

    called: str
    mention: str

    def __call__(self, function: Function) -> None:
        """Break *function*."""
        calls = [
            node for node in _all(function, ast.Call) if _name(node) == self.called
        ]
        for call in calls:
            named = [item for item in call.keywords if item.arg == self.mention]
            positional = [item for item in call.args if _mentions(item, self.mention)]
            if len(named) + len(positional) == 1:
                call.keywords[:] = [item for item in call.keywords if item not in named]
                call.args[:] = [item for item in call.args if item not in positional]
                return
        raise ValueError(f"no argument {self.mention} of {self.called}")


@dataclass(frozen=True, slots=True)
class Condition:
    """Replace the test of the innermost `if` that mentions *mention* by *code*."""

    mention: str
    code: str = "False"

    def __call__(self, function: Function) -> None:
        """Break *function*."""
        branch = _only(function, ast.If, self.mention)
        branch.test = _expression(self.code, function, branch.test)


@dataclass(frozen=True, slots=True)
class Return:
    """Return *code* where the function returns what mentions *mention*."""

    code: str
    mention: str = ""

    def __call__(self, function: Function) -> None:
        """Break *function*."""
        place = _only(function, ast.Return, self.mention)
        place.value = _expression(self.code, function, place.value)


@dataclass(frozen=True, slots=True)
class Keyword:
    """Pass *code* as the keyword argument *name*."""

    name: str
    code: str

    def __call__(self, function: Function) -> None:
        """Break *function*."""
        places = [item for item in _all(function, ast.keyword) if item.arg == self.name]
        _same(len(places), 1, self.name)
        places[0].value = _expression(self.code, function, places[0].value)


@dataclass(frozen=True, slots=True)
class Expression:
    """
    Replace an expression of the class *kind* by *code*.

    It is the innermost one that mentions *mention*, in the value of the keyword
    argument *keyword* where one is named; *occurrence* counts from 0 where several
    fit.
    """

    kind: type[ast.expr]
    mention: str
    code: str
    keyword: str = ""
    occurrence: int | None = None

    def __call__(self, function: Function) -> None:
        """Break *function*."""
        scope: ast.AST = function
        if self.keyword:
            places = [
                item for item in _all(function, ast.keyword) if item.arg == self.keyword
            ]
            _same(len(places), 1, self.keyword)
            scope = places[0]
        place = _only(scope, self.kind, self.mention, self.occurrence)
        new = _expression(self.code, function, place)
        _Replace(place, new).visit(scope)


@dataclass(frozen=True, slots=True)
class NoneOf:
    """Let the comprehension that mentions *mention* take nothing."""

    mention: str

    def __call__(self, function: Function) -> None:
        """Break *function*."""
        filtered = _only(function, ast.comprehension, self.mention)
        filtered.ifs[:] = [ast.Constant(value=False)]


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        if node is self._old:
            return self._new
        return self.generic_visit(node)


def function_in(tree: ast.Module, qualified: str) -> Function:
    """
    Return the function `name` or `Class.name` of a module.

    Raises:
        ValueError: If there is none.
    """
    body, node = tree.body, None
    for name in qualified.split("."):
        node = next(
            (
                item
                for item in body
                if isinstance(item, Function | ast.ClassDef) and item.name == name
            ),
            None,
        )
        body = node.body if node else []
    if not isinstance(node, Function):
        raise ValueError(f"no function {qualified}")  # noqa: TRY004  # a place that is missing
    return node


def parameters(function: Function) -> list[str]:
    """Name the parameters of *function*, in order."""
    arguments = function.args
    return [
        argument.arg
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    ]


def _all(tree: ast.AST, kind: type[_Node]) -> Iterator[_Node]:
    for node in ast.walk(tree):
        if isinstance(node, kind) and node is not tree:
            yield node


def _names(node: ast.AST) -> Iterator[str | None]:
    for child in ast.walk(node):
        match child:
            case ast.Attribute(attr=name) | ast.keyword(arg=name) | ast.Name(id=name):
                yield name
            case ast.Constant(value=str(text)):
                yield from text.split()
            case _:
                pass


def _mentions(node: ast.AST, name: str) -> bool:
    return not name or name in _names(node)


def _innermost(tree: ast.AST, kind: type[_Node], mention: str) -> list[_Node]:
    fitting = [node for node in _all(tree, kind) if _mentions(node, mention)]
    outer = {
        id(node)
        for node in fitting
        if any(other is not node and other in ast.walk(node) for other in fitting)
    }
    return [node for node in fitting if id(node) not in outer]


def _only(
    tree: ast.AST, kind: type[_Node], mention: str, occurrence: int | None = None
) -> _Node:
    fitting = _innermost(tree, kind, mention)
    if occurrence is not None and occurrence < len(fitting):
        return sorted(fitting, key=_position)[occurrence]
    _same(len(fitting), 1, f"{kind.__name__} with {mention}")
    return fitting[0]


def _position(node: ast.AST) -> tuple[int, int]:
    assert isinstance(node, ast.expr)
    return node.lineno, node.col_offset


def _same(number: int, wanted: int, what: str) -> None:
    if number != wanted:
        raise ValueError(f"{what}: {number} places, not {wanted}")


def _name(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _put(function: Function, old: ast.stmt, new: list[ast.stmt]) -> None:
    for node in ast.walk(function):
        for _name_of_field, block in ast.iter_fields(node):
            if isinstance(block, list) and any(item is old for item in block):
                place = next(i for i, item in enumerate(block) if item is old)
                block[place : place + 1] = new
                return


def _expression(
    code: str, function: Function, replaced: ast.expr | None = None
) -> ast.expr:
    return ast.parse(_filled(code, function, replaced), mode="eval").body


def _filled(code: str, function: Function, replaced: ast.expr | None = None) -> str:
    values = {f"p{i}": name for i, name in enumerate(parameters(function))}
    if replaced is not None:
        values["it"] = f"({ast.unparse(replaced)})"
        match replaced:
            case ast.Call(func=ast.Attribute(value=owner)) | ast.Attribute(value=owner):
                values["of"] = ast.unparse(owner)
            case ast.IfExp(body=body):
                values["body"] = ast.unparse(body)
            case ast.BoolOp(values=[*_, last]):
                values["last"] = ast.unparse(last)
            case _:
                pass
    return Template(code).substitute(values)
