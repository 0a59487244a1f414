"""YAML is read as Pulumi reads it. Each expectation is what `pulumi config --json` of 3.259.0 printed."""

import math
from typing import Any

import pytest

from ray_platform.config.stack_yaml import ENTRIES_MAX, LEVELS_MAX, read, write


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: yes", "yes"),
        ("a: off", "off"),
        ("a: TRUE", True),
        ("a: ~", None),
        ("a: trueblue", "trueblue"),
        ("a: false-alarm", "false-alarm"),
        ("a: truE", "truE"),
        ("a: nullx", "nullx"),
        ("a: <<x", "<<x"),
        ("a: =", "="),
        ("a: 0x1f", 31),
        ("a: 0o17", 15),
        ("a: 017", 15),
        ("a: 089", 89),
        ("a: -0b11", -3),
        ("a: 1_000", 1000),
        ("a: 1:20", "1:20"),
        ("a: 1e2", 100),
        ("a: 1.0e+2", 100),
        ("a: 100.0", 100),
        ("a: 1.30", 1.3),
        ("a: 1e400", "1e400"),
        ("a: 12345678901234567890123", 1.2345678901234568e22),
        ("a: 9007199254740993", 9007199254740993),
        ("a: 18446744073709551615", 2**64 - 1),
        ("a: 2026-01-01", "2026-01-01 00:00:00 +0000 UTC"),
        ("a: 2026-13-45", "2026-13-45"),
        ("a: 2026-0-1", "2026-0-1"),
        ("a: 2026-001-1", "2026-001-1"),
        ("a: 2026-02-29", "2026-02-29"),
        ("a: 0000-02-29", "0000-02-29 00:00:00 +0000 UTC"),
        ("a: 2026-1-2", "2026-01-02 00:00:00 +0000 UTC"),
        ("a: 2026-01-01T00:00:00Z", "2026-01-01 00:00:00 +0000 UTC"),
        ("a: 2026-01-01t00:00:00,000Z", "2026-01-01 00:00:00 +0000 UTC"),
        ("a: 2026-01-01T00:00:00z", "2026-01-01T00:00:00z"),
        ("a: 2026-1-2T3:4:5.123456789123Z", "2026-01-02 03:04:05.123456789 +0000 UTC"),
        ("a: 2026-1-2T3:4:5+24:00", "2026-01-02 03:04:05 +2400 +2400"),
        ("a: 2026-1-2T3:4:5+01:60", "2026-01-02 03:04:05 +0200 +0200"),
        ("a: 2026-01-01T10:00:00-07:30", "2026-01-01 10:00:00 -0730 -0730"),
        ("a: 2026-01-01T10:00:00-00:00", "2026-01-01 10:00:00 +0000 UTC"),
        ("a: 2026-01-01T10:00:00+0200", "2026-01-01T10:00:00+0200"),
        ("a: 2026-01-01T10:00:00+25:00", "2026-01-01T10:00:00+25:00"),
        ("a: 2026-01-01T10:00:00", "2026-01-01T10:00:00"),
        ("a: 2026-01-01T24:00:00Z", "2026-01-01T24:00:00Z"),
        ("a: 2026-01-01T23:60:00Z", "2026-01-01T23:60:00Z"),
        ("a: 2026-01-01T23:59:60Z", "2026-01-01T23:59:60Z"),
        ("a: 2026-01-01 10:00:00", "2026-01-01 10:00:00 +0000 UTC"),
        ("a: 2026-01-01  10:00:00.50", "2026-01-01 10:00:00.5 +0000 UTC"),
        ("a: 2026-01-01 10:00:00.", "2026-01-01 10:00:00."),
        ("a: 2026-01-01 10:00:00Z", "2026-01-01 10:00:00Z"),
        ('a: "2026-01-01"', "2026-01-01"),
        ("a: '017'", "017"),
        ("a: 10.0.0.0/8", "10.0.0.0/8"),
        ("a: m5.xlarge", "m5.xlarge"),
        ("a: !!set {x, y}", {"x": None, "y": None}),
        ("a: !!binary aGVsbG8=", "hello"),
    ],
)
def test_a_value_is_what_pulumi_takes_it_for(text: str, value: Any) -> None:
    found = read(text)["a"]

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(("text", "number"), [(".inf", math.inf), ("-.INF", -math.inf), ("+.Inf", math.inf)])
def test_what_is_not_finite_is_read_so_that_it_can_be_told_where_it_stands(text: str, number: float) -> None:
    assert read(f"a: {text}") == {"a": number}
    assert math.isnan(read("a: .nan")["a"])


@pytest.mark.parametrize("digits", [400, 5000])
def test_whole_numbers_too_long_to_be_real_ones_are_text(digits: int) -> None:
    assert read(f"a: {'9' * digits}") == {"a": "9" * digits}
    assert read(f"a: 0x{'f' * digits}") == {"a": f"0x{'f' * digits}"}


def test_keys_are_text() -> None:
    assert read("2: a\ntrue: b\n0x1f: c\nyes: d") == {"2": "a", "true": "b", "31": "c", "yes": "d"}
    assert read("trueblue: a\nfalse-alarm: b\n~: c\n=: d") == {
        "trueblue": "a",
        "false-alarm": "b",
        "<nil>": "c",
        "=": "d",
    }
    assert read("2026-01-01 10:00:00: a") == {"2026-01-01 10:00:00 +0000 UTC": "a"}


def test_anchors_and_merges_are_resolved_and_may_be_overridden() -> None:
    found = read("a: &a {b: 1, c: 2}\nd: &d {<<: *a, b: 3}\ne: {<<: *d}\nf: {<<: [*a, *d], g: 1}\nh: *a")

    assert found["d"] == found["e"] == {"b": 3, "c": 2}
    assert found["f"] == {"b": 1, "c": 2, "g": 1}
    assert found["h"] == found["a"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\na: 2", "the key a stands twice"),
        ("a: {b: 1, 'b': 2}", "the key b stands twice"),
        ("a: [", "expected the node content"),
        ("a: &a [*a]", "levels"),
        ("a: &a {b: *a}", "levels"),
        ("[" * 1000, "recursion"),
        ("[" * (LEVELS_MAX + 1) + "]" * (LEVELS_MAX + 1), "levels"),
        (
            "\n".join(["a0: &a0 [1]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 20))]),
            "entries",
        ),
        ("a: !!int abc", "invalid literal"),
        ("a: !!python/object:os.system {}", "could not determine a constructor"),
        ("? [a, {b: c}]\n: 1", "unhashable"),
        ("a: \x07", "special characters are not allowed"),
    ],
    ids=range(12),
)
def test_what_pulumi_does_not_read_is_refused_and_nothing_else_is_raised(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(text)


def test_as_deep_and_as_large_as_allowed_is_read() -> None:
    assert read("[" * LEVELS_MAX + "]" * LEVELS_MAX)
    assert len(read(str([0] * 1000))) == 1000 < ENTRIES_MAX


# What one of YAML's versions takes for no text, and what a line of YAML cannot have in it as it is.
LIKE_OTHERS = [
    *("0089", "1e2", "0o17", "012345678901", "2026-1-2", "2026-01-01T00:00:00Z", "true", "yes", "~", "", "=", "0x1f"),
    *(
        "1_000",
        "-0b1",
        ".5",
        ".inf",
        "null",
        "12:30:45",
        "!foo",
        " x ",
        "x: y # z",
        "a\u2028b\x85\x7f\U0001f600é\n x",
        "<<",
    ),
    *("long " * 1000, "long" * 1000),
]


def test_what_is_written_is_read_again_and_every_text_is_quoted() -> None:
    """Pulumi, too, printed these very values of what is written here."""
    value = {"texts": LIKE_OTHERS, "keys": {text: None for text in LIKE_OTHERS}, "others": [1, 1.5, 1e22, True, None]}

    assert read(write(value)) == value
    assert all(f'- "{text}"\n' in write(value) for text in LIKE_OTHERS[:12])


def test_what_stands_twice_is_written_twice() -> None:
    twice = {"a": 1}

    assert write({"b": twice, "c": twice}) == '"b":\n  "a": 1\n"c":\n  "a": 1\n'
