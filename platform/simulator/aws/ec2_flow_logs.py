"""Flow logs: who talked to whom in a VPC, written to CloudWatch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.account.resource import Refusal
from simulator.aws import iam
from simulator.aws.base import arn, tag_map, tag_outputs
from simulator.aws.ec2 import Retagged, tag_specification
from simulator.aws.ec2_vpc import not_played

if TYPE_CHECKING:
    from simulator.account import Account

SERVICE = "vpc-flow-logs.amazonaws.com"
TO_CLOUDWATCH = "cloud-watch-logs"
AGGREGATION_SECONDS = (60, 600)
PLAYED = frozenset(
    {"vpcId", "logDestination", "logDestinationType", "iamRoleArn", "trafficType", "maxAggregationInterval"}
)


class FlowLog(Retagged):
    token = "aws:ec2/flowLog:FlowLog"
    replace_on = PLAYED

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        found = not_played(inputs, PLAYED)
        if not inputs.get("vpcId"):
            found.append(("vpcId", "the simulator plays the flow logs of a whole VPC only"))
        if inputs.get("logDestinationType", TO_CLOUDWATCH) != TO_CLOUDWATCH:
            found.append(("logDestinationType", f"the simulator plays {TO_CLOUDWATCH} only"))
        for key in ("iamRoleArn", "logDestination"):
            if not inputs.get(key):
                found.append((key, f"a flow log to {TO_CLOUDWATCH} needs it"))
        if inputs.get("maxAggregationInterval", 600) not in AGGREGATION_SECONDS:
            found.append(("maxAggregationInterval", f"expected to be one of {list(AGGREGATION_SECONDS)}"))
        return found

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        role = iam.role_of(account, inputs["iamRoleArn"])
        if role is None or not iam.trusts(role, kind="Service", principal=SERVICE, action="sts:AssumeRole"):
            raise Refusal("InvalidParameter", "Unable to assume given IAM role")

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        answer = account.client("ec2").create_flow_logs(
            ResourceType="VPC",
            ResourceIds=[inputs["vpcId"]],
            TrafficType=inputs.get("trafficType") or "ALL",
            LogDestinationType=TO_CLOUDWATCH,
            LogDestination=inputs["logDestination"],
            DeliverLogsPermissionArn=inputs["iamRoleArn"],
            MaxAggregationInterval=int(inputs.get("maxAggregationInterval") or 600),
            TagSpecifications=tag_specification("vpc-flow-log", inputs),
        )
        return str(answer["FlowLogIds"][0])

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        found = account.client("ec2").describe_flow_logs(FlowLogIds=[id])["FlowLogs"]
        if not found:
            return None
        return {
            "arn": arn(account, "ec2", f"vpc-flow-log/{id}"),
            "vpcId": found[0]["ResourceId"],
            "trafficType": found[0]["TrafficType"],
            "logDestination": found[0]["LogDestination"],
            "logDestinationType": found[0]["LogDestinationType"],
            "iamRoleArn": found[0]["DeliverLogsPermissionArn"],
            "maxAggregationInterval": found[0]["MaxAggregationInterval"],
            "region": account.region,
            **tag_outputs(inputs, tag_map(found[0].get("Tags"))),
        }

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        account.client("ec2").delete_flow_logs(FlowLogIds=[id])
