"""The working directory of one instance: a copy of the components tree, and the files that Gaia adds."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.errors import Invalid, NotFound
from gaia.kit import hcl
from gaia.kit.files import exclusive, in_turn, inside, write_failed
from gaia.stacks.own_settings import check_workspace
from gaia.terraform import errored, generated
from gaia.terraform.authored import of_providers, of_vars, path_at
from gaia.terraform.fingerprints import fingerprints

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from gaia.errors import Position
    from gaia.stacks.model import Instance
    from gaia.terraform.authored import Finder

_LEFT_OUT = frozenset({".terraform", ".git", "terraform.tfstate.d"})
"""What a checkout may hold from somebody else's runs."""
_TESTS = (".tftest.hcl", ".tftest.json", ".tofutest.hcl", ".tofutest.json")
"""`init` reads a component's tests too, and fails where they use what this terraform, or tofu, does not know."""
COPIED = "copied-tree.json"
"""Beside a copy: its files as they were copied; there until what terraform left is brought back."""
_IN_USE = "folder.lock"
CODE = (".tf", ".tf.json", ".tofu", ".tofu.json")
"""Ends of the names of files that terraform, or tofu, reads as code."""


@dataclass(frozen=True, slots=True)
class WorkingDirectory:
    """Where terraform runs. `root` holds `tree` (the copy), `data` (TF_DATA_DIR) and nothing of anybody else's."""

    root: Path
    tree: Path
    module: Path
    """The folder in `tree` that terraform runs in."""
    data: Path
    varfile: Path
    planfile: Path
    workspace: str = "default"
    name: str = ""
    """Whose it is, for messages: `STACK/COMPONENT`."""
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The instance's `env` section."""
    authors: Mapping[str, Finder] = field(default_factory=dict, repr=False)
    """By name, the files in `module` that hold values which somebody wrote elsewhere, and what finds where."""
    locks: tuple[Path, ...] | None = None
    """The lock files that say which providers are taken, some of which may not be there; None: the one in `module`."""
    code: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What was copied by `copying`, by path in `tree`, before anything was written there."""

    def authored(self, at: Position) -> Position | None:
        """Where somebody wrote what stands at a place in a file that Gaia made; None for any other file."""
        find = self.authors.get(at.file)
        if find is None:
            return None
        try:
            text = (self.module / at.file).read_text("utf-8")
        except OSError:
            return None
        return find(path_at(text, at.line))

    @property
    def core_log(self) -> Path:
        """Where terraform's core log goes while a command may hold the state lock (see `gaia.terraform.lock`)."""
        return self.root / "core.log"

    @property
    def plans(self) -> Path:
        """Folder for plan files of which each has a name of its own: nothing is ever written over the one applied."""
        return self.root / "plans"


def alone_in(root: Path) -> AbstractContextManager[None]:
    """Nobody else prepares or uses the working directory in `root` while the block runs; waits for who does now."""
    return in_turn(root / _IN_USE)


def alone_if_free(root: Path) -> AbstractContextManager[bool]:
    """Like `alone_in`, but yields False, at once, while somebody else is in there."""
    return exclusive(root / _IN_USE)


def forget(wd: WorkingDirectory) -> None:
    """Remove what holds values in clear once nobody needs it: the varfile and every plan file.

    Call it when the work in the folder has ended, however it ended; `prepare` makes what the next one needs.

    Raises:
        Unavailable: `file-not-writable`.
    """
    try:
        for path in (wd.varfile, wd.planfile):
            path.unlink(missing_ok=True)
        if wd.plans.exists():
            shutil.rmtree(wd.plans)
    except OSError as error:
        raise write_failed(wd.root, error) from error


def prepare(
    root: Path,
    *,
    tree_source: Path,
    instance: Instance,
    variables: Mapping[str, object],
    extra: Mapping[str, bytes] | None = None,
    providers: Mapping[str, object] | None = None,
    components: str = "",
    states: Path | None = None,
    copying: Callable[[Path, Path], None] | None = None,
    backends: bool = True,
) -> WorkingDirectory:
    """Make (or make again) the working directory of an instance; `data`, with its initialised providers, is kept.

    Args:
        root: the instance's own folder. Where others may come too, the caller is `alone_in` it until it has done all.
        tree_source: the tree to copy, at one commit. Modules that components name by relative paths must lie in it.
        instance: where `component_path`, backend, workspace, providers, env and file names come from.
        variables: the varfile's content; references are resolved by now.
        extra: further files for the module's folder, by name.
        providers: the providers section with its references resolved; the instance's own by default.
        components: the components' base path inside `tree_source`; empty when `tree_source` is that folder.
        states: where the states are kept whose backend is a relative path on this machine; None: in the copy, and gone
            with it.
        copying: copies the part of `tree_source` that is needed; all of it by default (`copy_tree`).
        backends: whether the stack says which backend there is, as it does unless `atmos.yaml` says
            `auto_generate_backend_file: false`; else the code does.

    Raises:
        NotFound: as `code_of`. Invalid: `path-escapes`, `value-unresolved`, `hcl-syntax`; `workspace-invalid`.
        Conflict: `state-errored`. Unavailable: `disk-full`, `file-not-writable`.
    """
    tree, data = root / "tree", root / "data"
    check_workspace(instance)
    errored.check(instance, (tree / components / instance.component_path,))  # the copy is made anew
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        root.chmod(0o700)
        data.mkdir(exist_ok=True)
        _drop_torn(data)
        (root / COPIED).unlink(missing_ok=True)  # else what is about to go would look removed by terraform
        for left in (tree, root / "plans"):
            if left.exists():
                shutil.rmtree(left)
        (copying or copy_tree)(tree_source, tree)
        code = fingerprints(tree) if copying else {}
    except OSError as error:
        raise write_failed(root, error) from error
    module = code_of(instance, tree, components)
    component = hcl.read_component(module, tree.resolve())
    files = _instance_files(instance, component, providers, states, backends=backends) | dict(extra or {})
    for name, content in files.items():
        write_private(inside(module, name), content)
    varfile, planfile = inside(module, instance.varfile_name), inside(module, instance.planfile_name)
    write_private(varfile, generated.dump(dict(variables), f"the vars of {instance.key}", of_vars(instance)))
    return WorkingDirectory(
        root,
        tree,
        module,
        data,
        varfile,
        planfile,
        workspace=instance.workspace or "default",
        name=str(instance.key),
        environ=instance.environ,
        authors={varfile.name: of_vars(instance)} | dict.fromkeys(generated.PROVIDER_FILES, of_providers(instance)),
        code=code,
    )


def code_of(instance: Instance, tree: Path, components: str) -> Path:
    """The folder of an instance's code in a copy of the tree.

    Raises:
        NotFound: `component-folder-missing`. Invalid: `path-escapes`.
    """
    module = inside(tree, str(Path(components) / instance.component_path))
    if not module.is_dir():
        raise NotFound(
            "component-folder-missing",
            f"{instance.key}: there is no folder {instance.component_path!r} among the components",
            next_step="Set metadata.component to a folder of Terraform code.",
            at=instance.place(("metadata", "component")),
        )
    return module


def check_code(instance: Instance, tree: Path, components: str) -> None:
    """Refuse an instance without code: terraform would take it for a configuration that wants nothing to exist.

    Raises:
        NotFound: `component-folder-missing`, `component-without-code`. Invalid: `path-escapes`.
    """
    if not any(path.name.endswith(CODE) for path in code_of(instance, tree, components).iterdir()):
        raise NotFound(
            "component-without-code",
            f"{instance.key}: there is no Terraform code in {str(Path(components) / instance.component_path)!r}",
            next_step="Write its .tf files, or set metadata.component to a folder that has some.",
            at=instance.place(("metadata", "component")),
        )


def _drop_torn(data: Path) -> None:
    """Remove what a killed `init` left half written: it reads these first, and would fail for ever."""
    for name in ("terraform.tfstate", "modules/modules.json"):
        try:
            json.loads((data / name).read_bytes())
        except FileNotFoundError:
            continue
        except ValueError:
            (data / name).unlink()


def _instance_files(
    instance: Instance,
    component: hcl.Component,
    providers: Mapping[str, object] | None,
    states: Path | None,
    *,
    backends: bool,
) -> dict[str, bytes]:
    """The files that make the component this instance: its backend and its provider configurations."""
    having = frozenset((provider.name, provider.alias or "") for provider in component.providers)
    files = generated.providers(instance.providers if providers is None else providers, having=having)
    kind, body = (instance.backend_type, instance.backend) if backends else ("", {})
    if not kind and (component.backend is None or component.backend[0] == "local"):
        kind, body = ("local" if states is not None else ""), component.backend_settings
    if states is not None and kind == "local":
        body = _kept_in(states, instance.component_path, body)
    if kind and kind != "static":
        files["backend_override.tf.json"] = generated.backend(kind, body, instance.workspace)
    return files


def _kept_in(states: Path, component: str, body: Mapping[str, object]) -> dict[str, object]:
    """A local backend as in a checkout, with `states` for the folder of all components; absolute paths stay."""
    folder = inside(states, component)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise write_failed(folder, error) from error
    kept = dict(body)
    for name, usual in (("path", "terraform.tfstate"), ("workspace_dir", "terraform.tfstate.d")):
        path = str(body.get(name) or usual)
        kept[name] = path if Path(path).is_absolute() else str(inside(states, f"{component}/{path}"))
    return kept


def copy_tree(source: Path, target: Path) -> None:
    """Copy a tree as plain files, without tests: links that stay inside are followed, one that leads out is refused.

    Raises:
        Invalid: `path-escapes`.
    """
    home = source.resolve()

    def check(folder: str, names: list[str]) -> set[str]:
        for name in names:
            path = Path(folder) / name
            if path.is_symlink() and not path.resolve().is_relative_to(home):
                raise Invalid(
                    "path-escapes",
                    f"{path.relative_to(source)} is a link that leads out of the components",
                    next_step="Replace the link by the files themselves.",
                )
        return {name for name in names if name in _LEFT_OUT or ".tfstate" in name or name.endswith(_TESTS)}

    shutil.copytree(source, target, ignore=check, copy_function=shutil.copyfile)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, from its first byte on.

    Raises:
        Unavailable: `disk-full`, `file-not-writable`.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
    except OSError as error:
        raise write_failed(path, error) from error
