"""The EKS cluster, where there is one already, who may use it, and what EKS offers for its version."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from ray_platform.checks.facts import Ailing, ClusterFacts
from ray_platform.config.sections import Settings
from ray_platform.eks_status import AILING, issues
from ray_platform.survey.questions import Questions

NO_SUCH_THING: Final = ("ResourceNotFoundException",)
# A cluster of this mode has no access entries, and EKS refuses to list them.
WITHOUT_ENTRIES: Final = "CONFIG_MAP"
# Kind of principal in an ARN -> how IAM is asked for one: the call, its argument, and the key of the answer.
IAM_CALLS: Final = {"role": ("get_role", "RoleName", "Role"), "user": ("get_user", "UserName", "User")}


def read_cluster(ask: Questions, name: str) -> ClusterFacts | None:
    """None where there is none of this name, or where it cannot be read."""
    answer = ask.one("the cluster", "eks", "describe_cluster", absent=NO_SUCH_THING, name=name)
    if not answer:
        return None
    cluster = answer["cluster"]
    mode = (cluster.get("accessConfig") or {}).get("authenticationMode", WITHOUT_ENTRIES)
    entries = None
    if mode != WITHOUT_ENTRIES:
        entries = ask.all("who may use it", "eks", "list_access_entries", "accessEntries", clusterName=name)
    return ClusterFacts(
        name=name,
        version=cluster["version"],
        status=cluster["status"],
        endpoint=cluster.get("endpoint") or "",
        tags=cluster.get("tags") or {},
        principals=None if entries is None else frozenset(entries),
        ailing=tuple(_ailing(ask, name)),
    )


def _ailing(ask: Questions, cluster: str) -> Iterator[Ailing]:
    what = "whether the node groups work"
    for name in ask.all(what, "eks", "list_nodegroups", "nodegroups", clusterName=cluster) or ():
        call = {"clusterName": cluster, "nodegroupName": name}
        answer = ask.one(what, "eks", "describe_nodegroup", absent=NO_SUCH_THING, **call)
        if answer and (group := answer["nodegroup"])["status"] in AILING:
            yield Ailing(kind="node group", name=name, status=group["status"], issues=issues(group))
    what = "whether the addons work"
    for name in ask.all(what, "eks", "list_addons", "addons", clusterName=cluster) or ():
        answer = ask.one(what, "eks", "describe_addon", absent=NO_SUCH_THING, clusterName=cluster, addonName=name)
        if answer and (addon := answer["addon"])["status"] in AILING:
            yield Ailing(kind="addon", name=name, status=addon["status"], issues=issues(addon))


def read_addon_versions(ask: Questions, settings: Settings) -> Mapping[str, tuple[str, ...]] | None:
    """Addon -> the versions that EKS offers for the configured Kubernetes version, as it orders them: newest first."""
    wanted = ["vpc-cni", "kube-proxy", "coredns"]
    if settings.addons.ebs_csi_driver.enabled:
        wanted.append("aws-ebs-csi-driver")
    offered: dict[str, tuple[str, ...]] = {}
    for addon in wanted:
        found = ask.all(
            "which versions of the addons EKS offers",
            "eks",
            "describe_addon_versions",
            "addons",
            addonName=addon,
            kubernetesVersion=settings.cluster.kubernetes_version,
        )
        if found is None:
            return None
        offered[addon] = tuple(version["addonVersion"] for each in found for version in each["addonVersions"])
    return offered


def read_missing_principals(ask: Questions, arns: Iterable[str], account_id: str) -> frozenset[str]:
    """Those of the ARNs that IAM does not know. Principals of other accounts cannot be asked for: they are none."""
    return frozenset(arn for arn in arns if _is_missing(ask, arn, account_id))


def _is_missing(ask: Questions, arn: str, account_id: str) -> bool:
    """Also one that IAM knows under another path: EKS compares whole ARNs."""
    *_, account, principal = arn.split(":", 5)
    kind, _, path = principal.partition("/")
    if account != account_id or kind not in IAM_CALLS:
        return False
    operation, argument, key = IAM_CALLS[kind]
    what = "whether the principals of cluster.accessEntries exist"
    answer = ask.one(what, "iam", operation, absent=("NoSuchEntity",), **{argument: path.rpartition("/")[2]})
    if answer is None:
        return False
    return not answer or answer[key]["Arn"] != arn
