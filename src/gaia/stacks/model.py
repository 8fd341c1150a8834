"""What the stacks room hands out: keys, references, origins, instances."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote

from gaia.errors import Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gaia.errors import Position


@dataclass(frozen=True, order=True, slots=True)
class InstanceKey:
    """One component in one stack. A component's name may hold slashes."""

    stack: str
    component: str

    def __str__(self) -> str:
        return f"{self.stack}/{self.component}"

    @property
    def folder(self) -> str:
        """`STACK/COMPONENT` as two folder names, so that none is inside of another's (`eks`, `eks/cluster`)."""
        return "/".join(name.replace("%", "%25").replace("/", "%2F") for name in (self.stack, self.component))

    @classmethod
    def of_folder(cls, text: str) -> InstanceKey:
        """The inverse of `folder`."""
        key = cls.parse(text)
        return cls(unquote(key.stack), unquote(key.component))

    @classmethod
    def parse(cls, text: str) -> InstanceKey:
        """`STACK/COMPONENT`; the first slash divides.

        Raises:
            Invalid: `instance-key`.
        """
        stack, slash, component = text.partition("/")
        if not (slash and stack and component):
            raise Invalid(
                "instance-key", f"{text!r} does not name an instance", next_step="Write it as STACK/COMPONENT."
            )
        return cls(stack, component)


AUTHORED = (
    *("vars", "settings", "env", "metadata", "component", "command"),
    *("backend_type", "backend", "remote_state_backend_type", "remote_state_backend"),
    *("providers", "required_providers", "required_version", "dependencies", "overrides", "hooks", "auth"),
    *("generate", "source", "provision", "locals", "secrets", "retry"),
)
"""Sections that a manifest can hold."""
RESOLVED = ("vars", "settings", "env", "metadata", "providers", "backend")
"""The sections that `Instance` has resolved, by the names of its attributes."""


def authored_only(document: Mapping[str, object]) -> dict[str, object]:
    """What somebody wrote of a document of `describe component`, without what Atmos adds; `imports` as `import`."""
    written_down = {key: document[key] for key in AUTHORED if document.get(key) not in (None, "", {}, [])}
    return written_down | ({"import": document["imports"]} if document.get("imports") else {})


@dataclass(frozen=True, slots=True)
class Reference:
    """A value that another instance's Terraform state will give."""

    function: str
    """`terraform.state` or `terraform.output`."""
    component: str
    stack: str
    """The stack of the other instance; the own one where none is written."""
    expression: str
    """An output's name, or a yq expression that begins with a dot."""
    text: str
    """As written, with the exclamation mark."""
    at: Position


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that only something outside of the repository can give, and nobody was asked or knew."""

    function: str
    """The function's name, for instance `store.get`."""
    text: str
    """As written, with the exclamation mark."""
    at: Position
    kind: str | None = None
    """The type of the value, if it is known: `string`, `number`, `bool`, `list` or `map`."""
    needs: tuple[Reference, ...] = ()
    """The outputs of other instances that it is made of, as far as they are known."""


HOLDERS = (Reference, Unknown)
"""What stands in the place of a value that is not known."""


def holders(value: object) -> Iterator[Reference | Unknown]:
    """What a value holds that is not known."""
    if isinstance(value, HOLDERS):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    for child in inner:
        yield from holders(child)


def written(value: object) -> object:
    """`value` with references and unknowns as the texts that they are in the manifest."""
    if isinstance(value, HOLDERS):
        return value.text
    if isinstance(value, dict):
        changed = {key: new for key, old in value.items() if (new := written(old)) is not old}
        return value | changed if changed else value
    if isinstance(value, list):
        items = [written(inner) for inner in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


@dataclass(frozen=True, slots=True)
class Origin:
    """A value, where it is written, and what it beat: the newest loser first."""

    value: object
    at: Position
    overridden: tuple[Origin, ...]


class Provenance(Protocol):
    """What an instance asks for the parts that are made only on demand."""

    def explain(self, path: Sequence[str | int]) -> Origin:
        """The origin of the value at `path`, whose first element is a section."""
        ...

    def describe(self) -> dict[str, object]:
        """Atmos's `describe component` document."""
        ...

    def listing(self) -> dict[str, object]:
        """The same without the account of files."""
        ...


@dataclass(frozen=True, eq=False)
class Instance:
    """One component in one stack, resolved. Its maps are shared with other instances and must not be changed."""

    key: InstanceKey
    component_path: str
    """The folder of the code, below the base path of the type's components."""
    vars: Mapping[str, object]
    settings: Mapping[str, object]
    env: Mapping[str, object]
    metadata: Mapping[str, object]
    providers: Mapping[str, object]
    backend_type: str
    backend: Mapping[str, object]
    dependencies: Mapping[str, object]
    workspace: str
    command: str
    inheritance: tuple[str, ...]
    """The bases, strongest first."""
    imports: tuple[str, ...]
    """All files that the manifest reaches, relative to the stacks folder, without extension."""
    manifest: str
    """The top-level manifest, relative to the stacks folder, without extension."""
    varfile_name: str
    planfile_name: str
    abstract: bool
    enabled: bool
    references: tuple[tuple[tuple[str | int, ...], Reference], ...]
    """The references in `vars` and `providers`, each with its path (`("vars", "key_arn")`)."""
    provenance: Provenance = field(repr=False)
    kind: str = "terraform"
    """The type: `terraform`, `helmfile` and so on."""

    @property
    def environ(self) -> dict[str, str]:
        """Its `env` section as a program's environment has it: what is null is not set.

        Raises:
            Invalid: `value-unresolved`, for a value that is not known.
        """
        for name, value in self.env.items():
            if isinstance(value, HOLDERS):
                raise Invalid(
                    "value-unresolved",
                    f"env.{name} of {self.key} is not known: {value.text}",
                    next_step="Apply first what it reads, or write the value out.",
                    at=value.at,
                )
        return {name: str(value) for name, value in self.env.items() if value is not None}

    def explain(self, path: Sequence[str | int]) -> Origin:
        """Where the value at `path` comes from, for instance `("vars", "tags", "owner")`.

        Raises:
            NotFound: `path-unknown`.
        """
        return self.provenance.explain(path)

    def place(self, path: Sequence[str | int]) -> Position:
        """Where the value at `path` is written, else what is around it, else the component."""
        for end in range(len(path), 0, -1):
            try:
                return self.explain(path[:end]).at
            except NotFound:
                continue
        return self.explain(()).at

    def describe(self, *, authored: bool = False) -> dict[str, object]:
        """The document of `atmos describe component`, references as they are written.

        All of it is what Atmos calls the filter `full`; `authored` leaves only what somebody wrote, its newer default.
        """
        document = self.provenance.describe()
        if not authored:
            return document
        return authored_only(document)

    def listing(self) -> dict[str, object]:
        """The same without the account of where each value comes from, which takes most of the time."""
        return self.provenance.listing()
