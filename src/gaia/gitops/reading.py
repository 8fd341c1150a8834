"""`release.yaml`: what a release is made of, as people and pipelines write it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from gaia.errors import Invalid
from gaia.gitops.fields import LABEL, LINE, Fields, is_plain, shown
from gaia.gitops.layout import HOST
from gaia.gitops.model import (
    Clear,
    FromSecret,
    Image,
    Metrics,
    Place,
    Probes,
    Reach,
    Release,
    Replicas,
    Route,
    Smoke,
    Value,
)
from gaia.gitops.progressive.reading import progressive_of
from gaia.kit.credentials import hidden

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.errors import Position
    from gaia.gitops.layout import Layout
    from gaia.kit.marks import Document

FILE = "release.yaml"
FIELDS = (
    *("service", "tenant", "stage", "owner", "image", "ports", "replicas", "resources", "env", "probes", "route"),
    *("metrics", "callers", "reaches", "identity", "smoke", "one_way", "progressive", "outputs"),
)
_REPOSITORY = r"[a-z0-9][a-z0-9.-]*(?::[0-9]{1,5})?(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)+"
_IMAGE = re.compile(rf"(?P<repository>{_REPOSITORY})@(?P<digest>sha256:[0-9a-f]{{64}})")
_TAGGED = re.compile(rf"{_REPOSITORY}(?::[\w.-]+)?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_PORT_NAME = re.compile(r"(?=.*[a-z])(?!.*--)[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?")
_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]{0,512}")
_CPU = re.compile(r"[1-9][0-9]{0,5}m?")
_MEMORY = re.compile(r"[1-9][0-9]{0,5}(Ki|Mi|Gi)")
_OWNER = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_SECRET_KEY = re.compile(r"[\w.@+=-]+(/[\w.@+=-]+)+")
_PROPERTY = re.compile(r"[\w.-]{1,128}")
_ROLE = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/[\w+=,.@/-]{1,512}")
_CIDR = re.compile(r"[0-9a-f.:]{2,39}/\d{1,3}")
_TELLING = re.compile(
    r"(?i)(^|_)(password|passwd|passphrase|pwd|secret|token|api_?key|access_?key|private_?key|credentials?)$"
)
"""Names of variables whose value is one, unless it says where one lies."""
_REFERS = re.compile(r"(/.*|https?://[^:@]*|\$\([A-Za-z_]\w*\)|true|false|[0-9]*)")
_PAGE = re.compile(rf"https?://{HOST.pattern}(:[1-9][0-9]{{0,4}})?{_PATH.pattern}")
_LONGEST = 300
"""Characters of a sentence."""
_MOST_ENV = 200
_WIDEST = {4: 8, 6: 16}
"""Bits that a network has at least, by the version of IP."""
_NODES = ("169.254.169.254", "fd00:ec2::254")
"""Where a machine of AWS asks for its own credentials."""


def read(document: Document, layout: Layout) -> Release:
    """The release that a file describes, in a repository of this layout.

    Raises:
        Invalid: `release-invalid`, `release-image-tag`, `release-secret-in-clear`, `release-secret-foreign`,
            `release-output-missing`; each with its place.
    """
    held = Fields.of(document, _wrong)
    held.only(*FIELDS)
    place = _place(held, layout)
    ports = _ports(held)
    resources = held.below("resources")
    if resources:
        resources.only("cpu", "memory")
    return Release(
        place=place,
        owner=held.text("owner", form=_OWNER, as_in="media"),
        image=_image(held),
        ports=ports,
        replicas=_replicas(held),
        cpu=resources.text("cpu", form=_CPU, as_in="250m") if resources else "100m",
        memory=resources.text("memory", form=_MEMORY, as_in="256Mi") if resources else "128Mi",
        env=_env(held, place),
        probes=_probes(held, ports),
        route=_route(held, ports, place, layout),
        metrics=_metrics(held, ports),
        callers=tuple(sorted(held.texts("callers", LABEL, "music"))),
        reaches=tuple(_reach(one) for one in held.maps("reaches")),
        identity=held.text("identity", "", form=_ROLE, as_in="arn:aws:iam::111111111111:role/photos"),
        smoke=_smoke(held, place, layout),
        one_way=_one_way(held),
        progressive=progressive_of(below, layout.numbers, routed="route" in held.held)
        if (below := held.below("progressive"))
        else None,
        source=held.held,
    )


def image_of(text: str) -> Image:
    """An image that somebody names outside of a file.

    Raises:
        Invalid: `release-image-tag`, `release-invalid`.
    """
    return _read_image(text, None)


def _wrong(at: Position | None, what: str, step: str) -> Invalid:
    return Invalid("release-invalid", f"the release cannot be made: {what}", next_step=step, at=at)


def _place(held: Fields, layout: Layout) -> Place:
    tenant, stage = held.name("tenant", as_in="acme"), held.name("stage", as_in="dev")
    for name, found, known in (("tenant", tenant, layout.tenants), ("stage", stage, layout.stages)):
        if found not in known:
            raise held.wrong(
                name, f"the GitOps repository has no {name} {found}", f"It has {', '.join(known)}; see its gitops.yaml."
            )
    return Place(tenant, stage, held.name("service", as_in="photos"))


def _image(held: Fields) -> Image:
    return _read_image(
        held.text("image", as_in="registry.example.com/acme/photos@sha256:…"), held.document.at(("image",))
    )


def _read_image(text: str, at: Position | None) -> Image:
    found = _IMAGE.fullmatch(text)
    if found:
        return Image(found["repository"], found["digest"])
    if _TAGGED.fullmatch(text):
        raise Invalid(
            "release-image-tag",
            f"the image {shown(text)} has no digest: a tag can be another image tomorrow",
            next_step="Name it as REPOSITORY@sha256:… with the digest that the push printed.",
            at=at,
        )
    raise _wrong(at, f"image is {shown(text)}", "Write it as REGISTRY/REPOSITORY@sha256:DIGEST.")


def _ports(held: Fields) -> dict[str, int]:
    below = held.below("ports")
    if below is None or not below.held:
        raise held.wrong("", "ports is missing", "Add them, as in `ports: {http: 8080}`.")
    for name in below.held:
        if not _PORT_NAME.fullmatch(name):
            raise below.wrong(name, f"a port is called {shown(name)}", "Use at most 15 lower-case letters and digits.")
    # Nobody but root listens below 1024, and pods are not root.
    found = {name: below.number(name, None, 1024, 65535) for name in below.held}
    if len(set(found.values())) < len(found):
        raise held.wrong("ports", "two ports have one number", "Give each its own.")
    return found


def _port(fields: Fields, ports: Mapping[str, int]) -> str:
    port = fields.text("port", next(iter(ports)), as_in=next(iter(ports)))
    if port not in ports:
        raise fields.wrong("port", f"there is no port {shown(port)}", f"Ports are {', '.join(ports)}.")
    return port


def _replicas(held: Fields) -> Replicas:
    if not isinstance(held.held.get("replicas", 1), dict):
        number = held.number("replicas", 1, 1, 500)
        return Replicas(number, number, 70)
    below = held.below("replicas")
    assert below is not None  # noqa: S101  it is a map
    below.only("min", "max", "cpu")
    least = below.number("min", None, 1, 500)
    return Replicas(least, below.number("max", None, least, 500), below.number("cpu", 70, 1, 100))


def _env(held: Fields, place: Place) -> dict[str, Value]:
    below = held.below("env")
    if below is None:
        return {}
    if len(below.held) > _MOST_ENV:
        raise held.wrong("env", f"env has {len(below.held)} variables", f"Keep it to {_MOST_ENV}.")
    outputs = held.below("outputs")
    return {name: _value(below, name, place, outputs) for name in below.held}


def _value(env: Fields, name: str, place: Place, outputs: Fields | None) -> Value:
    if not _VARIABLE.fullmatch(name):
        raise env.wrong(name, f"a variable is called {shown(name)}", "Use letters, digits and _, a letter first.")
    value = env.held[name]
    if isinstance(value, dict):
        below = env.of_value(value, (*env.path, name))
        if "secret" in value:
            return _secret(below, place)
        below.only("output")
        output = below.text("output", as_in="queue_url")
        if outputs is None or output not in outputs.held:
            raise Invalid(
                "release-output-missing",
                f"{name} is the output {shown(output)}, and nobody gave its value",
                next_step="Hand the outputs of the infrastructure in, as terraform prints them with -json.",
                at=below.document.at(below.path),
            )
        value = outputs.held[output]
        if not isinstance(value, str):
            raise outputs.wrong(output, f"the output {output} is no text", "Take one that is a text.")
    if not isinstance(value, str):
        raise env.wrong(name, f"{name} is no text", f'Put it in quotes: `{name}: "{shown(value)}"`.')
    if not LINE.fullmatch(value) or not is_plain(value):
        raise env.wrong(name, f"{name} has more than a line, or characters that nobody sees", "Write one line.")
    if hidden(value, "") != value or (_TELLING.search(name) and not _REFERS.fullmatch(value)):
        _in_clear(env.document.at((*env.path, name)), name)
    return Clear(value)


def _in_clear(at: Position, name: str) -> NoReturn:
    raise Invalid(
        "release-secret-in-clear",
        f"{name} looks like a secret, and everybody who reads the repository would have it, for ever",
        next_step=f"Put it into the secret store, and write `{name}: {{secret: TENANT/STAGE/NAME}}`.",
        at=at,
    )


def _secret(fields: Fields, place: Place) -> FromSecret:
    fields.only("secret", "property")
    prefix = f"{place.tenant}/{place.stage}/"
    key = fields.text("secret", form=_SECRET_KEY, as_in=f"{prefix}database")
    if not key.startswith(prefix) or ".." in key.split("/"):
        raise Invalid(
            "release-secret-foreign",
            f"the secret {shown(key)} is not one of {prefix[:-1]}",
            next_step=f"Take one whose name begins with {prefix}.",
            at=fields.document.at((*fields.path, "secret")),
        )
    return FromSecret(key, fields.text("property", "", form=_PROPERTY, as_in="password"))


def _probes(held: Fields, ports: Mapping[str, int]) -> Probes | None:
    below = held.below("probes")
    if below is None:
        return None
    below.only("port", "ready", "live", "start_seconds")
    ready = below.text("ready", form=_PATH, as_in="/ready")
    live = below.text("live", ready, form=_PATH, as_in="/live")
    return Probes(_port(below, ports), ready, live, below.number("start_seconds", 60, 1, 3600))


def _route(held: Fields, ports: Mapping[str, int], place: Place, layout: Layout) -> Route | None:
    below = held.below("route")
    if below is None:
        return None
    below.only("hosts", "path", "port")
    hosts = below.texts("hosts", HOST, "photos.acme.example.com")
    if not hosts:
        raise below.wrong("hosts", "hosts is empty", "Name at least one.")
    if layout.gateway is None:
        raise held.wrong("route", "the GitOps repository names no gateway", "Add one to its gitops.yaml.")
    for host in hosts:
        _check_host(below, "hosts", host, place, layout)
    return Route(hosts, below.text("path", "/", form=_PATH, as_in="/"), _port(below, ports))


def _smoke(held: Fields, place: Place, layout: Layout) -> Smoke | None:
    below = held.below("smoke")
    if below is None:
        return None
    below.only("url", "status")
    url = below.text("url", form=_PAGE, as_in="https://photos.acme.example.com/health")
    _check_host(below, "url", url.partition("://")[2].partition("/")[0].partition(":")[0], place, layout)
    return Smoke(url, below.number("status", 200, 100, 599))


def _one_way(held: Fields) -> str:
    said = held.text("one_way", "", as_in="it drops the table of albums")
    if len(said) > _LONGEST:
        raise held.wrong("one_way", f"one_way has {len(said)} characters", f"Say it in {_LONGEST}.")
    return said


def _check_host(fields: Fields, name: str, host: str, place: Place, layout: Layout) -> None:
    domains = layout.tenants[place.tenant].domains
    if not any(host == one or host.endswith(f".{one}") for one in domains):
        owned = ", ".join(domains) or "none"
        raise fields.wrong(name, f"{host} is no name of {place.tenant}", f"Its domains are: {owned}.")


def _metrics(held: Fields, ports: Mapping[str, int]) -> Metrics | None:
    below = held.below("metrics")
    if below is None:
        return None
    below.only("port", "path")
    return Metrics(_port(below, ports), below.text("path", "/metrics", form=_PATH, as_in="/metrics"))


def _reach(fields: Fields) -> Reach:
    fields.only("service", "cidr", "port")
    port = fields.number("port", None, 1, 65535)
    if ("service" in fields.held) == ("cidr" in fields.held):
        raise fields.wrong("", "it names no target, or two", "Write a service or a cidr, and a port.")
    if "service" in fields.held:
        return Reach("service", fields.name("service", as_in="music"), port)
    import ipaddress

    text = fields.text("cidr", form=_CIDR, as_in="10.20.0.0/16")
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        raise fields.wrong("cidr", f"{shown(text)} is no network", "Write it as 10.20.0.0/16.") from None
    if network.prefixlen < _WIDEST[network.version]:
        raise fields.wrong("cidr", f"{text} is a large part of the internet", "Name the networks that it needs.")
    if any(ipaddress.ip_address(one) in network for one in _NODES):
        raise fields.wrong("cidr", f"{text} holds the address at which nodes give their rights away", "Leave it out.")
    return Reach("cidr", str(network), port)
