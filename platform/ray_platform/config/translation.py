"""Turns what pydantic found wrong into problems that a reader of the YAML understands."""

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from math import inf
from types import UnionType
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from ray_platform.config.fields import REFUSAL
from ray_platform.config.numbers import written
from ray_platform.config.problems import (
    PROJECT,
    PathPart,
    Problem,
    Source,
    remove_command,
    set_command,
    shown,
    yaml_path,
)

# pydantic's mark, last in a location, for a fault in a mapping's key instead of its value.
_KEY_MARK: Final = "[key]"

# Text that can be a number of the configuration.
_FEW_DIGITS: Final = re.compile(r"[0-9]{1,15}")

RuleAndRemedy = tuple[str, str]
M = TypeVar("M", bound=BaseModel)


def problems_of(model: type[BaseModel], raw: Any, at: tuple[PathPart, ...]) -> list[Problem]:
    """What is wrong with `raw` as an instance of `model`; `at` is its place in the configuration."""
    try:
        model.model_validate(raw)
    except ValidationError as error:
        return [problem for details in error.errors() if (problem := _problem(details, model, raw, at))]
    return []


def valid_part(model: type[M], raw: Any, *keys: str) -> M | None:
    """`raw` reduced to these keys, with defaults for the others; None if they are not valid."""
    try:
        return model.model_validate({key: raw[key] for key in keys if key in raw} if isinstance(raw, dict) else raw)
    except ValidationError:
        return None


def unknown_key(path: str, value: Any, key: str, known: Sequence[str]) -> Problem:
    """A key nobody knows, with the known ones and the nearest of them."""
    near = get_close_matches(key.lower(), [name.lower() for name in known], n=1, cutoff=0.6)
    meant = next((name for name in known if near and name.lower() == near[0]), None)
    remedy = f"Remove it: {remove_command(path)}"
    return Problem(
        path=path,
        value=value,
        rule=f"a known key: {', '.join(known)}" if known else "no key: this section has none yet",
        remedy=f"Did you mean {meant}? {remedy}" if meant else remedy,
    )


def number(type_: type[int] | type[float], metadata: Sequence[Any]) -> str:
    """How to call a number of this type with these bounds."""
    noun = "whole number" if type_ is int else "number"
    if not any(isinstance(each, Le) for each in metadata):
        return noun
    low, high = _bounds(metadata)
    return f"{noun} from {written(low)} to {written(high)}"


def fields_by_key(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a model by the keys of the YAML."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def bare(annotation: Any) -> Any:
    """The type below `Annotated` and `... | None`."""
    if get_origin(annotation) is Annotated:
        return bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return bare(next(each for each in get_args(annotation) if each is not type(None)))
    return annotation


def _problem(details: ErrorDetails, model: type[BaseModel], raw: Any, at: tuple[PathPart, ...]) -> Problem | None:
    location = _in_yaml_keys(model, details)
    of_key = bool(location) and location[-1] == _KEY_MARK
    if of_key:
        location = location[:-1]
    if details["type"] == REFUSAL:
        location = (*location, *details["ctx"]["at"])
    owner, field = _owner_and_field(model, location)
    path = yaml_path((*at, *location))
    if details["type"] == "extra_forbidden" and owner is not None:
        return unknown_key(path, details["input"], str(location[-1]), list(fields_by_key(owner)))
    if details["type"] == "missing" and field is not None and _default_depends(field):
        # Its default could not be told, because the key it depends on is wrong; that key has its own problem.
        return None
    value, source = _value(raw, location, details)
    rule, remedy = _TELL.get(details["type"], _tell_as_pydantic)(details, field)
    return Problem(
        path=path,
        value=location[-1] if of_key else value,
        source=source,
        rule=f"as a key, {rule}" if of_key else rule,
        remedy=remedy.replace("{set}", set_command(path, "").rstrip()).replace("{key}", f"{PROJECT}:{path}"),
    )


def _in_yaml_keys(model: type[BaseModel], details: ErrorDetails) -> tuple[PathPart, ...]:
    """The location of a fault. For a default, pydantic tells the field's name instead of its key."""
    location = details["loc"]
    if details["type"] == "extra_forbidden":
        return location
    keys: list[PathPart] = []
    for part in location:
        owner, _ = _owner_and_field(model, (*keys, part))
        field = owner.model_fields.get(str(part)) if owner else None
        keys.append(field.alias or part if field else part)
    return tuple(keys)


def _value(raw: Any, location: tuple[PathPart, ...], details: ErrorDetails) -> tuple[Any, Source]:
    if details["type"] == "missing":
        return None, "absent"
    value: Any = raw
    for part in location:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return details["input"], "default"
    return value, "config"


def _default_depends(field: FieldInfo) -> bool:
    return isinstance(field.json_schema_extra, dict) and "default_text" in field.json_schema_extra


def _owner_and_field(
    model: type[BaseModel], location: tuple[PathPart, ...]
) -> tuple[type[BaseModel] | None, FieldInfo | None]:
    """The model that holds the last key of a location, and the field there; None where there is none."""
    annotation: Any = model
    owner, field = None, None
    for part in location:
        annotation = bare(annotation)
        owner, field = None, None
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            owner = annotation
            field = fields_by_key(owner).get(str(part))
            annotation = field.annotation if field else None
        else:
            annotation = _entry_type(annotation)
    return owner, field


def _entry_type(annotation: Any) -> Any:
    arguments = get_args(annotation)
    if get_origin(annotation) is dict:
        return arguments[1]
    return arguments[0] if arguments else None


def _tell_refusal(details: ErrorDetails, _: FieldInfo | None) -> RuleAndRemedy:
    return details["ctx"]["rule"], details["ctx"]["remedy"]


def _tell_number(details: ErrorDetails, field: FieldInfo | None) -> RuleAndRemedy:
    bounds = field.metadata if field else []
    kind = number(float if field and bare(field.annotation) is float else int, bounds)
    low, high = _bounds(bounds)
    given = details["input"]
    if isinstance(given, str):
        meant = int(given) if _FEW_DIGITS.fullmatch(given) else low
        return f"a {kind}, without quotes", f"{{set}} {written(max(low, min(meant, high)))}"
    return f"a {kind}", f"{{set}} {written(details.get('ctx', {}).get('le', low))}"


def _bounds(metadata: Sequence[Any]) -> tuple[float, float]:
    """The least and the most; from 0 on where a validator of the key's own knows which numbers it takes."""
    bounds: dict[type, Any] = {type(each): each for each in metadata}
    return (bounds[Ge].ge if Ge in bounds else 0), (bounds[Le].le if Le in bounds else inf)


def _tell_bool(details: ErrorDetails, _: FieldInfo | None) -> RuleAndRemedy:
    yes = shown(details["input"]).strip('"').lower() in ("yes", "on", "true", "1")
    return "true or false, without quotes", f"{{set}} {'true' if yes else 'false'}"


def _tell_text(details: ErrorDetails, field: FieldInfo | None) -> RuleAndRemedy:
    given = details["input"]
    if isinstance(given, bool | int | float):
        text = shown(given).strip('"')
        return "a text: YAML reads this unquoted as a number or truth value", f'Put it in quotes: "{text}".'
    return "a text", f"{{set}} {_example(field)}"


def _tell_choice(details: ErrorDetails, _: FieldInfo | None) -> RuleAndRemedy:
    choices = re.findall(r"'([^']*)'", details["ctx"]["expected"])
    near = get_close_matches(shown(details["input"]).strip('"').lower(), [choice.lower() for choice in choices], n=1)
    best = next((choice for choice in choices if near and choice.lower() == near[0]), choices[0])
    return f"one of {', '.join(choices)}", f"{{set}} {best}"


def _tell_missing(_: ErrorDetails, field: FieldInfo | None) -> RuleAndRemedy:
    is_list = field is not None and get_origin(bare(field.annotation)) is tuple
    name = "{key}[0]" if is_list else "{key}"
    return "required", f"pulumi config set --path '{name}' YOUR_VALUE (such as {_example(field)})"


def _tell_mapping(_: ErrorDetails, __: FieldInfo | None) -> RuleAndRemedy:
    return "a mapping of keys to values", "Write its keys indented below it, or remove it."


def _tell_list(_: ErrorDetails, __: FieldInfo | None) -> RuleAndRemedy:
    return "a list", "Write each entry on its own line, indented and after a hyphen."


def _tell_as_pydantic(details: ErrorDetails, _: FieldInfo | None) -> RuleAndRemedy:
    return details["msg"], "Correct or remove it."


def _example(field: FieldInfo | None) -> str:
    return str(field.examples[0]) if field is not None and field.examples else "VALUE"


_TELL: Final[Mapping[str, Callable[[ErrorDetails, FieldInfo | None], RuleAndRemedy]]] = {
    REFUSAL: _tell_refusal,
    "float_type": _tell_number,
    "int_type": _tell_number,
    "int_from_float": _tell_number,
    "finite_number": _tell_number,
    "greater_than_equal": _tell_number,
    "less_than_equal": _tell_number,
    "bool_type": _tell_bool,
    "string_type": _tell_text,
    "literal_error": _tell_choice,
    "missing": _tell_missing,
    "model_type": _tell_mapping,
    "dict_type": _tell_mapping,
    "tuple_type": _tell_list,
}
