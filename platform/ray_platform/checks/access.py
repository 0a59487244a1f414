"""Whether whoever runs this may use AWS and the cluster, and gets to the Kubernetes API from here."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from typing import Final

from ray_platform.checks.facts import Case, ClusterFacts, Facts
from ray_platform.checks.finding import Check, Finding, found
from ray_platform.checks.leftovers import is_taken
from ray_platform.checks.principals import is_principal, principal_of
from ray_platform.config.problems import set_command, yaml_path

CREDENTIALS = Check(code="credentials", group="Tools and access", asks="Are there valid AWS credentials?")
PRINCIPAL = Check(
    code="access-entry-principal", group="Tools and access", asks="Does IAM know the principals of the access entries?"
)
CALLER = Check(
    code="caller-access", group="Tools and access", asks="Does the cluster that exists let whoever runs this in?"
)
ENDPOINT = Check(
    code="endpoint-reach", group="Tools and access", asks="Can this machine reach the cluster's Kubernetes API?"
)
CHECKS = (CREDENTIALS, PRINCIPAL, CALLER, ENDPOINT)

_YOURS: Final = "YOUR_ADDRESS/32"


def findings(case: Case) -> Iterator[Finding]:
    """Of a cluster that is not this stack's only its name matters, and ``leftovers`` tells of that."""
    facts = case.facts
    if facts.caller_arn is None:
        yield _no_credentials(case)
        return
    yield from _principals(case)
    if facts.cluster is None:
        yield from _outside(case)
    elif not is_taken(facts):
        yield from _caller(facts.caller_arn, facts.cluster, case.settings.aws.region)
        yield from _unreachable(case, facts.cluster)


def _no_credentials(case: Case) -> Finding:
    region = case.settings.aws.region
    return found(
        CREDENTIALS,
        "error",
        where="aws.region",
        what="There are no valid AWS credentials, so nothing of the account could be checked, and nothing can be built",
        evidence="; ".join(each.reason for each in case.facts.unread) or "AWS did not say who is calling",
        remedy=f"Sign in, or set AWS_PROFILE: `aws sts get-caller-identity --region {region}` must work.",
    )


def _principals(case: Case) -> Iterator[Finding]:
    for name, entry in case.settings.cluster.access_entries.items():
        if entry.principal_arn in case.facts.missing_principals:
            path = yaml_path(["cluster", "accessEntries", name, "principalArn"])
            kind = "users" if ":user/" in entry.principal_arn else "roles"
            yield found(
                PRINCIPAL,
                "error",
                where=path,
                what="EKS refuses an access entry for a principal that does not exist",
                evidence=f"IAM knows no {entry.principal_arn}",
                remedy=f"Name one that exists (`aws iam list-{kind} --query '{kind.title()}[].Arn'`): "
                f"{set_command(path, 'ARN')}",
            )


def _caller(caller: str, cluster: ClusterFacts, region: str) -> Iterator[Finding]:
    """The creator of a cluster has an entry of its own, so nothing has to be said of a cluster yet to be made."""
    if cluster.principals is None or any(is_principal(caller, principal) for principal in cluster.principals):
        return
    principal = principal_of(caller)
    arn = principal
    if caller != principal:
        # STS leaves out the path of a role, which EKS wants to know.
        arn = f'"$(aws iam get-role --role-name {principal.rpartition("/")[2]} --query Role.Arn --output text)"'
    entry = f"--cluster-name {cluster.name} --region {region} --principal-arn {arn}"
    partition = caller.split(":")[1]
    policy = f"arn:{partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
    yield found(
        CALLER,
        "error",
        where=cluster.name,
        what="The cluster does not let you in: Pulumi could change nothing that Kubernetes holds, Ray among it",
        evidence=f"You are {caller}; access entries exist for {', '.join(sorted(cluster.principals)) or 'nobody'}",
        remedy="Run Pulumi as one of these, or let yourself in:\n"
        f"aws eks create-access-entry {entry}\n"
        f"aws eks associate-access-policy {entry} --access-scope type=cluster --policy-arn {policy}",
    )


def _outside(case: Case) -> Iterator[Finding]:
    """Only a warning: a VPN or a peering may lead there, which no address tells."""
    facts, vpc = case.facts, case.facts.network.vpc
    if case.settings.cluster.endpoint_public_access or vpc is None or not facts.machine.addresses:
        return
    if _is_inside(facts, vpc.cidr_blocks):
        return
    yield found(
        ENDPOINT,
        "warning",
        where="cluster.endpointPublicAccess",
        what="The Kubernetes API will be open within the VPC only, and this machine is outside: unless a VPN or a "
        "peering leads there, Pulumi cannot make what belongs into the cluster",
        evidence=f"This machine has {', '.join(facts.machine.addresses)}; the VPC is {', '.join(vpc.cidr_blocks)}",
        remedy=f"Run Pulumi inside the VPC or through a VPN, or let your own address in:\n{_open(case)}",
    )


def _is_inside(facts: Facts, blocks: tuple[str, ...]) -> bool:
    networks = [IPv4Network(block) for block in blocks]
    return any(IPv4Address(address) in network for address in facts.machine.addresses for network in networks)


def _unreachable(case: Case, cluster: ClusterFacts) -> Iterator[Finding]:
    if case.facts.machine.reaches_endpoint is not False:
        return
    # Pulumi first reads what is in the cluster, so that it could not open the endpoint by itself.
    admitted = ",".join([*case.settings.cluster.public_access_cidrs, _YOURS])
    by_hand = (
        f"aws eks update-cluster-config --name {cluster.name} --region {case.settings.aws.region} "
        f"--resources-vpc-config endpointPublicAccess=true,publicAccessCidrs={admitted}"
    )
    yield found(
        ENDPOINT,
        "error",
        where="cluster.endpointPublicAccess",
        what="This machine does not reach the cluster's Kubernetes API, and Pulumi works through it",
        evidence=f"{cluster.endpoint} takes no connection from {', '.join(case.facts.machine.addresses) or 'here'}",
        remedy=f"Run Pulumi inside the VPC or through a VPN, or let your own address in:\n{by_hand}\n{_open(case)}",
    )


def _open(case: Case) -> str:
    """What the configuration needs for the public endpoint to admit one address more."""
    cluster = case.settings.cluster
    address = set_command(f"cluster.publicAccessCidrs[{len(cluster.public_access_cidrs)}]", _YOURS)
    if cluster.endpoint_public_access:
        return address
    return f"{set_command('cluster.endpointPublicAccess', 'true')}\n{address}"
