"""Where Argo CD is, by what the environment says: its own API, and the Kubernetes API of its cluster."""

from __future__ import annotations

import base64
import binascii
import ssl
import tempfile
from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.gitops.rollout.answers import below, is_object, objects, text
from gaia.gitops.rollout.argocd_api import ArgoCD
from gaia.gitops.rollout.asking import Access
from gaia.gitops.rollout.kubernetes_api import Kubernetes
from gaia.kit import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gaia.gitops.rollout.ports import Cluster


def clusters(environ: Mapping[str, str], cwd: Path) -> tuple[Cluster, ...]:
    """Both, or the one that is set, in the order in which they are asked.

    Raises:
        Invalid: `cluster-unset`, `cluster-file`.
    """
    found: list[Cluster] = []
    if url := environ.get("GAIA_ARGOCD_URL"):
        authority = environ.get("GAIA_ARGOCD_CA_FILE")
        access = Access(
            root=_address(url, "GAIA_ARGOCD_URL"),
            token=_token(environ, cwd),
            words=f"Argo CD at {_host(url)}",
            settings="GAIA_ARGOCD_URL, with its token in GAIA_ARGOCD_TOKEN or GAIA_ARGOCD_TOKEN_FILE",
            context=_trusting(_read(cwd / authority, "GAIA_ARGOCD_CA_FILE")) if authority else None,
        )
        found.append(ArgoCD(access))
    if file := environ.get("GAIA_ARGOCD_KUBECONFIG"):
        found.append(Kubernetes(_of_kubeconfig(cwd / file), environ.get("GAIA_ARGOCD_NAMESPACE") or "argocd"))
    if not found:
        raise Invalid(
            "cluster-unset",
            "nobody said where Argo CD is, so nobody knows what became of the release",
            next_step="Set GAIA_ARGOCD_URL and GAIA_ARGOCD_TOKEN, or GAIA_ARGOCD_KUBECONFIG.",
        )
    return tuple(found)


def _token(environ: Mapping[str, str], cwd: Path) -> Callable[[], str]:
    file, given = environ.get("GAIA_ARGOCD_TOKEN_FILE"), environ.get("GAIA_ARGOCD_TOKEN") or ""
    return (lambda: _read(cwd / file, "GAIA_ARGOCD_TOKEN_FILE")) if file else (lambda: given)


def _of_kubeconfig(path: Path) -> Access:
    """What its current context says. What programs would have to be run for is refused: a token lies in a file too."""
    name = "GAIA_ARGOCD_KUBECONFIG"
    held = yaml.parse(_read(path, name).encode(), path.name).value
    if not is_object(held):
        raise _unusable(name, "it is no kubeconfig")
    context = below(_named(held, "contexts", text(held, "current-context")), "context")
    cluster = below(_named(held, "clusters", text(context, "cluster")), "cluster")
    user = below(_named(held, "users", text(context, "user")), "user")
    server = text(cluster, "server")
    if not server:
        raise _unusable(name, "its current context leads to no server")
    if "exec" in user or "auth-provider" in user:
        raise _unusable(name, "its user is made by a program, which is not run")
    inline, lies = text(user, "token"), text(user, "tokenFile")
    # A token is longer than what people are shown of a text.
    whole = user.get("token")
    given = whole if inline and isinstance(whole, str) else ""
    return Access(
        root=_address(server, name),
        token=(lambda: _read(path.parent / lies, name)) if lies else (lambda: given),
        words=f"the Kubernetes API at {_host(server)}",
        settings=name,
        context=_context_of(cluster, user, path.parent),
    )


def _context_of(cluster: Mapping[str, object], user: Mapping[str, object], folder: Path) -> ssl.SSLContext | None:
    authority = _data(cluster, "certificate-authority", folder)
    certificate, key = (_data(user, one, folder) for one in ("client-certificate", "client-key"))
    if not (authority or certificate):
        return None
    context = _trusting(authority) if authority else ssl.create_default_context()
    if certificate and key:
        with tempfile.NamedTemporaryFile("w", prefix="gaia-pair-", suffix=".pem") as file:  # 0600, gone at once
            file.write(f"{certificate}\n{key}\n")
            file.flush()
            try:
                context.load_cert_chain(file.name)
            except (ssl.SSLError, ValueError) as error:
                raise _unusable("GAIA_ARGOCD_KUBECONFIG", "its user's certificate cannot be used") from error
    return context


def _data(held: Mapping[str, object], name: str, folder: Path) -> str:
    """A certificate or a key: in the file itself, or in one that it names."""
    inline, file = held.get(f"{name}-data"), text(held, name)
    if isinstance(inline, str):
        try:
            return base64.b64decode(inline, validate=True).decode("ascii")
        except (binascii.Error, ValueError) as error:
            raise _unusable("GAIA_ARGOCD_KUBECONFIG", f"its {name}-data is no base64 of one") from error
    return _read(folder / file, "GAIA_ARGOCD_KUBECONFIG") if file else ""


def _trusting(authority: str) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=authority)
    except (ssl.SSLError, ValueError) as error:
        raise _unusable("what vouches for the server", "it is no certificate in PEM") from error
    # Kubernetes' own authorities have no identifier of the key, which strict rules ask for; all else is checked.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _named(held: Mapping[str, object], name: str, wanted: str) -> Mapping[str, object]:
    return next((one for one in objects(held, name) if text(one, "name") == wanted), {})


def _read(path: Path, setting: str) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise _unusable(setting, f"{path} cannot be read: {why}") from error


def _unusable(setting: str, what: str) -> Invalid:
    return Invalid("cluster-file", f"{setting} cannot be used: {what}", next_step=f"Look at what {setting} says.")


def _address(url: str, setting: str) -> str:
    """The address without a slash at its end; one that holds a password would be told in an error."""
    if not url.startswith(("https://", "http://")) or "@" in url:
        raise _unusable(setting, "an address is https://HOST, without a name and a password")
    return url.rstrip("/")


def _host(url: str) -> str:
    """The address without who one is there."""
    from gaia.kit.visible import cut, visible

    return (
        visible(cut(url.partition("://")[2].rpartition("@")[2].partition("/")[0], 200)) or "an address without a host"
    )
