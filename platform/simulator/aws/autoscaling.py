"""The Auto Scaling groups that EKS makes for node groups, and the tags that are put on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.account.resource import Refusal
from simulator.aws.base import AwsType, tag_list

if TYPE_CHECKING:
    from simulator.account import Account

KEY_MAX = 128
VALUE_MAX = 256


def find_group(account: Account, name: str) -> dict[str, Any] | None:
    """The Auto Scaling group of this name, or None."""
    answer = account.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])
    groups = answer["AutoScalingGroups"]
    return groups[0] if groups else None


def make_group(account: Account, *, name: str, cluster: str, node_group: str, subnets: list[str]) -> None:
    """What EKS makes behind a node group, with the tags by which the cluster autoscaler finds the group.

    The group has no instances: moto would start each as an EC2 instance, which nothing here looks at.
    """
    client = account.client("autoscaling")
    client.create_launch_configuration(
        LaunchConfigurationName=name, ImageId="ami-00000000000000000", InstanceType="m5.xlarge"
    )
    tags = {
        "eks:cluster-name": cluster,
        "eks:nodegroup-name": node_group,
        f"kubernetes.io/cluster/{cluster}": "owned",
        "k8s.io/cluster-autoscaler/enabled": "true",
        f"k8s.io/cluster-autoscaler/{cluster}": "owned",
    }
    client.create_auto_scaling_group(
        AutoScalingGroupName=name,
        LaunchConfigurationName=name,
        MinSize=0,
        MaxSize=0,
        DesiredCapacity=0,
        VPCZoneIdentifier=",".join(subnets),
        Tags=[_on_group(name, each) for each in tag_list(tags)],
    )


def delete_group(account: Account, name: str) -> None:
    """What EKS does when its node group goes."""
    client = account.client("autoscaling")
    if find_group(account, name) is not None:
        client.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)
        client.delete_launch_configuration(LaunchConfigurationName=name)


def _on_group(name: str, tag: dict[str, str]) -> dict[str, Any]:
    return {"ResourceId": name, "ResourceType": "auto-scaling-group", "PropagateAtLaunch": True, **tag}


class Tag(AwsType):
    token = "aws:autoscaling/tag:Tag"
    replace_on = frozenset({"autoscalingGroupName", "tag.key"})

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        if not isinstance(tag := inputs.get("tag"), dict):
            return []
        limits = (("key", KEY_MAX), ("value", VALUE_MAX))
        return [
            ("tag", f"{part} may be at most {limit} characters long, got {tag[part]!r}")
            for part, limit in limits
            if len(str(tag.get(part, ""))) > limit
        ]

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        name, key = inputs["autoscalingGroupName"], inputs["tag"]["key"]
        if find_group(account, name) is None:
            raise Refusal("ValidationError", f"Group {name} not found")
        if key.startswith("aws:"):
            raise Refusal("ValidationError", f"Reserved tag key: {key}")

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        name, tag = inputs["autoscalingGroupName"], inputs["tag"]
        request = {**_on_group(name, {"Key": tag["key"], "Value": tag["value"]})}
        request["PropagateAtLaunch"] = tag["propagateAtLaunch"]
        account.client("autoscaling").create_or_update_tags(Tags=[request])
        return f"{name},{tag['key']}"

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        name, _, key = id.partition(",")
        group = find_group(account, name)
        tag = next((each for each in group["Tags"] if each["Key"] == key), None) if group else None
        if tag is None:
            return None
        found = {"key": key, "value": tag["Value"], "propagateAtLaunch": tag["PropagateAtLaunch"]}
        return {"autoscalingGroupName": name, "tag": found, "region": account.region}

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        self.enforce(account, new)
        self.make(account, new, outputs)
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        name, _, key = id.partition(",")
        if find_group(account, name) is not None:
            account.client("autoscaling").delete_tags(Tags=[_on_group(name, {"Key": key})])
