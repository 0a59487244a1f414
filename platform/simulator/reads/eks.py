"""What moto's EKS lacks of what the checks read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.account.account import CLUSTER
from simulator.account.resource import Refusal
from simulator.aws.eks_access import AccessEntry, entries_by_eks
from simulator.aws.eks_addons import Addon
from simulator.aws.eks_common import authentication_mode, existing_cluster
from simulator.aws.eks_versions import ADDONS

if TYPE_CHECKING:
    from simulator.account import Account


def describe_addon_versions(account: Account, arguments: dict[str, Any]) -> dict[str, Any]:
    """The newest first, as EKS has it; empty for what it does not know."""
    name, minor = arguments["addonName"], arguments["kubernetesVersion"]
    offered = ADDONS.get(name, {}).get(minor)
    if offered is None:
        return {"addons": []}
    versions = [
        {
            "addonVersion": version,
            "compatibilities": [{"clusterVersion": minor, "defaultVersion": version == offered.default}],
        }
        for version in reversed(offered.versions)
    ]
    return {"addons": [{"addonName": name, "addonVersions": versions}]}


def describe_addon(account: Account, arguments: dict[str, Any]) -> dict[str, Any]:
    """An addon works unless it has failed since it was accepted."""
    cluster, name = arguments["clusterName"], arguments["addonName"]
    existing_cluster(account, cluster)
    record = account.record(Addon.token, f"{cluster}:{name}")
    if record is None:
        raise Refusal("ResourceNotFoundException", f"No addon: {name} found in cluster: {cluster}")
    failure = account.failure(Addon.token, record.id)
    return {
        "addon": {
            "addonName": name,
            "clusterName": cluster,
            "status": failure.status if failure else "ACTIVE",
            "health": {"issues": [failure.issue] if failure else []},
            "addonVersion": record.outputs["addonVersion"],
            "addonArn": record.outputs["arn"],
        }
    }


def list_addons(account: Account, arguments: dict[str, Any]) -> dict[str, Any]:
    existing_cluster(account, arguments["clusterName"])
    records = account.records(Addon.token, clusterName=arguments["clusterName"])
    return {"addons": sorted(record.inputs["addonName"] for record in records)}


def list_access_entries(account: Account, arguments: dict[str, Any]) -> dict[str, Any]:
    name = arguments["clusterName"]
    existing_cluster(account, name)
    made = {record.inputs["principalArn"] for record in account.records(AccessEntry.token, clusterName=name)}
    return {"accessEntries": sorted(made | entries_by_eks(account, name))}


def tell_access_config(account: Account, answer: dict[str, Any]) -> None:
    """moto knows nothing of the authentication mode, which the account's record has."""
    cluster = answer["cluster"]
    for record in account.records(CLUSTER, name=cluster["name"]):
        cluster["accessConfig"] = {"authenticationMode": authentication_mode(record.inputs)}
