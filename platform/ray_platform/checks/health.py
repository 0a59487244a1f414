"""Whether what an earlier run made of the cluster works: EKS accepts a node group and an addon before it makes them."""

from collections.abc import Iterator

from ray_platform.checks.facts import Ailing, Case
from ray_platform.checks.finding import Check, Finding, found
from ray_platform.checks.leftovers import is_taken
from ray_platform.eks_status import CREATE_FAILED, LOST, UPDATE_FAILED

HEALTH = Check(
    code="eks-health", group="Leftovers", asks="Do the node groups and addons work that the cluster has already?"
)
CHECKS = (HEALTH,)

_NOUNS = {"node group": ("nodegroup", "--nodegroup-name"), "addon": ("addon", "--addon-name")}


def findings(case: Case) -> Iterator[Finding]:
    """Warnings: `ray-platform up` replaces what never comes right, so nothing of this makes it fail.

    Of a cluster that is not this stack's only its name matters, and ``leftovers`` tells of that.
    """
    cluster = case.facts.cluster
    if cluster is not None and not is_taken(case.facts):
        yield from (_finding(case, each) for each in cluster.ailing)


def _finding(case: Case, ailing: Ailing) -> Finding:
    noun, option = _NOUNS[ailing.kind]
    cluster, region = case.settings.cluster.name, case.settings.aws.region
    call = f"{noun} --cluster-name {cluster} {option} {ailing.name} --region {region}"
    if ailing.status in LOST:
        failed = "make" if ailing.status == CREATE_FAILED else "delete"
        what = f"EKS could not {failed} this {ailing.kind}, and keeps it as it is"
        remedy = (
            "Put right what EKS names. Then `ray-platform up` makes it anew; or delete it and run `pulumi up`:\n"
            f"aws eks delete-{call}"
        )
    elif ailing.status == UPDATE_FAILED:
        what = f"EKS could not update this {ailing.kind}"
        remedy = f"Put right what EKS names. It stays so until it is updated again:\naws eks update-{call}"
    else:
        what = f"This {ailing.kind} does not work as it should"
        remedy = f"Put right what EKS names. This tells whether that was all:\naws eks describe-{call}"
    return found(
        HEALTH,
        "warning",
        where=ailing.name,
        what=what,
        evidence=f"EKS says {ailing.status}: {'; '.join(ailing.issues) or 'without a reason'}",
        remedy=remedy,
    )
