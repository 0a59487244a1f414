"""Building blocks of the configuration model: the base class and the types whose rules recur.

A validator refuses with `refusal(rule, remedy)`; in a remedy, `{set}` stands for the command that sets the
key and `{key}` for its full name.
"""

import re
from collections.abc import Callable, Sized
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Annotated, Final, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from ray_platform.naming import TAG_KEY_MAX, TAG_VALUE_MAX

REFUSAL: Final = "refusal"

# The platform and its components add a handful of tags of their own; AWS allows 50 on a resource.
EXTRA_TAGS_MAX: Final = 40

# EKS API model: labelKey 1..63, labelValue 1..63, taintKey 1..63, taintValue 0..63.
EKS_LABEL_MAX: Final = 63

# EKS: "Label cannot contain reserved prefixes [kubernetes.io/, k8s.io/, eks.amazonaws.com/]". Where it lets a
# subdomain through, the kubelet refuses to start (containers-roadmap#2465).
RESERVED_LABEL_DOMAINS: Final = ("kubernetes.io", "k8s.io", "eks.amazonaws.com")

T = TypeVar("T")
SizedT = TypeVar("SizedT", bound=Sized)


class Section(BaseModel):
    """A mapping of the stack configuration: camelCase keys, no unknown keys, no conversion between types."""

    # The plugin fears for keyword arguments; a section is only ever filled from the keys of the YAML.
    model_config = ConfigDict(  # type: ignore[pydantic-alias]
        alias_generator=to_camel,
        allow_inf_nan=False,
        extra="forbid",
        frozen=True,
        strict=True,
        validate_default=True,
    )


@dataclass(frozen=True)
class Kind:
    """How the reference calls a type, when the Python type says too little."""

    text: str


def refusal(rule: str, remedy: str, *, at: tuple[str | int, ...] = ()) -> PydanticCustomError:
    """A refusal for a validator to raise; `at` leads from the validated key to the one to blame."""
    return PydanticCustomError(REFUSAL, "{rule}", {"rule": rule, "remedy": remedy, "at": at})


def matching(pattern: str, rule: str, remedy: str, *, flags: re.RegexFlag = re.ASCII) -> AfterValidator:
    """The text matches the whole pattern. What AWS, Kubernetes or a registry reads is ASCII."""
    compiled = re.compile(pattern, flags)

    def check(value: str) -> str:
        if compiled.fullmatch(value) is None:
            raise refusal(rule, remedy)
        return value

    return AfterValidator(check)


def entries(*, at_least: int = 0, at_most: int | None = None) -> AfterValidator:
    """The number of entries. Pydantic's own bounds count the valid entries only, and so refuse twice."""

    def check(values: SizedT) -> SizedT:
        if len(values) < at_least:
            raise refusal(f"at least {at_least} {'entry' if at_least == 1 else 'entries'}", "Add to it.")
        if at_most is not None and len(values) > at_most:
            raise refusal(f"at most {at_most} entries; it has {len(values)}", "Remove some.")
        return values

    return AfterValidator(check)


def _without_repetition(values: tuple[T, ...]) -> tuple[T, ...]:
    repeated = sorted({str(value) for value in values if values.count(value) > 1})
    if repeated:
        raise refusal("each entry once", f"Remove the repetition of {', '.join(repeated)}.")
    return values


# YAML has lists, not tuples: `strict=False` admits them here and nowhere below.
Unique: Final = AfterValidator(_without_repetition)
FromList: Final = Field(strict=False)

VpcId = Annotated[
    str,
    Kind("VPC id"),
    matching(r"vpc-[0-9a-f]{8,17}", "a VPC id, such as vpc-0123456789abcdef0", "{set} YOUR_VPC_ID"),
]
SubnetId = Annotated[
    str,
    Kind("subnet id"),
    matching(r"subnet-[0-9a-f]{8,17}", "a subnet id, such as subnet-0123456789abcdef0", "{set} YOUR_SUBNET_ID"),
]
InstanceType = Annotated[
    str,
    Kind("EC2 instance type"),
    matching(
        r"[a-z][a-z0-9-]*\.[a-z0-9-]+",
        "an EC2 instance type: family, dot and size in lower case",
        "{set} m5.xlarge",
    ),
]
AddonVersion = Annotated[
    str,
    Kind("version"),
    matching(
        r"v\d+\.\d+\.\d+-eksbuild\.\d+",
        "a version as EKS writes it, such as v1.20.1-eksbuild.3",
        "List the versions with `aws eks describe-addon-versions`, or remove the key to get EKS's default.",
    ),
]
Namespace = Annotated[
    str,
    Kind("namespace"),
    matching(
        r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?",
        "a Kubernetes namespace: at most 63 lower case letters, digits and hyphens",
        "{set} ray",
    ),
]
PrincipalArn = Annotated[
    str,
    Kind("IAM role or user ARN"),
    matching(
        r"arn:aws[a-z-]*:iam::\d{12}:(role|user)/[\w+=,.@/-]+",
        "the ARN of an IAM role or user; EKS takes no sessions (assumed-role) and no groups",
        "{set} arn:aws:iam::ACCOUNT:role/ROLE",
    ),
]

EmailAddress = Annotated[
    str,
    Kind("e-mail address"),
    matching(
        r"[A-Za-z0-9_.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+",
        "an e-mail address, such as team@example.com",
        "{set} team@example.com",
    ),
]


def _kubernetes_key(key: str) -> str:
    prefix, slash, name = key.rpartition("/")
    subdomain = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
    if re.fullmatch(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?", name) is None or (
        slash and re.fullmatch(subdomain, prefix) is None
    ):
        raise refusal(
            "a Kubernetes key: letters, digits, '-', '_' and '.', optionally after a DNS name and a slash",
            "Rename it, for instance to example.com/team.",
        )
    if len(key) > EKS_LABEL_MAX:
        raise refusal(
            f"at most {EKS_LABEL_MAX} characters, the limit of the EKS API "
            "(and it has to fit a tag of the Auto Scaling group, for scaling from zero)",
            f"Shorten it by {len(key) - EKS_LABEL_MAX}.",
        )
    return key


def _unreserved(key: str) -> str:
    domain, slash, _ = key.rpartition("/")
    for reserved in RESERVED_LABEL_DOMAINS:
        if slash and (domain == reserved or domain.endswith(f".{reserved}")):
            raise refusal(
                f"no label under {reserved}/: EKS or the kubelet refuses it and the nodes never join",
                "Use a prefix of your own, for instance example.com/.",
            )
    return key


def _kubernetes_value(pattern: str, at_least: int) -> Callable[[str], str]:
    def check(value: str) -> str:
        if len(value) > EKS_LABEL_MAX or re.fullmatch(pattern, value) is None:
            raise refusal(
                f"{at_least} to {EKS_LABEL_MAX} letters, digits, '-', '_' and '.', "
                "beginning and ending with a letter or digit",
                "Change or shorten it; quote numbers and true or false.",
            )
        return value

    return check


_LABEL_VALUE: Final = r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?"

TaintKey = Annotated[str, Kind("taint key"), AfterValidator(_kubernetes_key)]
TaintValue = Annotated[str, AfterValidator(_kubernetes_value(f"({_LABEL_VALUE})?", 0))]
LabelKey = Annotated[str, Kind("label"), AfterValidator(_kubernetes_key), AfterValidator(_unreserved)]
LabelValue = Annotated[str, AfterValidator(_kubernetes_value(_LABEL_VALUE, 1))]


# IAM API reference, `tagKeyType`: letters, spaces and digits of any script, but no tab (read 2026-11-23).
_TAG_CHARACTER: Final = r"[\w .:/=+@-]"
_TAG_REMEDY: Final = "Change or shorten it; quote numbers and true or false."
TagKey = Annotated[
    str,
    Kind("tag"),
    matching(
        rf"(?!(?i:aws:)){_TAG_CHARACTER}{{1,{TAG_KEY_MAX}}}",
        f"1 to {TAG_KEY_MAX} letters, digits, spaces and . : / = + @ _ -, not beginning with aws:",
        _TAG_REMEDY,
        flags=re.UNICODE,
    ),
]
TagValue = Annotated[
    str,
    matching(
        rf"{_TAG_CHARACTER}{{0,{TAG_VALUE_MAX}}}",
        f"at most {TAG_VALUE_MAX} letters, digits, spaces and . : / = + @ _ -",
        _TAG_REMEDY,
        flags=re.UNICODE,
    ),
]


def _keys_differ_in_more_than_case(tags: dict[str, str]) -> dict[str, str]:
    """IAM compares the keys of tags without regard to case, and refuses a role with both (CreateRole, InvalidInput)."""
    for key in tags:
        twins = sorted(each for each in tags if each.lower() == key.lower())
        if len(twins) > 1:
            raise refusal(
                "keys that differ in more than upper and lower case, since IAM takes them for one",
                f"Keep one of {', '.join(twins)}.",
            )
    return tags


Tags = Annotated[
    dict[TagKey, TagValue], entries(at_most=EXTRA_TAGS_MAX), AfterValidator(_keys_differ_in_more_than_case)
]


def ipv4_network(text: str) -> IPv4Network:
    """The network a CIDR block names. Refuses what is no IPv4 block, or not in its canonical form."""
    try:
        network = IPv4Network(text, strict=False)
    except ValueError:
        raise refusal(
            "an IPv4 block such as 203.0.113.0/24 (the cluster is an IPv4 cluster: no IPv6 blocks)",
            "{set} YOUR_ADDRESS/32",
        ) from None
    if str(network) != text:
        raise refusal("an IPv4 block whose address is its first, with prefix length", f"{{set}} {network}")
    return network
