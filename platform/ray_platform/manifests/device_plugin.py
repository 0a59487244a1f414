"""The NVIDIA device plugin, without which no node has ``nvidia.com/gpu`` to give.

After the manifest of its release (deployments/static in NVIDIA/k8s-device-plugin). The AL2023 NVIDIA AMI brings driver
and container toolkit, with NVIDIA's runtime as containerd's default, so no RuntimeClass is needed.
https://docs.aws.amazon.com/eks/latest/userguide/ml-eks-k8s-device-plugin.html
"""

from typing import Final

from ray_platform.config.pool_config import GPU_TAINT_KEY
from ray_platform.manifests.deployment import NAME_LABEL, container_resources
from ray_platform.manifests.placement import SYSTEM_NAMESPACE
from ray_platform.manifests.rbac import Manifest
from ray_platform.scheduling.overhead import DEVICE_PLUGIN
from ray_platform.versions import DEVICE_PLUGIN_IMAGE

NAME: Final = "nvidia-device-plugin"
# Where the kubelet looks for plugins; its own socket is there too.
_SOCKETS: Final = "/var/lib/kubelet/device-plugins"
# As upstream has it. NVIDIA's runtime puts the driver into the container's file system, so that stays writable.
_SECURITY: Final = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def daemon_set() -> Manifest:
    """The plugin on every GPU node, whatever taints the pool has besides the GPU's.

    It runs as root, to which the kubelet's socket belongs, without any capability and with that one directory.
    """
    selector = {NAME_LABEL: NAME}
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": NAME, "namespace": SYSTEM_NAMESPACE, "labels": selector},
        "spec": {
            "selector": {"matchLabels": selector},
            "updateStrategy": {"type": "RollingUpdate"},
            "template": {
                "metadata": {"labels": selector},
                "spec": {
                    "nodeSelector": {GPU_TAINT_KEY: "true"},
                    "tolerations": [{"operator": "Exists"}],
                    "priorityClassName": "system-node-critical",
                    "automountServiceAccountToken": False,
                    "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
                    "containers": [
                        {
                            "name": NAME,
                            "image": DEVICE_PLUGIN_IMAGE,
                            "command": ["nvidia-device-plugin"],
                            "securityContext": dict(_SECURITY),
                            "resources": container_resources(DEVICE_PLUGIN),
                            "volumeMounts": [{"name": "sockets", "mountPath": _SOCKETS}],
                        }
                    ],
                    "volumes": [{"name": "sockets", "hostPath": {"path": _SOCKETS, "type": "Directory"}}],
                },
            },
        },
    }
