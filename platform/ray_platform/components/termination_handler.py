"""The node termination handler with what it stands on: a queue, the events that go there, and its rights."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from ray_platform import naming, policies
from ray_platform.account import AwsAccount
from ray_platform.components.addons import Addons
from ray_platform.components.cluster import Cluster
from ray_platform.components.kubernetes_objects import kubernetes_object
from ray_platform.components.node_pools import NodePools
from ray_platform.components.roles import ServiceAccountRole
from ray_platform.config.sections import Settings
from ray_platform.manifests import termination_handler
from ray_platform.manifests.placement import SYSTEM_NAMESPACE
from ray_platform.manifests.rbac import Manifest

# An event that nobody read for five minutes is about an instance that is gone.
MESSAGE_RETENTION_SECONDS = 300

# The events of queue mode: https://github.com/aws/aws-node-termination-handler (Queue Processor).
EVENT_PATTERNS: dict[str, dict[str, Any]] = {
    "spot-interruption": {"source": ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"]},
    "rebalance": {"source": ["aws.ec2"], "detail-type": ["EC2 Instance Rebalance Recommendation"]},
    "state-change": {"source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"]},
    "scheduled-change": {
        "source": ["aws.health"],
        "detail-type": ["AWS Health Event"],
        "detail": {"service": ["EC2"], "eventTypeCategory": ["scheduledChange"]},
    },
    "asg-terminate": {
        "source": ["aws.autoscaling"],
        "detail-type": ["EC2 Instance-terminate Lifecycle Action"],
    },
}


@dataclass(frozen=True, kw_only=True)
class TerminationHandlerArgs:
    account: AwsAccount
    settings: Settings
    cluster: Cluster
    node_pools: NodePools
    addons: Addons

    @property
    def enabled(self) -> bool:
        """Only spot capacity is interrupted: without any, nothing is created, whatever the config says."""
        has_spot = any(each.pool.capacity_type == "SPOT" for each in self.node_pools.pools.values())
        return has_spot and self.settings.addons.node_termination_handler.enabled


class TerminationHandler(pulumi.ComponentResource):
    """Queue, queue policy, event rules, role and Deployment; ``queue`` and ``role`` are None when switched off."""

    queue: aws.sqs.Queue | None
    role: ServiceAccountRole | None

    def __init__(self, name: str, args: TerminationHandlerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ray-platform:components:TerminationHandler", naming.resource(name, "interruption"), {}, opts)
        self._name, self._args = name, args
        self.queue = self._create_queue() if args.enabled else None
        self.role = self._create_role(self.queue) if self.queue else None
        if self.queue and self.role:
            self._create_queue_policy(self.queue, self._create_rules(self.queue))
            self._create_deployment(self.queue, self.role)
        self.register_outputs({"queueUrl": self.queue.url if self.queue else None})

    def _create_queue(self) -> aws.sqs.Queue:
        return aws.sqs.Queue(
            naming.resource(self._name, "interruption"),
            message_retention_seconds=MESSAGE_RETENTION_SECONDS,
            sqs_managed_sse_enabled=True,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_rules(self, queue: aws.sqs.Queue) -> list[aws.cloudwatch.EventRule]:
        rules = []
        for suffix, pattern in EVENT_PATTERNS.items():
            name = naming.resource(self._name, suffix)
            rule = aws.cloudwatch.EventRule(
                name,
                description=f"{suffix} events for the node termination handler of {self._args.settings.cluster.name}",
                event_pattern=json.dumps(pattern),
                opts=pulumi.ResourceOptions(parent=self),
            )
            aws.cloudwatch.EventTarget(name, rule=rule.name, arn=queue.arn, opts=pulumi.ResourceOptions(parent=self))
            rules.append(rule)
        return rules

    def _create_queue_policy(self, queue: aws.sqs.Queue, rules: list[aws.cloudwatch.EventRule]) -> None:
        aws.sqs.QueuePolicy(
            naming.resource(self._name, "interruption"),
            queue_url=queue.url,
            policy=pulumi.Output.all(queue.arn, *[rule.arn for rule in rules]).apply(
                lambda arns: policies.interruption_queue(queue_arn=arns[0], rule_arns=arns[1:])
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_role(self, queue: aws.sqs.Queue) -> ServiceAccountRole:
        args = self._args
        return args.cluster.service_account_role(
            "termination-handler",
            namespace=SYSTEM_NAMESPACE,
            service_account=termination_handler.NAME,
            inline={
                "interruption": queue.arn.apply(
                    lambda arn: policies.termination_handler(
                        args.account, cluster=args.settings.cluster.name, queue_arn=arn
                    )
                )
            },
            parent=self,
        )

    def _create_deployment(self, queue: aws.sqs.Queue, role: ServiceAccountRole) -> None:
        args = self._args
        objects = {"account": termination_handler.account(role.arn), **termination_handler.rights()}
        before = [self._object(suffix, manifest, []) for suffix, manifest in objects.items()]
        deployment = termination_handler.deployment(
            cluster=args.settings.cluster.name,
            queue_url=queue.url,
            region=args.account.region,
            home=args.node_pools.home,
        )
        # It reads its queue by the name of AWS's endpoint.
        self._object("deployment", deployment, [*before, *role.ready, args.addons.coredns])

    def _object(self, suffix: str, manifest: Manifest, after: Sequence[pulumi.Resource]) -> pulumi.Resource:
        opts = pulumi.ResourceOptions(parent=self, provider=self._args.cluster.kubernetes, depends_on=list(after))
        mirrors = self._args.settings.addons.image_mirrors
        return kubernetes_object(
            naming.resource(self._name, f"interruption-{suffix}"), manifest, mirrors=mirrors, opts=opts
        )
