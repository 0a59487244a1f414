"""The most that a number of the configuration can be.

Each bound is one that nothing on AWS, in Linux or in Kubernetes goes beyond, whatever quotas an account has and
whatever instance types come: what really fits is told later, from the facts of the pool's instance types. It keeps
every sum finite, and a slip of the finger from becoming a request.
"""

from typing import Final

# The most that EKS supports in a cluster (AWS's announcement of 2025, in a press report read 2026-11-23). Its quota
# "nodes per managed node group" is 450, and adjustable (EKS user guide, "Service quotas", read 2026-11-23).
NODES_MAX: Final = 100_000

# Twice as many as a machine can have GPUs, below; smaller parts of a node are too small for Ray on most of them.
WORKERS_PER_NODE_MAX: Final = 64
WORKERS_MAX: Final = NODES_MAX * WORKERS_PER_NODE_MAX

# CONFIG_NR_CPUS of Linux on x86-64 goes up to 8192 (arch/x86/Kconfig, read 2026-11-23).
CORES_MAX: Final = 8192
# Linux on x86-64 addresses 64 TiB of memory with page tables of four levels (its documentation, "5-level paging",
# read 2026-11-23); the largest instances have 32.
MEMORY_GIB_MAX: Final = 64 * 1024
# The most that NVIDIA's driver knows in one machine (open-gpu-kernel-modules, nvlimits.h, read 2026-11-23).
GPUS_MAX: Final = 32

# Each pod has an address of the node's subnet, and the largest subnet is a /16 (EC2 API reference,
# `InvalidSubnet.Range`, read 2026-11-23).
PODS_MAX: Final = 2**16

# More than AWS bills to all of its customers together in a month: 107.6 billion USD in the year 2024 (Amazon's results
# of 2024, read 2026-11-23).
USD_MAX: Final = 10**10

# Kubernetes holds the whole numbers of a manifest in 64 bits (apimachinery, `unstructured`), and so do AWS's JSON
# parsers.
INTEGER_MIN: Final = -(2**63)
INTEGER_MAX: Final = 2**63 - 1


def written(number: float) -> str:
    """The number with all of its digits, and none after a point without need."""
    return str(int(number)) if number == int(number) else str(number)
