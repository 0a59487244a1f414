"""Keys and certificates of a control plane, made once and kept with its data."""

from __future__ import annotations

import datetime
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# Longer than anybody keeps a simulated cluster.
LIFETIME = datetime.timedelta(days=3650)
CLOCK_SKEW = datetime.timedelta(hours=1)
AUTHORITY = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "simulated-cluster")])
ADMINISTRATORS = "system:masters"
CLIENTS = {
    "admin": ("admin", ADMINISTRATORS),
    "controller-manager": ("system:kube-controller-manager", ""),
    "scheduler": ("system:kube-scheduler", ""),
    # It speaks for every node at once, which no single kubelet's identity may.
    "kwok": ("kwok", ADMINISTRATORS),
}
"""File name -> the user and the group that the API server takes the certificate's holder for."""

SERVER = "server"
SERVER_NAMES = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")


@dataclass(frozen=True)
class Credentials:
    """The files in one directory, which only its owner can read."""

    directory: Path

    @property
    def authority(self) -> Path:
        """The certificate that signs all the others."""
        return self.certificate("authority")

    @property
    def service_account_key(self) -> Path:
        """Signs the tokens of service accounts; while it stays, so do they."""
        return self.key("service-accounts")

    @property
    def service_account_public_key(self) -> Path:
        return self.directory / "service-accounts.pub"

    def certificate(self, name: str) -> Path:
        return self.directory / f"{name}.crt"

    def key(self, name: str) -> Path:
        return self.directory / f"{name}.key"

    def make(self) -> None:
        """Makes all of them when they are not there yet. The authority comes last, so a broken start is begun anew.

        Its key is not kept: it has nothing more to sign.
        """
        if self.authority.exists():
            return
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        signer, tokens = _new_key(), _new_key()
        for name, (user, group) in {SERVER: ("kube-apiserver", ""), **CLIENTS}.items():
            key = _new_key()
            certificate = _certificate(_subject(user, group), key, signer, server=name == SERVER)
            write_private(self.key(name), _pem(key))
            write_private(self.certificate(name), certificate.public_bytes(Encoding.PEM))
        public = tokens.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        write_private(self.service_account_key, _pem(tokens))
        write_private(self.service_account_public_key, public)
        write_private(self.authority, _authority(signer).public_bytes(Encoding.PEM))


def write_private(path: Path, content: bytes) -> None:
    """Writes the file anew, readable for nobody but its owner from the first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _subject(user: str, group: str = "") -> x509.Name:
    """As the API server reads it: the common name is the user, the organization the group."""
    named = [(NameOID.COMMON_NAME, user), (NameOID.ORGANIZATION_NAME, group)]
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in named if value])


def _unsigned(subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(AUTHORITY)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + LIFETIME)
    )


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    constraints = x509.BasicConstraints(ca=True, path_length=0)
    return _unsigned(AUTHORITY, key).add_extension(constraints, critical=True).sign(key, hashes.SHA256())


def _certificate(
    subject: x509.Name, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey, *, server: bool
) -> x509.Certificate:
    uses = [ExtendedKeyUsageOID.CLIENT_AUTH] + [ExtendedKeyUsageOID.SERVER_AUTH] * server
    builder = _unsigned(subject, key).add_extension(x509.ExtendedKeyUsage(uses), critical=False)
    if server:
        names = [*map(x509.DNSName, SERVER_NAMES), x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(signer, hashes.SHA256())
