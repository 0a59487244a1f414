"""What AWS and Ray's layout say of a section with a secret in it tells none of its values."""

from typing import Any

import pulumi
import pytest

from ray_platform import preparation
from ray_platform.config.hiding import SecretSection
from ray_platform.config.load import from_pulumi_config
from tests.support.mocked_aws import SUBNET_IDS, VPC_ID
from tests.unit.program.running import program


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every section is a secret."""

    def given() -> dict[str, Any]:
        return {name: SecretSection(section) for name, section in from_pulumi_config().items()}

    monkeypatch.setattr(preparation, "from_pulumi_config", given)


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize(
    ("sections", "path", "hidden"),
    [
        (
            {"network": {"vpcId": VPC_ID, "subnetIds": [SUBNET_IDS[0], "subnet-0fffffffffffffff0"]}},
            "network.",
            "0fffff",
        ),
        ({"nodePools": {"cpu": {}, "gpu": {"gpu": True, "instanceTypes": ["m5.xlarge"]}}}, "nodePools.gpu.", "m5.xl"),
        ({"nodePools": {"cpu": {}}, "ray": {"head": {"cpu": 77}}}, "ray.head", "77"),
        ({"network": {"fromStack": {"stack": "organization/hunter2/dev"}}}, "network.fromStack.", "hunter2"),
    ],
)
def test_what_is_found_after_the_lookups_is_told_without_it(sections: dict[str, Any], path: str, hidden: str) -> None:
    with pytest.raises(pulumi.RunError) as refusal:
        program(**sections)

    assert f". {path}" in str(refusal.value)
    assert hidden not in str(refusal.value)
