"""What is stored is encrypted, and the nodes' credentials stay on the nodes."""

from collections.abc import Iterator
from typing import Final

from ray_platform.guardrails.cluster import LAUNCH_TEMPLATE, LOG_GROUP, control_planes
from ray_platform.guardrails.values import UNKNOWN, each, is_true, look
from ray_platform.guardrails.verdict import Answer, Fault, Guardrail, Resource, Stack, expect, is_set

_VOLUME: Final = "aws:ebs/volume:Volume"
_QUEUE: Final = "aws:sqs/queue:Queue"
_STORAGE_CLASS: Final = "kubernetes:storage.k8s.io/v1:StorageClass"
_EBS_DRIVER: Final = "ebs.csi.aws.com"

_ENCRYPTED: Final = "must be true"


def _imds(stack: Stack) -> Iterator[Answer]:
    for template in stack.of_type(LAUNCH_TEMPLATE):
        tokens = look(template.inputs, "metadataOptions", "httpTokens")
        path = "metadataOptions.httpTokens"
        yield from expect(template, path, tokens, lambda value: value == "required", "must be 'required' (IMDSv2)")
        hops = look(template.inputs, "metadataOptions", "httpPutResponseHopLimit")
        path = "metadataOptions.httpPutResponseHopLimit"
        yield from expect(template, path, hops, lambda value: value == 1, "must be 1, so that no pod takes the role")


def _volumes(stack: Stack) -> Iterator[Answer]:
    for template in stack.of_type(LAUNCH_TEMPLATE):
        yield from _volumes_of(template)
    for volume in stack.of_type(_VOLUME):
        yield from expect(volume, "encrypted", look(volume.inputs, "encrypted"), is_true, _ENCRYPTED)
    for storage in stack.of_type(_STORAGE_CLASS):
        if look(storage.inputs, "provisioner") in (_EBS_DRIVER, UNKNOWN):
            encrypted = look(storage.inputs, "parameters", "encrypted")
            yield from expect(storage, "parameters.encrypted", encrypted, is_true, _ENCRYPTED)


def _volumes_of(template: Resource) -> Iterator[Answer]:
    mappings = list(each(template.inputs, "blockDeviceMappings"))
    volumes = [(path, look(mapping, "ebs")) for path, mapping in mappings if look(mapping, "ebs") is not None]
    if not volumes:
        what = "It describes no volume, so nodes have the image's own, which may not be encrypted."
        yield Fault(resource=template, path="blockDeviceMappings", what=what)
    for path, volume in volumes:
        yield from expect(template, f"{path}.ebs.encrypted", look(volume, "encrypted"), is_true, _ENCRYPTED)


def _logs(stack: Stack) -> Iterator[Answer]:
    for group in stack.of_type(LOG_GROUP):
        yield from expect(group, "kmsKeyId", look(group.inputs, "kmsKeyId"), is_set, "must name a key")


def _secrets(stack: Stack) -> Iterator[Answer]:
    for cluster in control_planes(stack):
        path = "encryptionConfig.provider.keyArn"
        key = look(cluster.inputs, "encryptionConfig", "provider", "keyArn")
        yield from expect(cluster, path, key, is_set, "must name a key")
        if key is not None:
            path, kinds = "encryptionConfig.resources", look(cluster.inputs, "encryptionConfig", "resources")
            yield from expect(cluster, path, kinds, lambda value: "secrets" in (value or ()), "must have 'secrets'")


def _queues(stack: Stack) -> Iterator[Answer]:
    for queue in stack.of_type(_QUEUE):
        if not is_set(look(queue.inputs, "kmsMasterKeyId")):
            managed = look(queue.inputs, "sqsManagedSseEnabled")
            yield from expect(queue, "sqsManagedSseEnabled", managed, is_true, "must be true where no key is named")


GUARDRAILS: Final = (
    Guardrail(
        code="imds",
        promise="Nodes answer questions for their credentials by IMDSv2 only, and over one hop: no pod takes the role "
        "of its node.",
        remedy="Set metadataOptions of the launch template: httpTokens required, httpPutResponseHopLimit 1.",
        check=_imds,
    ),
    Guardrail(
        code="volume-encryption",
        promise="Node volumes are encrypted, and so are those of the storage classes for EBS.",
        remedy="Set encrypted to true.",
        check=_volumes,
    ),
    Guardrail(
        code="log-encryption",
        promise="Log groups are encrypted with a key of the account.",
        remedy="Give the log group the stack's key (kmsKeyId).",
        check=_logs,
    ),
    Guardrail(
        code="secrets-encryption",
        promise="Kubernetes secrets are encrypted with a key of the account.",
        remedy="Give the control plane the stack's key (encryptionConfig).",
        check=_secrets,
    ),
    Guardrail(
        code="queue-encryption",
        promise="Queues are encrypted, by SQS or with a key.",
        remedy="Set sqsManagedSseEnabled to true.",
        check=_queues,
    ),
)
