"""Everything in AWS says whose it is."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ray_platform.guardrails.cluster import LAUNCH_TEMPLATE
from ray_platform.guardrails.values import UNKNOWN, each, look
from ray_platform.guardrails.verdict import Answer, Fault, Guardrail, Resource, Stack, Unclear

REQUIRED: Final = ("Project", "Environment", "ManagedBy")
# What the provider's default tags do not reach: what a launch template launches.
_LAUNCHED: Final = ("instance", "volume", "network-interface")

# What AWS has no tags for. Every other type is taken to have them, so that a new one is not forgotten.
_WITHOUT_TAGS: Final = frozenset(
    {
        "aws:autoscaling/tag:Tag",
        "aws:cloudwatch/eventTarget:EventTarget",
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        "aws:iam/groupPolicy:GroupPolicy",
        "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
        "aws:iam/policyAttachment:PolicyAttachment",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:iam/userPolicy:UserPolicy",
        "aws:iam/userPolicyAttachment:UserPolicyAttachment",
        "aws:kms/alias:Alias",
        "aws:kms/keyPolicy:KeyPolicy",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:sns/topicPolicy:TopicPolicy",
        "aws:sns/topicSubscription:TopicSubscription",
        "aws:sqs/queuePolicy:QueuePolicy",
    }
)


def _tagged(stack: Stack) -> Iterator[Answer]:
    for resource in stack.resources:
        if resource.type.startswith("aws:") and resource.type not in _WITHOUT_TAGS:
            own = (look(resource.inputs, "tags"), look(resource.inputs, "tagsAll"))
            yield from _has_all(resource, "tags", (resource.default_tags, *own))
    for template in stack.of_type(LAUNCH_TEMPLATE):
        yield from _launched(template)


def _launched(template: Resource) -> Iterator[Answer]:
    path = "tagSpecifications"
    specifications = list(each(template.inputs, path))
    kinds = {look(entry, "resourceType"): (at, look(entry, "tags")) for at, entry in specifications}
    for kind in _LAUNCHED:
        if kind in kinds:
            at, tags = kinds[kind]
            yield from _has_all(template, f"{at}.tags", (tags,))
        elif UNKNOWN in kinds:
            yield Unclear(resource=template, path=path)
        else:
            yield Fault(resource=template, path=path, what=f"It has no tags for each {kind}.")


def _has_all(resource: Resource, path: str, sources: tuple[Any, ...]) -> Iterator[Answer]:
    """A tag counts whatever the case of its key: IAM knows no difference, and the user's own spelling wins."""
    known = {key.lower(): value for tags in sources if isinstance(tags, Mapping) for key, value in tags.items()}
    missing = [key for key in REQUIRED if known.get(key.lower()) in (None, "")]
    if missing and UNKNOWN in sources:
        yield Unclear(resource=resource, path=path)
    elif missing:
        yield Fault(resource=resource, path=path, what=f"It has no tag {', '.join(missing)}.")


GUARDRAILS: Final = (
    Guardrail(
        code="tags",
        promise=f"Every AWS resource that can have tags, and what a launch template launches, has "
        f"{', '.join(REQUIRED)}.",
        remedy="Make it with the stack's own provider, whose default tags have them; in launch templates set "
        "tagSpecifications.",
        check=_tagged,
    ),
)
