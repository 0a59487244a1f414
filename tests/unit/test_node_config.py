"""User data is what EKS merges with its own: a MIME multipart with one NodeConfig part, or nothing."""

import base64
import email
import email.policy

import yaml

from ray_platform.node_config import user_data


def test_a_pool_without_node_config_has_no_user_data() -> None:
    assert user_data({}) is None


def test_node_config_becomes_one_part_of_a_mime_multipart() -> None:
    encoded = user_data({"kubelet": {"config": {"maxPods": 58}}})
    assert encoded is not None
    message = email.message_from_bytes(base64.b64decode(encoded), policy=email.policy.default)
    (part,) = message.iter_parts()

    assert message.get_content_type() == "multipart/mixed"
    assert part.get_content_type() == "application/node.eks.aws"
    assert yaml.safe_load(part.get_content()) == {
        "apiVersion": "node.eks.aws/v1alpha1",
        "kind": "NodeConfig",
        "spec": {"kubelet": {"config": {"maxPods": 58}}},
    }


def test_the_same_config_gives_the_same_bytes_whatever_the_order_of_its_keys() -> None:
    one = user_data({"kubelet": {"flags": ["--v=2"]}, "instance": {"localStorage": {"strategy": "RAID0"}}})
    other = user_data({"instance": {"localStorage": {"strategy": "RAID0"}}, "kubelet": {"flags": ["--v=2"]}})

    assert one == other
