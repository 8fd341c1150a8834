"""The algorithm of a certificate's key in ACM. Upstream: whatever is asked for, RSA with 2048 bits."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import CertificateBuilder
from moto.acm.responses import AWSCertificateManagerResponse

from gaia.sandbox.patches.fitting import wrap

_CURVES = {"EC_prime256v1": ec.SECP256R1(), "EC_secp384r1": ec.SECP384R1(), "EC_secp521r1": ec.SECP521R1()}
_USUAL = "RSA_2048"


def apply() -> None:
    """The certificate is made anew with a key as it was asked for."""
    wrap(AWSCertificateManagerResponse, "request_certificate", _request_certificate)


def _request_certificate(plain: Any, self: Any) -> Any:
    answer = plain(self)
    algorithm = self._get_param("KeyAlgorithm") or _USUAL
    if algorithm != _USUAL:
        _sign_again(self.acm_backend.get_certificate(answer.result["CertificateArn"]), algorithm)
    return answer


def _sign_again(bundle: Any, algorithm: str) -> None:
    curve = _CURVES.get(algorithm)
    key = ec.generate_private_key(curve) if curve else rsa.generate_private_key(65537, int(algorithm.split("_")[1]))
    old = bundle._cert
    builder = CertificateBuilder(
        issuer_name=old.issuer,
        subject_name=old.subject,
        public_key=key.public_key(),
        serial_number=old.serial_number,
        not_valid_before=old.not_valid_before_utc,
        not_valid_after=old.not_valid_after_utc,
        extensions=list(old.extensions),
    )
    bundle.cert = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    bundle.key = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    bundle._key, bundle._cert = bundle.validate_pk(), bundle.validate_certificate()
