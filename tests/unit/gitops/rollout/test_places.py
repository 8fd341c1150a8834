"""Where Argo CD is, and whom its certificate is vouched for by: over real TLS."""

from __future__ import annotations

import base64
import json
import ssl
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.gitops.ground import PHOTOS
from tests.unit.gitops.rollout.served import Argo, serving
from tests.unit.notifications.certificates import certificate

from gaia.errors import GaiaError
from gaia.gitops.rollout.places import clusters

if TYPE_CHECKING:
    from pathlib import Path


def _server(folder: Path, *, asks: bool) -> ssl.SSLContext:
    """One that wants to see the caller's certificate too, if it `asks`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(folder), folder / "key.pem")
    if asks:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(folder / "certificate.pem")
    return context


def _kubeconfig(folder: Path, url: str, *, inline: bool, **user: object) -> dict[str, str]:
    """Of whom a certificate vouches for, in it or in files beside it."""

    def said(name: str, file: str) -> dict[str, str]:
        content = base64.b64encode((folder / file).read_bytes()).decode()
        return {f"{name}-data": content} if inline else {name: file}

    whoever = {**said("client-certificate", "certificate.pem"), **said("client-key", "key.pem")}
    held: dict[str, Any] = {
        "current-context": "argo",
        "contexts": [{"name": "argo", "context": {"cluster": "here", "user": "me"}}],
        "clusters": [{"name": "here", "cluster": {"server": url, **said("certificate-authority", "certificate.pem")}}],
        "users": [{"name": "me", "user": {**whoever, **user}}],
    }
    (folder / "kubeconfig").write_text(json.dumps(held))
    return {"GAIA_ARGOCD_KUBECONFIG": "kubeconfig"}


@pytest.mark.parametrize("inline", [True, False])
def test_a_kubeconfig_of_certificates_is_taken(tmp_path: Path, inline: bool) -> None:
    """Both sides show theirs; a token in a file is read for each call."""
    (tmp_path / "token").write_text("first\n")
    with serving(Argo(), _server(tmp_path, asks=True)) as argo:
        environ = _kubeconfig(tmp_path, argo.url, inline=inline, tokenFile="token")
        (cluster,) = clusters(environ, tmp_path)
        assert cluster.application(PHOTOS, refresh=True)
        (tmp_path / "token").write_text("second")
        assert cluster.application(PHOTOS, refresh=True)
    assert argo.tokens == {"Bearer first", "Bearer second"}
    assert "refresh" not in str(argo.asked)


def test_who_vouches_for_argo_cd_is_said(tmp_path: Path) -> None:
    """Or it is not called: its token would go to whoever stands between."""
    with serving(Argo(), _server(tmp_path, asks=False)) as argo:
        environ = {"GAIA_ARGOCD_URL": argo.url, "GAIA_ARGOCD_TOKEN": "t"}
        (unknown,) = clusters(environ, tmp_path)
        with pytest.raises(GaiaError) as caught:
            unknown.application(PHOTOS, refresh=False)
        assert caught.value.code == "cluster-unreachable"
        assert "vouches for its certificate" in caught.value.message
        assert argo.tokens == set()
        (known,) = clusters(environ | {"GAIA_ARGOCD_CA_FILE": "certificate.pem"}, tmp_path)
        assert known.application(PHOTOS, refresh=False)
