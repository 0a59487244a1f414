"""What a guardrail is, what it looks at, and what it finds."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from ray_platform.config.guardrail_codes import GuardrailCode
from ray_platform.config.sections import Settings
from ray_platform.guardrails.values import UNKNOWN, Unknown


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource as it is to be. ``inputs`` and ``default_tags``, which its provider adds, are plain values."""

    urn: str
    type: str
    inputs: Mapping[str, Any]
    parent: str = ""
    default_tags: Mapping[str, Any] | Unknown = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The logical name."""
        return self.urn.rpartition("::")[2]

    @property
    def kind(self) -> str:
        """The last part of the type: ``NodeGroup``, ``Deployment``."""
        return self.type.rpartition(":")[2]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Where the configuration has a choice, what it chose. The defaults are the strictest that there are.

    ``public_cidrs`` are the blocks that may reach the Kubernetes API from the internet. ``log_retention_days`` None
    stands for any, 0 for ever. ``exceptions`` has the guardrails that do not hold for this stack, each with its reason.
    """

    egress: Literal["internet-https", "private"] = "private"
    public_cidrs: tuple[str, ...] = ()
    log_retention_days: int | None = None
    cost_usd: float | None = None
    exceptions: Mapping[GuardrailCode, str] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        return cls(
            egress=settings.security.egress,
            public_cidrs=settings.cluster.public_access_cidrs,
            log_retention_days=settings.cluster.log_retention_days,
            cost_usd=settings.operations.cost_limit_usd,
            exceptions=settings.operations.guardrail_exceptions,
        )


@dataclass(frozen=True, kw_only=True)
class Stack:
    """All resources of a stack, or some; its outputs as plain values, None where nobody tells them."""

    resources: tuple[Resource, ...]
    outputs: Mapping[str, Any] | None = None
    limits: Limits = Limits()

    def of_type(self, *types: str) -> Iterator[Resource]:
        return (resource for resource in self.resources if resource.type in types)

    def at(self, urn: str) -> Resource | None:
        return next((resource for resource in self.resources if resource.urn == urn), None)

    def under(self, limits: Limits) -> "Stack":
        return replace(self, limits=limits)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A property that is not as it must be. Without a resource it is the stack's."""

    resource: Resource | None
    path: str
    what: str


@dataclass(frozen=True, kw_only=True)
class Unclear:
    """A property that decides, and whose value is not known yet."""

    resource: Resource | None
    path: str


Answer = Fault | Unclear


@dataclass(frozen=True, kw_only=True)
class Guardrail:
    """One invariant. ``code`` is its stable name, ``promise`` what holds, in plain words.

    ``whole`` says that it compares resources, or asks for one that must be there: it needs all of a stack.
    """

    code: GuardrailCode
    promise: str
    remedy: str
    check: Callable[[Stack], Iterator[Answer]]
    whole: bool = False


@dataclass(frozen=True, kw_only=True)
class Violation:
    """Where a guardrail does not hold. ``urn`` and ``name`` are empty where it is about the stack as a whole."""

    code: GuardrailCode
    urn: str
    name: str
    path: str
    what: str
    remedy: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)

    def __str__(self) -> str:
        where = " ".join(part for part in (self.name, self.path) if part)
        return f"{self.code}: {where or 'the stack'}: {self.what} {self.remedy}"


@dataclass(frozen=True, kw_only=True)
class Undecided:
    """What a guardrail could not judge, because the value at ``path`` is not known yet."""

    code: GuardrailCode
    urn: str
    path: str


def expect(
    resource: Resource | None, path: str, value: Any, good: Callable[[Any], bool], wish: str
) -> Iterator[Answer]:
    """A fault when the value is not good, nothing when it is, and that it is not known when it is not.

    ``wish`` says what must be, as in "must be encrypted".
    """
    if value is UNKNOWN:
        yield Unclear(resource=resource, path=path)
    elif not good(value):
        found = "is not set" if value is None else f"is {value!r}"
        yield Fault(resource=resource, path=path, what=f"It {wish}, but {found}.")


def is_set(value: Any) -> bool:
    return value not in (None, "")
