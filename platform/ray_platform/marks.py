"""The marks by which Pulumi's engine tells what is no plain value and no plain resource."""

from typing import Final

STACK_TYPE: Final = "pulumi:pulumi:Stack"
# A mapping with the key `SIGNATURE` is no plain one; its value tells which. So it is in states, plans and events
# (pulumi 3.259.0, sdk/go/common/resource/sig/sig.go and properties.go, read 2026-11-23).
SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET_VALUE: Final = "1b47061264138c4ac30d75fd1eb44270"
OUTPUT_VALUE: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
# What the engine's events show in place of a secret; so does the platform, wherever it shows values.
SECRET: Final = "[secret]"
