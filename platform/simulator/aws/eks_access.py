"""Access entries and their policies. moto has neither, so the account's record is all there is of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from simulator.account.resource import Refusal
from simulator.aws.base import AwsType, arn, in_order, partition, tag_outputs, wanted_tags
from simulator.aws.eks_common import authentication_mode, existing_cluster, find_cluster, now

if TYPE_CHECKING:
    from simulator.account import Account

CLUSTER = "aws:eks/cluster:Cluster"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
PRINCIPAL = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:(role|user)/.+")
ACCESS_POLICIES = frozenset(
    {
        "AmazonEKSAdminPolicy",
        "AmazonEKSAdminViewPolicy",
        "AmazonEKSAutoNodePolicy",
        "AmazonEKSClusterAdminPolicy",
        "AmazonEKSEditPolicy",
        "AmazonEKSViewPolicy",
    }
)


def _refuse_without_api_mode(account: Account, cluster_name: str) -> None:
    existing_cluster(account, cluster_name)
    for record in account.records(CLUSTER, name=cluster_name):
        if authentication_mode(record.inputs) == "CONFIG_MAP":
            raise Refusal(
                "InvalidRequestException",
                "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this "
                "operation.",
            )


class AccessEntry(AwsType):
    token = "aws:eks/accessEntry:AccessEntry"
    replace_on = frozenset({"clusterName", "principalArn", "type"})
    computed = AwsType.computed | {"accessEntryArn", "createdAt", "modifiedAt"}
    kept_outputs = frozenset({"createdAt", "modifiedAt"})

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        cluster, principal = inputs["clusterName"], inputs["principalArn"]
        _refuse_without_api_mode(account, cluster)
        if not PRINCIPAL.fullmatch(principal):
            raise Refusal("InvalidParameterException", "The specified principalArn is invalid: invalid principal.")
        taken = {record.inputs["principalArn"] for record in account.records(self.token, clusterName=cluster)}
        if principal in taken | entries_by_eks(account, cluster):
            raise Refusal(
                "ResourceInUseException", "The specified access entry resource is already in use on this cluster."
            )
        self._refuse_groups(inputs)

    def _refuse_groups(self, inputs: dict[str, Any]) -> None:
        for group in inputs.get("kubernetesGroups") or []:
            if group.startswith(("system:", "eks:", "aws:", "amazon:", "iam:")):
                raise Refusal(
                    "InvalidParameterException",
                    f"The kubernetes group name {group} is invalid, it cannot start with a reserved prefix.",
                )

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        return f"{inputs['clusterName']}:{inputs['principalArn']}"

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        cluster, principal = inputs["clusterName"], inputs["principalArn"]
        if find_cluster(account, cluster) is None:
            return None
        kind, _, name = principal.partition(f"{account.account_id}:")[2].partition("/")
        entry = f"access-entry/{cluster}/{kind}/{account.account_id}/{name}"
        return {
            "accessEntryArn": arn(account, "eks", entry),
            "clusterName": cluster,
            "principalArn": principal,
            "type": inputs.get("type") or "STANDARD",
            "userName": inputs.get("userName") or principal,
            "kubernetesGroups": in_order(inputs.get("kubernetesGroups"), inputs.get("kubernetesGroups") or []),
            "createdAt": outputs.get("createdAt") or now(),
            "modifiedAt": outputs.get("modifiedAt") or now(),
            "region": account.region,
            **tag_outputs(inputs, wanted_tags(inputs)),
        }

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        self._refuse_groups(new)
        return self.now(account, id, new, {**outputs, "modifiedAt": now()})

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        """Nothing but the record is there."""


def caller_arn(account: Account) -> str:
    """Who uses the account; moto's own answer is the ARN of a user in the service that has no users."""
    return str(account.client("sts").get_caller_identity()["Arn"]).replace(":sts:", ":iam:")


def entries_by_eks(account: Account, cluster: str) -> set[str]:
    """The entries EKS makes by itself: for the role of each node group, and for who made the cluster."""
    entries = {record.inputs["nodeRoleArn"] for record in account.records(NODE_GROUP, clusterName=cluster)}
    for record in account.records(CLUSTER, name=cluster):
        if record.outputs["accessConfig"]["bootstrapClusterCreatorAdminPermissions"]:
            entries.add(caller_arn(account))
    return entries


class AccessPolicyAssociation(AwsType):
    token = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
    replace_on = frozenset({"clusterName", "principalArn", "policyArn", "accessScope"})
    computed = frozenset({"associatedAt", "modifiedAt"})
    kept_outputs = computed

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        cluster, principal = inputs["clusterName"], inputs["principalArn"]
        _refuse_without_api_mode(account, cluster)
        if not account.records(AccessEntry.token, clusterName=cluster, principalArn=principal):
            raise Refusal(
                "ResourceNotFoundException",
                "The specified principalArn could not be found. You can view your available access entries with "
                "'list-access-entries'.",
            )
        prefix, _, policy = inputs["policyArn"].partition("cluster-access-policy/")
        if prefix != f"arn:{partition(account)}:eks::aws:" or policy not in ACCESS_POLICIES:
            raise Refusal("InvalidParameterException", "The policyArn parameter format is not valid")
        scope = inputs["accessScope"]
        if scope["type"] not in ("cluster", "namespace"):
            raise Refusal(
                "InvalidParameterException", f"accessScope type must be cluster or namespace, not {scope['type']}"
            )
        if (scope["type"] == "namespace") != bool(scope.get("namespaces")):
            raise Refusal(
                "InvalidParameterException",
                "The access scope takes namespaces exactly when its type is namespace.",
            )

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        return f"{inputs['clusterName']}#{inputs['principalArn']}#{inputs['policyArn']}"

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        cluster, principal = inputs["clusterName"], inputs["principalArn"]
        if not account.records(AccessEntry.token, clusterName=cluster, principalArn=principal):
            return None
        return {
            "accessScope": inputs["accessScope"],
            "clusterName": cluster,
            "principalArn": principal,
            "policyArn": inputs["policyArn"],
            "associatedAt": outputs.get("associatedAt") or now(),
            "modifiedAt": outputs.get("modifiedAt") or now(),
            "region": account.region,
        }

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        """Nothing but the record is there."""
