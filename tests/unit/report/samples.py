"""A report of a stack with the default pools, healthy and with faults: small, and made by hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from ray_platform.checks.all import CATALOGUE
from ray_platform.checks.finding import Finding, Group, Severity
from ray_platform.costs.estimate import Estimate, Line
from ray_platform.plan.picture import Arrow, Box, BoxStep, Picture
from ray_platform.plan.timeline import Step, Timeline
from ray_platform.report.model import Report

TODAY = date(2026, 11, 23)
# What an account may hold, and must stay text wherever it is told.
HOSTILE = 'evil"><script>alert(1)</script> [bold]&amp; \N{ESCAPE}[2J'
LONG_COMMAND = "aws ec2 create-vpc-endpoint --vpc-id vpc-0a1b2c3d4e5f60718 --region us-east-1 " + " ".join(
    f"--tag-specifications ResourceType=vpc-endpoint,Tags=[{{Key=number,Value={number}}}]" for number in range(4)
)


def box(name: str, kind: str, start: float, finish: float, *steps: BoxStep, resources: int = 4) -> Box:
    return Box(
        name=name,
        kind=kind,
        resources=resources,
        start=start,
        finish=finish,
        steps=steps,
        critical=any(step.critical for step in steps),
    )


def long(label: str, seconds: float, critical: bool = False) -> BoxStep:
    return BoxStep(label=label, seconds=seconds, critical=critical)


def arrow(before: str, after: str, critical: bool = False) -> Arrow:
    return Arrow(before=before, after=after, critical=critical)


PICTURE = Picture(
    boxes=(
        box("Network", "given, not changed", 0, 0, resources=0),
        box("Cluster", "control plane", 4, 623, long("control plane", 583, True), long("kube-proxy", 25)),
        box("Node pool cpu", "on demand, 2 to 10 nodes", 623, 775, long("nodes", 150, True)),
        box("Node pool gpu", "spot, 0 to 5 nodes", 623, 685, long("nodes", 60)),
        box("DNS and volumes", "EKS addons", 773, 829, long("aws-ebs-csi-driver", 54)),
        box("KubeRay operator", "looks after Ray", 773, 807, long("kuberay-operator", 30, True)),
        box("Cluster autoscaler", "adds and removes nodes", 788, 818, long("cluster-autoscaler", 30)),
        box("Ray cluster", "head and workers", 807, 927, long("Ray's pods", 120, True), resources=11),
    ),
    arrows=(
        arrow("Network", "Cluster"),
        arrow("Cluster", "Node pool cpu", True),
        arrow("Cluster", "Node pool gpu"),
        arrow("Node pool cpu", "DNS and volumes"),
        arrow("Node pool cpu", "KubeRay operator", True),
        arrow("Node pool gpu", "Cluster autoscaler"),
        arrow("DNS and volumes", "Cluster autoscaler"),
        arrow("DNS and volumes", "Ray cluster"),
        arrow("KubeRay operator", "Ray cluster", True),
    ),
)


def chain(*steps: tuple[str, str, float, float]) -> Timeline:
    """A timeline in which each step, told as name, type, start and finish, waits for the one before it."""
    made: list[Step] = []
    for name, token, start, finish in steps:
        before = made[-1].urn if made else None
        made.append(Step(urn=f"urn::{name}", token=token, start=start, finish=finish, waited_for=before))
    return Timeline(steps=tuple(made))


TIMELINE = chain(
    ("ray-dev-log-group", "aws:cloudwatch/logGroup:LogGroup", 0, 4),
    ("ray-dev", "aws:eks/cluster:Cluster", 4, 587),
    ("ray-dev-cpu", "aws:eks/nodeGroup:NodeGroup", 623, 773),
    ("ray-dev-kuberay-operator", "kubernetes:apps/v1:Deployment", 777, 807),
    ("ray-dev-ray", "kubernetes:ray.io/v1:RayCluster", 807, 927),
)


def line(what: str, pool: str | None, quantity: str, floor: float, configured: float, ceiling: float) -> Line:
    return Line(what=what, pool=pool, quantity=quantity, floor=floor, configured=configured, ceiling=ceiling)


COST = Estimate(
    lines=(
        line("Control plane", None, "Kubernetes 1.35 in standard support, 730 hours", 73.0, 73.0, 73.0),
        line("Encryption key", None, "1 KMS key", 1.0, 1.0, 1.0),
        line("Nodes", "cpu", "2 / 3 / 10 x m5.xlarge on demand", 280.32, 420.48, 1401.6),
        line("Volumes", "cpu", "2 / 3 / 10 x 100 GiB gp3", 16.0, 24.0, 80.0),
        line("Nodes", "gpu", "0 / 0 / 5 x g4dn.xlarge spot", 0.0, 0.0, 1919.9),
        line("Volumes", "gpu", "0 / 0 / 5 x 200 GiB gp3", 0.0, 0.0, 80.0),
    ),
    source="dated table",
    as_of=date(2026, 7, 20),
    region="us-east-1",
    assumptions=(
        "On-demand prices of us-east-1 of 2026-07-20 (dated table), 730 hours a month.",
        "Spot at the on-demand price: it is cheaper, but nobody promises by how much.",
    ),
    unpriced=(),
)


def finding(severity: Severity = "error", group: Group = "VPC", **changes: Any) -> Finding:
    made = Finding(
        code="vpc-no-way-out",
        group=group,
        severity=severity,
        where="subnet-0a1b2c3d4e5f60718",
        what="Nodes in this subnet reach neither AWS nor the control plane.",
        evidence="Route table rtb-0a1b2c3d4e5f60718 has the routes 10.0.0.0/16 to local.",
        remedy="aws ec2 create-route --route-table-id rtb-0a1b2c3d4e5f60718 "
        "--destination-cidr-block 0.0.0.0/0 --nat-gateway-id nat-0a1b2c3d4e5f60718 --region us-east-1",
    )
    return replace(made, **changes)


QUOTA = finding(
    group="Quotas",
    code="quota-vcpus",
    where="L-1216C47A",
    what="The account may not run the vCPUs that the pools begin with",
    evidence="Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances: 5 vCPUs, 0 in use elsewhere; "
    "3 of cpu take 12 or more, and up to 40 later",
    remedy="aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-1216C47A "
    "--desired-value 48 --region us-east-1",
)
SUPPORT = finding(
    "warning",
    "Versions",
    code="kubernetes-support",
    where="cluster.kubernetesVersion",
    what="Standard support of Kubernetes 1.34 ends on 2026-12-02; then the control plane costs 365 USD more a month.",
    evidence="cluster.kubernetesVersion is 1.34, cluster.supportType is EXTENDED.",
    remedy="pulumi config set --path 'ray-on-eks:cluster.kubernetesVersion' '\"1.35\"'",
)
UNREAD = finding(
    "note",
    "Tools and access",
    code="unread",
    where="servicequotas:ListServiceQuotas",
    what="Not checked: the quotas for spot capacity.",
    evidence="AccessDeniedException: not authorized to perform servicequotas:ListServiceQuotas",
    remedy="Allow servicequotas:ListServiceQuotas to whoever runs the check, or look at it by hand.",
)
FAULTS = (UNREAD, SUPPORT, finding(), QUOTA)


def report(*findings: Finding, **changes: Any) -> Report:
    """With everything in it; healthy without findings."""
    made = Report(
        stack="dev",
        region="us-east-1",
        checked_on=TODAY,
        simulated=False,
        findings=findings,
        cost=COST,
        timeline=TIMELINE,
        picture=PICTURE,
        checks=41,
    )
    return replace(made, **changes)


def renamed(names: Sequence[str]) -> Picture:
    """The picture with other names for its boxes, in their order."""
    new = {box.name: name for box, name in zip(PICTURE.boxes, names, strict=True)}
    return Picture(
        boxes=tuple(replace(box, name=new[box.name]) for box in PICTURE.boxes),
        arrows=tuple(replace(each, before=new[each.before], after=new[each.after]) for each in PICTURE.arrows),
    )


# As docs/check.md shows it: short, and with everything that can be in a report.
EXAMPLE = report(
    QUOTA,
    checks=len(CATALOGUE),
    cost=replace(COST, lines=COST.lines[2:4], assumptions=COST.assumptions[:1]),
    timeline=chain(
        ("ray-dev", "aws:eks/cluster:Cluster", 4, 587), ("ray-dev-cpu", "aws:eks/nodeGroup:NodeGroup", 623, 773)
    ),
    picture=Picture(boxes=(PICTURE.boxes[1], PICTURE.boxes[2]), arrows=(arrow("Cluster", "Node pool cpu", True),)),
)
