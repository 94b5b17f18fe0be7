"""An invented timestamp authority for tests: certificates made here, answers signed by openssl."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SETTINGS = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/signer.pem
signer_key = {folder}/signer.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True)
class Authority:
    """Where it works, and its root certificate."""

    folder: Path
    root: bytes

    def answers(self, request: bytes) -> bytes:
        """The answer to a request, as it comes over the line."""
        query, reply = self.folder / "query.tsq", self.folder / "reply.tsr"
        query.write_bytes(request)
        command = ["openssl", "ts", "-reply", "-config", f"{self.folder}/tsa.cnf", "-queryfile", str(query)]
        subprocess.run([*command, "-out", str(reply)], check=True, capture_output=True)
        return reply.read_bytes()


def authority(folder: Path, name: str = "Invented Time Authority") -> Authority:
    """A new authority: a root that signs the certificate of a signer for timestamps."""
    root_key, signer_key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    root_name, signer_name = _name(f"{name} Root"), _name(name)
    root = _certificate(root_name, root_name, root_key, root_key, usage=None)
    signer = _certificate(
        signer_name, root_name, signer_key, root_key, usage=ExtendedKeyUsageOID.TIME_STAMPING
    )
    (folder / "signer.pem").write_bytes(signer.public_bytes(Encoding.PEM))
    (folder / "signer.key").write_bytes(
        signer_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(SETTINGS.format(folder=folder))
    return Authority(folder, root.public_bytes(Encoding.PEM))


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, signed_by: rsa.RSAPrivateKey, *,
    usage: x509.ObjectIdentifier | None,
) -> x509.Certificate:  # fmt: skip
    """A certificate; without a usage it may sign others."""
    begin = datetime.now(UTC) - timedelta(days=1)  # noqa: TID251  # openssl stamps with the clock of the machine
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=usage is None, path_length=None), critical=True)
    )
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    return builder.sign(signed_by, hashes.SHA256())
