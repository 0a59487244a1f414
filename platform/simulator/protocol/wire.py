"""Property maps of the provider protocol as plain Python values, and back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from google.protobuf import struct_pb2

# A value that the engine marks comes as a struct. The configuration of a provider keeps its secrets' marks.
from ray_platform.marks import SECRET_VALUE, SIGNATURE


def decode(struct: struct_pb2.Struct) -> dict[str, Any]:
    """The properties as Python values: whole numbers as int, secrets as what they hold, nothing for a null."""
    return {key: _value(value) for key, value in struct.fields.items() if not value.HasField("null_value")}


def encode(properties: Mapping[str, Any], secrets: Collection[str] = ()) -> struct_pb2.Struct:
    """The properties as the wire has them, those named in `secrets` marked. What is None is left out."""
    struct = struct_pb2.Struct()
    known = {key: value for key, value in properties.items() if value is not None}
    struct.update(
        {key: {SIGNATURE: SECRET_VALUE, "value": value} if key in secrets else value for key, value in known.items()}
    )
    return struct


def secrets(struct: struct_pb2.Struct) -> frozenset[str]:
    """The properties that are marked as secret, or hold something that is."""
    return frozenset(key for key, value in struct.fields.items() if _holds_secret(value))


def _holds_secret(value: Any) -> bool:
    fields = value.struct_value.fields
    if SIGNATURE in fields and fields[SIGNATURE].string_value == SECRET_VALUE:
        return True
    return any(map(_holds_secret, [*fields.values(), *value.list_value.values]))


def _value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        fields = value.struct_value.fields
        if SIGNATURE in fields and fields[SIGNATURE].string_value == SECRET_VALUE:
            return _value(fields["value"])
        return decode(value.struct_value)
    if kind == "list_value":
        return [_value(element) for element in value.list_value.values]
    if kind == "number_value":
        return int(value.number_value) if value.number_value.is_integer() else value.number_value
    return getattr(value, kind) if kind and kind != "null_value" else None
