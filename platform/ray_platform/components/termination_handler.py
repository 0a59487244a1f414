"""What the node termination handler stands on: a queue, the events that go there, and the right to read it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from ray_platform import naming, policies
from ray_platform.account import AwsAccount
from ray_platform.components.cluster import Cluster
from ray_platform.components.roles import ServiceAccountRole
from ray_platform.config.node_pools import ResolvedPool
from ray_platform.config.sections import Settings

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
    pools: Sequence[ResolvedPool]
    cluster: Cluster

    @property
    def enabled(self) -> bool:
        """Only spot capacity is interrupted: without any, nothing is created, whatever the config says."""
        has_spot = any(pool.capacity_type == "SPOT" for pool in self.pools)
        return has_spot and self.settings.addons.node_termination_handler.enabled


class TerminationHandler(pulumi.ComponentResource):
    """Queue, queue policy, event rules and role; ``queue`` and ``role`` are None when it is switched off."""

    queue: aws.sqs.Queue | None
    role: ServiceAccountRole | None

    def __init__(self, name: str, args: TerminationHandlerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ray-platform:components:TerminationHandler", naming.resource(name, "interruption"), {}, opts)
        self._name, self._args = name, args
        self.queue = self._create_queue() if args.enabled else None
        self.role = self._create_role(self.queue) if self.queue else None
        if self.queue:
            self._create_queue_policy(self.queue, self._create_rules(self.queue))
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
            namespace="kube-system",
            service_account="aws-node-termination-handler",
            inline={
                "interruption": queue.arn.apply(
                    lambda arn: policies.termination_handler(
                        args.account, cluster=args.settings.cluster.name, queue_arn=arn
                    )
                )
            },
            parent=self,
        )
