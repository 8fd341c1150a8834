"""A checkout on disk whose terraform is played: quietly it is `PlayedTerraform`, loudly a small program."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import pytest
from tests.program import Program
from tests.unit.platform.conftest import approved, loop, loop_at, stages  # noqa: F401 - fixtures
from tests.unit.platform.loop import FILES, STACK
from tests.unit.platform.played import PlayedTerraform, Rules, World

from gaia.checkout.checkout import Checkout
from gaia.checkout.files import CheckoutFiles, Revision
from gaia.checkout.journal_files import JournalFiles
from gaia.checkout.words import Words
from gaia.cost.book import PriceBook
from gaia.cost.embedded import Embedded
from gaia.kit import keys
from gaia.kit.interrupt import Interrupt
from gaia.kit.slots import Slots
from gaia.platform.workplace import Workplace
from gaia.stacks.repository import Repository
from gaia.terraform.tool import Tool

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gaia.checkout.ports import Records
    from gaia.stacks.model import Instance
    from gaia.terraform.command import Terraform

NET = f"{STACK}/net"
HOME = "components/key"


@dataclass
class Ground:
    """A repository in `root`, and what acts on it. Each call of `checkout` reads it anew."""

    root: Path
    program: Program
    world: World = field(default_factory=World)
    rules: Rules = field(default_factory=Rules)
    interrupt: Interrupt = field(default_factory=Interrupt)
    shell: dict[str, str] = field(default_factory=lambda: {"PATH": os.environ["PATH"], "TF_VAR_more": "1"})
    commands: list[str] = field(default_factory=list)
    """Which program was asked for, each time that one is made."""
    more: dict[str, Any] = field(default_factory=dict)
    """Further fields of the checkout."""

    def write(self, **files: str) -> None:
        """Write files of the repository."""
        for name, text in files.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text)

    def net(self, more: str) -> None:
        """The manifest of `net`, with more of the component's mapping."""
        component = f"{{metadata: {{component: key}}, vars: {{text: shared}}, {more}}}"
        self.write(**{"stacks/net.yaml": f"import: [_defaults]\ncomponents: {{terraform: {{net: {component}}}}}\n"})

    def locally(self) -> None:
        """Let states be files."""
        text = (self.root / "stacks/_defaults.yaml").read_text()
        self.write(**{"stacks/_defaults.yaml": text.partition("terraform:")[0] + "terraform: {backend_type: local}\n"})

    @property
    def home(self) -> Path:
        """The folder of the component `key`."""
        return self.root / HOME

    @property
    def folder(self) -> Path:
        """Where working directories and journals are."""
        return self.root.parent / "home/repos/checkout"

    def files(self) -> CheckoutFiles:
        """As they lie."""
        repository = Repository.open(self.root, environ={})
        return CheckoutFiles(
            repository, "c" * 40, cache(lambda: Embedded(PriceBook.open())), lambda: self.root.parent / "package"
        )

    def terraform(self, redact: Any, command: str) -> Terraform:
        """The played one, whose program is the small one."""
        self.commands.append(command)
        tool = Tool(self.program.path, "terraform", "1.12.0")
        made = PlayedTerraform(self.world, redact, self.interrupt, tool, self.folder)
        return cast("Terraform", made)

    def checkout(self, records: Records | None = None) -> Checkout:
        """The repository as it lies now."""
        files = self.files()
        key, slots = keys.make_key(self.folder / "keys"), Slots(self.root.parent / "slots", 2, pause=lambda: None)
        states = files.repository.components_path
        workplace = Workplace(self.folder, states, key, slots, lambda: self.rules)
        made = Checkout(
            files,
            Revision("c" * 40, 0),
            workplace,
            records or JournalFiles(workplace),
            self.terraform,
            self.interrupt,
            self.shell,
        )
        return replace(made, **{"sees_all": lambda: True, **self.more})

    def words(self, subcommand: str, *arguments: str, second: str = "", **own: str) -> Words:
        """What was typed of `net`."""
        return Words(subcommand, second, "net", STACK, tuple(arguments), own)

    def instance(self, checkout: Checkout, component: str = "net") -> Instance:
        """One of the stack's."""
        return checkout.instance(component, STACK)

    def left(self, pattern: str) -> Sequence[Path]:
        """Files below the working directories."""
        return [path for path in self.folder.rglob(pattern) if path.is_file()]


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    """The repository of `tests.unit.platform.loop`, in files."""
    made = Ground(tmp_path / "repository", Program(tmp_path / "program"))
    made.write(**FILES)
    return made
