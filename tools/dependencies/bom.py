"""The software bill of materials, CycloneDX as JSON: `python -m tools.dependencies.bom`, or `make bom`.

It lists what `pulumi up` needs and brings: the Python packages of requirements.txt with their licences, hashes and
dependencies, and the images that the platform starts. The same tree gives the same bytes.
"""

from __future__ import annotations

import json
import tomllib
import uuid
from pathlib import Path
from typing import get_args

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from ray_platform import versions
from ray_platform.config.pool_defaults import Architecture
from ray_platform.images import registry
from ray_platform.scheduling.images import ray_image
from tools.bootstrap.environment import LOCK
from tools.bootstrap.steps import ROOT
from tools.dependencies import lock, packages


def bill(root: Path) -> Bom:
    """The bill of this tree. Raises KeyError when requirements.lock lacks a package: `make constraints`."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    itself = Component(
        name=project["name"], version=project["version"], type=ComponentType.APPLICATION, bom_ref=project["name"]
    )
    # Otherwise a random number.
    serial = uuid.uuid5(uuid.NAMESPACE_URL, (root / LOCK).read_text(encoding="utf-8") + "\n".join(images()))
    bom = Bom(serial_number=serial)
    bom.metadata.component = itself
    needs = packages.product(root)
    components, started = _python(root, needs), [_image(each) for each in images()]
    bom.components.update(components.values(), started)
    for package, required in needs.items():
        bom.register_dependency(components[package], [components[each] for each in required])
    bom.register_dependency(itself, [*(components[name] for name in packages.direct(root)), *started])
    return bom


def images() -> list[str]:
    """The images of the platform, for every Kubernetes minor it can raise and every kind of node."""
    scalers = [versions.cluster_autoscaler_image(minor) for minor in versions.KUBERNETES_MINORS]
    kinds = [(gpu, architecture) for gpu in (False, True) for architecture in get_args(Architecture)]
    ray = [ray_image(versions.DEFAULT_RAY_VERSION, gpu=gpu, architecture=architecture) for gpu, architecture in kinds]
    others = [value for name, value in vars(versions).items() if name.endswith("_IMAGE")]
    return sorted({*scalers, *filter(None, ray), *others})


def as_json(bom: Bom) -> str:
    """Version 1.6 of the format, without the time of day, which would make two bills of one tree differ."""
    content = json.loads(JsonV1Dot6(bom).output_as_string())
    del content["metadata"]["timestamp"]
    return json.dumps(content, indent=2) + "\n"


def _python(root: Path, needs: dict[str, frozenset[str]]) -> dict[str, Component]:
    """Every file that the index has of each, by its hash: which of them is installed depends on the machine."""
    pinned, hashes, factory = lock.pins(root), lock.hashes(root), LicenseFactory()
    return {
        name: Component(
            name=name,
            version=pinned[name],
            bom_ref=name,
            purl=PackageURL("pypi", None, name, pinned[name]),
            licenses=[factory.make_from_string(packages.licence(name))],
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=each) for each in hashes[name]],
        )
        for name in needs
    }


def _image(image: str) -> Component:
    path, _, tag = image.rpartition(":")
    qualifiers = {"repository_url": path if "." in path.split("/")[0] else f"{registry(image)}/{path}", "tag": tag}
    name = path.rsplit("/", 1)[-1]
    purl = PackageURL("oci", None, name, qualifiers=qualifiers)
    return Component(name=path, version=tag, type=ComponentType.CONTAINER, bom_ref=image, purl=purl)


def main() -> None:
    """Writes it into dist/."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    place = ROOT / "dist" / f"{project['name']}-{project['version']}.cdx.json"
    place.parent.mkdir(exist_ok=True)
    bom = bill(ROOT)
    place.write_text(as_json(bom), encoding="utf-8")
    print(f"{place.relative_to(ROOT)}: {len(bom.components)} components")


if __name__ == "__main__":
    main()
