"""Amounts, and how they are added, compared and written."""

import pytest

from ray_platform.scheduling.amounts import CPU, GPUS, MEMORY, Amount
from ray_platform.scheduling.resources import NOTHING, Resources

ROOM = Resources(cpu_millis=4000, memory_mib=8192, gpus=2)


def test_amounts_are_added_taken_away_multiplied_and_divided_each_for_itself() -> None:
    part = Resources(cpu_millis=1000, memory_mib=1000, gpus=1)

    assert part + part == part * 2 == Resources(cpu_millis=2000, memory_mib=2000, gpus=2)
    assert ROOM - part == Resources(cpu_millis=3000, memory_mib=7192, gpus=1)
    assert NOTHING - part == Resources(cpu_millis=-1000, memory_mib=-1000, gpus=-1)
    assert Resources(cpu_millis=1333, memory_mib=2730, gpus=0) == ROOM // 3


def test_a_part_fits_while_no_amount_of_it_is_too_big() -> None:
    assert ROOM.fits_in(ROOM)
    for more in (Resources(cpu_millis=1), Resources(memory_mib=1), Resources(gpus=1)):
        assert not (ROOM + more).fits_in(ROOM)


def test_quantities_are_written_as_kubernetes_reads_them_and_no_gpus_are_not_asked_for() -> None:
    assert ROOM.quantities() == {"cpu": "4000m", "memory": "8192Mi", "nvidia.com/gpu": "2"}
    assert Resources(cpu_millis=50).quantities() == {"cpu": "50m", "memory": "0Mi"}


@pytest.mark.parametrize(
    ("amount", "value", "text"),
    [
        (CPU, 3740, "3.74 cores"),
        (CPU, 3749, "3.74 cores"),
        (CPU, 1000, "1 core"),
        (CPU, 0, "0 cores"),
        (MEMORY, 14042, "13.71 GiB"),
        (MEMORY, 1024, "1 GiB"),
        (MEMORY, 12_641_927, "12345.63 GiB"),
        (GPUS, 1, "1 GPU"),
        (GPUS, 8, "8 GPUs"),
    ],
)
def test_amounts_are_told_in_the_units_of_the_configuration_and_never_too_much(
    amount: Amount, value: int, text: str
) -> None:
    assert amount.with_unit(value) == text
    assert amount.read(float(amount.text(value))) <= value


@pytest.mark.parametrize(
    ("amount", "configured", "value"), [(CPU, 2.01, 2010), (CPU, 0.29, 290), (MEMORY, 4.5, 4608), (MEMORY, 0.1, 102)]
)
def test_what_the_configuration_says_is_read_to_the_last_unit(amount: Amount, configured: float, value: int) -> None:
    assert amount.read(configured) == value
