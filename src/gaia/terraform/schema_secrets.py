"""Attributes that providers declare sensitive, whose mark terraform leaves out of a state. By name, without a provider.

A plan has these marks; a state that is read on its own has only those of the code. Asking the provider for its schema
takes seconds and 14 MB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAMES = frozenset(
    (
        *("password", "master_password", "admin_password", "master_user_password", "user_password", "old_password"),
        *("secret", "secret_string", "secret_binary", "client_secret", "shared_secret", "encrypted_secret"),
        *("api_secret", "auth_token", "token", "access_token", "refresh_token", "oauth_token", "id_token"),
        *("session_token", "plaintext", "private_key", "private_key_pem", "private_key_openssh", "key_material"),
        *("private_key_pem_pkcs8", "api_key", "ses_smtp_password_v4", "secret_access_key", "sensitive_content"),
        *("sensitive_content_base64", "bcrypt_hash", "passphrase", "pre_shared_key", "tunnel1_preshared_key"),
        *("tunnel2_preshared_key", "kubeconfig", "kube_config_raw", "client_key", "connection_string"),
    )
)
"""Names that are sensitive wherever a provider uses them."""
OF_TYPE: Mapping[str, frozenset[str]] = {
    "aws_iam_access_key": frozenset({"secret", "ses_smtp_password_v4"}),
    "aws_iam_user_login_profile": frozenset({"password", "encrypted_password"}),
    "aws_ssm_parameter": frozenset({"value"}),
    "aws_ssm_parameters_by_path": frozenset({"values"}),
    "aws_kms_secrets": frozenset({"plaintext"}),
    "aws_eks_cluster_auth": frozenset({"token"}),
    "aws_ecr_authorization_token": frozenset({"authorization_token", "password"}),
    "aws_lambda_invocation": frozenset({"result"}),
    "random_password": frozenset({"result", "bcrypt_hash"}),
}
"""Further ones of a type. An SSM parameter's `value` is sensitive whatever its own type is; `insecure_value` is not."""


def of_schema(kind: str, attributes: Mapping[str, object]) -> Iterator[object]:
    """The values in a resource or data source of type `kind` that its provider calls sensitive."""
    names = NAMES | OF_TYPE.get(kind, frozenset())
    for name, value in attributes.items():
        if value is None or isinstance(value, bool):
            continue
        if name in names:
            yield value
        elif isinstance(value, list):
            for each in value:
                if isinstance(each, dict):
                    yield from of_schema(kind, each)
