"""Makes a VPC in a simulated account as examples/vpc would, each part sound unless a test says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.simulator.aws_by_hand import ByHand, document, trust

BLOCK = "10.8.0.0/16"
FLOW_LOGS = "vpc-flow-logs.amazonaws.com"
SERVICE = "com.amazonaws.us-east-1"


@dataclass(frozen=True, kw_only=True)
class WholeVpc:
    """The ids of the parts."""

    vpc: str
    gateway: str
    public: str
    private: str
    other: str
    address: str
    nat_gateway: str
    public_table: str
    private_table: str
    group: str
    interface_endpoint: str
    gateway_endpoint: str


def whole_vpc(hand: ByHand) -> WholeVpc:
    """A public and two private subnets, one NAT gateway, both kinds of endpoints, flow logs."""
    tags = {"tags": {"Name": "whole"}, "tagsAll": {"Name": "whole", "team": "ray"}}
    vpc = hand.make("Vpc", cidrBlock=BLOCK, enableDnsHostnames=True, **tags).id
    hand.make("DefaultSecurityGroup", vpcId=vpc, **tags)
    public = subnet(hand, vpc, "10.8.192.0/20", "a")
    private, other = subnet(hand, vpc, "10.8.0.0/18", "a"), subnet(hand, vpc, "10.8.64.0/18", "b")
    gateway = hand.make("InternetGateway", vpcId=vpc, **tags).id
    public_table, private_table = (hand.make("RouteTable", vpcId=vpc, **tags).id for _ in range(2))
    hand.make("Route", routeTableId=public_table, destinationCidrBlock="0.0.0.0/0", gatewayId=gateway)
    hand.make("RouteTableAssociation", routeTableId=public_table, subnetId=public)
    address = hand.make("Eip", domain="vpc", **tags).id
    nat_gateway = hand.make("NatGateway", allocationId=address, subnetId=public, **tags).id
    hand.make("Route", routeTableId=private_table, destinationCidrBlock="0.0.0.0/0", natGatewayId=nat_gateway)
    hand.make("RouteTableAssociation", routeTableId=private_table, subnetId=private)
    group = hand.make("SecurityGroup", name="own-endpoints", vpcId=vpc, **tags).id
    inside = {"subnetIds": [private, other], "securityGroupIds": [group], "privateDnsEnabled": True}
    interface = endpoint(hand, vpc, "sts", vpcEndpointType="Interface", **inside, **tags)
    s3 = endpoint(hand, vpc, "s3", vpcEndpointType="Gateway", routeTableIds=[private_table], **tags)
    flow_log(hand, vpc)
    return WholeVpc(
        vpc=vpc,
        gateway=gateway,
        public=public,
        private=private,
        other=other,
        address=address,
        nat_gateway=nat_gateway,
        public_table=public_table,
        private_table=private_table,
        group=group,
        interface_endpoint=interface,
        gateway_endpoint=s3,
    )


def subnet(hand: ByHand, vpc: str, block: str, zone: str, **changes: Any) -> str:
    return hand.make("Subnet", vpcId=vpc, cidrBlock=block, availabilityZone=f"us-east-1{zone}", **changes).id


def endpoint(hand: ByHand, vpc: str, service: str, **changes: Any) -> str:
    return hand.make("VpcEndpoint", vpcId=vpc, serviceName=f"{SERVICE}.{service}", **changes).id


def flow_log(hand: ByHand, vpc: str, *, trusted: str = FLOW_LOGS) -> str:
    group = hand.make("LogGroup", name="flow-logs", retentionInDays=30)
    role = hand.role("flow-logs", trust(trusted))
    write = {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}
    hand.make("RolePolicy", name="write", role="flow-logs", policy=document(write))
    inputs = {"vpcId": vpc, "logDestination": group.outputs["arn"], "iamRoleArn": role.outputs["arn"]}
    return hand.make("FlowLog", trafficType="ALL", **inputs).id
