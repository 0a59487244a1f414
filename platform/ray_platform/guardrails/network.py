"""Who reaches the cluster from outside, and what its nodes reach."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any, Final, Literal

from ray_platform.guardrails.cluster import LAUNCH_TEMPLATE, NODE_GROUP, control_planes
from ray_platform.guardrails.values import UNKNOWN, each, is_true, look
from ray_platform.guardrails.verdict import Answer, Fault, Guardrail, Resource, Stack, Unclear, expect, is_set

# A block with a shorter prefix holds a hundredth of the internet or more: the world, cut in pieces.
_WORLD_PREFIX: Final = 8
HTTPS: Final = 443

_SINGLE_RULES: Final = {
    "ingress": "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "egress": "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
}
_OLD_RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
_GROUPS: Final = (
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
)

Direction = Literal["ingress", "egress"]


@dataclass(frozen=True, kw_only=True)
class _Opening:
    """One block of addresses in a security group's rule, with the ports that it is opened for."""

    resource: Resource
    path: str
    block: Any
    protocol: Any
    ports: tuple[Any, Any]

    @property
    def is_https(self) -> bool:
        return self.protocol in ("tcp", "6") and self.ports == (HTTPS, HTTPS)

    @property
    def is_known(self) -> bool:
        return UNKNOWN not in (self.protocol, *self.ports)


def is_world(block: Any) -> bool:
    """Whether a block is the internet or a great part of it. What is no block, AWS refuses by itself."""
    try:
        return ip_network(str(block), strict=False).prefixlen < _WORLD_PREFIX
    except ValueError:
        return False


def _openings(stack: Stack, direction: Direction) -> Iterator[_Opening]:
    for resource in stack.of_type(_SINGLE_RULES[direction]):
        yield from _blocks(resource, "", resource.inputs, ("cidrIpv4", "cidrIpv6"), "ipProtocol")
    for resource in stack.of_type(_OLD_RULE):
        if look(resource.inputs, "type") == direction:
            yield from _blocks(resource, "", resource.inputs, ("cidrBlocks", "ipv6CidrBlocks"), "protocol")
    for resource in stack.of_type(*_GROUPS):
        for path, rule in each(resource.inputs, direction):
            yield from _blocks(resource, f"{path}.", rule, ("cidrBlocks", "ipv6CidrBlocks"), "protocol")


def _blocks(resource: Resource, prefix: str, rule: Any, keys: tuple[str, ...], protocol: str) -> Iterator[_Opening]:
    for key in keys:
        for path, block in each(rule, key):
            yield _Opening(
                resource=resource,
                path=f"{prefix}{path}",
                block=block,
                protocol=look(rule, protocol),
                ports=(look(rule, "fromPort"), look(rule, "toPort")),
            )


def _no_world_ingress(stack: Stack) -> Iterator[Answer]:
    for opening in _openings(stack, "ingress"):
        yield from expect(
            opening.resource,
            opening.path,
            opening.block,
            lambda block: not is_world(block),
            "must not let in the internet",
        )
    for group in stack.of_type(NODE_GROUP):
        # EKS API reference, RemoteAccessConfig: with a key and no source group, port 22 is opened to the internet.
        if not look(group.inputs, "remoteAccess", "sourceSecurityGroupIds"):
            key = look(group.inputs, "remoteAccess", "ec2SshKey")
            wish = "must come with sourceSecurityGroupIds; else everybody reaches SSH"
            yield from expect(group, "remoteAccess.ec2SshKey", key, lambda value: not is_set(value), wish)


def _egress(stack: Stack) -> Iterator[Answer]:
    for opening in _openings(stack, "egress"):
        if opening.block is UNKNOWN:
            yield Unclear(resource=opening.resource, path=opening.path)
        elif is_world(opening.block):
            yield from _to_the_world(opening, stack.limits.egress)


def _to_the_world(opening: _Opening, egress: str) -> Iterator[Answer]:
    if egress == "private":
        what = f"It opens {opening.block}, but security.egress is private."
        yield Fault(resource=opening.resource, path=opening.path, what=what)
    elif not opening.is_known:
        yield Unclear(resource=opening.resource, path=opening.path)
    elif not opening.is_https:
        first, last = opening.ports
        what = (
            f"It opens {opening.block} for protocol {opening.protocol}, ports {first} to {last}; only 443/tcp may be."
        )
        yield Fault(resource=opening.resource, path=opening.path, what=what)


def _private_endpoint(stack: Stack) -> Iterator[Answer]:
    for cluster in control_planes(stack):
        private = look(cluster.inputs, "vpcConfig", "endpointPrivateAccess")
        yield from expect(cluster, "vpcConfig.endpointPrivateAccess", private, is_true, "must be true")
        public = look(cluster.inputs, "vpcConfig", "endpointPublicAccess")
        if is_true(public) and stack.limits.public_cidrs:
            yield from _named_blocks(cluster, stack.limits.public_cidrs)
        else:
            # AWS's default is true.
            wish = "must be false, unless cluster.publicAccessCidrs names who it is for"
            yield from expect(cluster, "vpcConfig.endpointPublicAccess", public, _is_false, wish)


def _is_false(value: Any) -> bool:
    return value in (False, "false")


def _named_blocks(cluster: Resource, named: tuple[str, ...]) -> Iterator[Answer]:
    path = "vpcConfig.publicAccessCidrs"
    blocks = list(each(cluster.inputs, "vpcConfig", "publicAccessCidrs"))
    if not blocks:
        yield Fault(resource=cluster, path=path, what="It is not set, which opens the API to the internet.")
    for at, block in blocks:
        wish = "must be one of cluster.publicAccessCidrs"
        yield from expect(cluster, at, block, lambda value: value in named and not is_world(value), wish)


def _no_public_addresses(stack: Stack) -> Iterator[Answer]:
    for template in stack.of_type(LAUNCH_TEMPLATE):
        for path, interface in each(template.inputs, "networkInterfaces"):
            public = look(interface, "associatePublicIpAddress")
            at = f"{path}.associatePublicIpAddress"
            yield from expect(template, at, public, lambda value: not is_true(value), "must not be true")


GUARDRAILS: Final = (
    Guardrail(
        code="private-endpoint",
        promise="The Kubernetes API is open to the VPC, and to the internet only for the blocks that "
        "`cluster.publicAccessCidrs` names, never for all of it.",
        remedy="Set cluster.endpointPublicAccess and cluster.publicAccessCidrs to what is meant.",
        check=_private_endpoint,
    ),
    Guardrail(
        code="no-world-ingress",
        promise="No rule of a security group lets in the internet, or a block shorter than /8; SSH to nodes names its "
        "sources.",
        remedy="Name the addresses or the security group that need it.",
        check=_no_world_ingress,
    ),
    Guardrail(
        code="egress",
        promise="Security groups open to the internet what `security.egress` says: 443/tcp with `internet-https`, "
        "nothing with `private`.",
        remedy="Open a narrower block, or change security.egress.",
        check=_egress,
    ),
    Guardrail(
        code="no-public-addresses",
        promise="Nodes have no public addresses.",
        remedy="Remove associatePublicIpAddress from the launch template.",
        check=_no_public_addresses,
    ),
)
