"""The properties that pulumi-aws gives each type, read out of its own classes: names, shapes, what is
required.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import inspect
import sys
import types
import typing
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.account.resource import UNKNOWN

Problem = tuple[str, str]
"""A property path and what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class _Scalar:
    """A leaf: `kind` says in words what the classes in `accepts` are."""

    kind: str
    accepts: tuple[type, ...]


@dataclass(frozen=True, kw_only=True)
class _List:
    element: Shape


@dataclass(frozen=True, kw_only=True)
class _Map:
    element: Shape


@dataclass(frozen=True, kw_only=True)
class _Object:
    cls: type


@dataclass(frozen=True, kw_only=True)
class _OneOf:
    choices: tuple[Shape, ...]


class _Anything:
    """An asset, an archive or `Any`: not looked into."""


Shape = _Scalar | _List | _Map | _Object | _OneOf | _Anything

_SCALARS: Mapping[type, _Scalar] = {
    str: _Scalar(kind="a string", accepts=(str,)),
    bool: _Scalar(kind="a boolean", accepts=(bool,)),
    int: _Scalar(kind="a whole number", accepts=(int,)),
    float: _Scalar(kind="a number", accepts=(int, float)),
}


def load(tokens: Iterable[str]) -> None:
    """Import what these types need. Call it before serving: pulumi_aws loads its modules in a way that is not
    thread-safe."""
    for token in tokens:
        has_all_tags(token)
        _properties(_args_class(token))


@functools.cache
def has_all_tags(token: str) -> bool:
    """Whether the provider's default tags reach the type."""
    resource_class = getattr(_module(token), _class_name(token))
    return isinstance(getattr(resource_class, "tags_all", None), property)


def has_nested(token: str, name: str) -> bool:
    """Whether an input property is an object, or a list or map of objects."""
    shape = _properties(_args_class(token)).get(name, (_Anything(), False))[0]
    while isinstance(shape, _List | _Map):
        shape = shape.element
    return isinstance(shape, _Object)


def problems(token: str, inputs: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with the inputs of a resource as pulumi-aws declares it; empty when nothing is."""
    return _object_problems(token, _args_class(token), inputs, "")


def _module(token: str) -> types.ModuleType:
    return importlib.import_module("pulumi_aws." + token.split(":")[1].split("/")[0])


def _class_name(token: str) -> str:
    return token.split(":")[2]


@functools.cache
def _args_class(token: str) -> type:
    found: type = getattr(_module(token), _class_name(token) + "Args")
    return found


@functools.cache
def _properties(cls: type) -> Mapping[str, tuple[Shape, bool]]:
    """Property name -> (its shape, whether it is required)."""
    parameters = inspect.signature(cls.__init__).parameters  # type: ignore[misc]
    found: dict[str, tuple[Shape, bool]] = {}
    for python_name, member in vars(cls).items():
        if isinstance(member, property) and member.fget is not None:
            name = getattr(member.fget, "_pulumi_name", python_name)
            annotation = member.fget.__annotations__["return"]
            required = parameters[python_name].default is inspect.Parameter.empty
            found[name] = (_shape(annotation, cls.__module__), required)
    return found


def _shape(annotation: Any, module: str) -> Shape:
    if isinstance(annotation, str | typing.ForwardRef):
        name = annotation if isinstance(annotation, str) else annotation.__forward_arg__
        return _shape(functools.reduce(getattr, name.split("."), sys.modules[module]), module)
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin is typing.Union or origin is types.UnionType:
        return _union(arguments, module)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _Map(element=_shape(arguments[1], module))
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return _List(element=_shape(arguments[0], module))
    if isinstance(annotation, type):
        return _class_shape(annotation)
    return _Anything()


def _class_shape(cls: type) -> Shape:
    if cls.__name__.endswith("Args"):
        return _Object(cls=cls)
    scalar = next((scalar for base, scalar in _SCALARS.items() if base in cls.__mro__), None)
    return scalar or _Anything()


def _union(arguments: tuple[Any, ...], module: str) -> Shape:
    """`pulumi.Input[T]` is a union of T, what awaits it and its output: only T itself comes over the wire."""
    shapes: list[Shape] = []
    for argument in arguments:
        name = getattr(argument, "__forward_arg__", "")
        if argument is type(None) or typing.get_origin(argument) is Awaitable:
            continue
        if name.startswith("Output") or name.endswith("ArgsDict"):
            continue
        shape = _shape(argument, module)
        if shape not in shapes:
            shapes.append(shape)
    return shapes[0] if len(shapes) == 1 else _OneOf(choices=tuple(shapes))


def _object_problems(token: str, cls: type, value: Mapping[str, Any], path: str) -> list[Problem]:
    properties = _properties(cls)
    found: list[Problem] = []
    for name, given in value.items():
        where = f"{path}.{name}" if path else name
        if name not in properties:
            found.append((where, _unknown(token, name, properties)))
        elif given is not None:
            found += _problems(token, properties[name][0], given, where)
    for name, (_, required) in properties.items():
        if required and value.get(name) is None:
            found.append((f"{path}.{name}" if path else name, "this property is required"))
    return found


def _unknown(token: str, name: str, valid: Iterable[str]) -> str:
    nearest = difflib.get_close_matches(name, list(valid), n=1)
    hint = f"did you mean `{nearest[0]}`?" if nearest else "valid are: " + ", ".join(sorted(valid)) + "."
    return f"`{name}` is not a property here ({token}); {hint}"


def _problems(token: str, shape: Shape, value: Any, path: str) -> list[Problem]:
    if isinstance(value, str) and value == UNKNOWN:
        return []
    match shape:
        case _Scalar():
            if isinstance(value, shape.accepts) and (bool in shape.accepts or not isinstance(value, bool)):
                return []
            return [(path, f"expected {shape.kind}, got {_described(value)}")]
        case _List():
            return _elements(token, shape.element, value, path)
        case _Map():
            return _entries(token, shape.element, value, path)
        case _Object():
            if isinstance(value, Mapping):
                return _object_problems(token, shape.cls, value, path)
            return [(path, f"expected an object, got {_described(value)}")]
        case _OneOf():
            each = [_problems(token, choice, value, path) for choice in shape.choices]
            return min(each, key=len)
    return []


def _elements(token: str, shape: Shape, value: Any, path: str) -> list[Problem]:
    if not isinstance(value, list):
        return [(path, f"expected a list, got {_described(value)}")]
    return [
        problem
        for index, element in enumerate(value)
        for problem in _problems(token, shape, element, f"{path}[{index}]")
    ]


def _entries(token: str, shape: Shape, value: Any, path: str) -> list[Problem]:
    if not isinstance(value, Mapping):
        return [(path, f"expected a map, got {_described(value)}")]
    return [
        problem for key, element in value.items() for problem in _problems(token, shape, element, f'{path}["{key}"]')
    ]


def _described(value: Any) -> str:
    kinds: Mapping[type, str] = {bool: "a boolean", str: "a string", list: "a list", dict: "an object"}
    return kinds.get(type(value), "a number")
