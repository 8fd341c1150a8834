"""What is taken away when it is old, and what never is: whatever somebody still goes on by."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from tests.unit.platform.aging import age, cleaned, names
from tests.unit.platform.loop import KEY, STORE

from gaia.errors import NotFound, Refused, Unavailable
from gaia.kit import clock
from gaia.operations.journal import Journal, read
from gaia.platform.instances import journals
from gaia.platform.serving.retention import Retention, _delete, clean, clean_daily
from gaia.records import audit, people
from gaia.records.model import Grant

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop


def test_what_an_open_request_needs_stays(home: Loop) -> None:
    """It waits, is approved, and is applied after everything was cleaned; nothing of it was touched."""
    request = home.previewed()
    assert cleaned(home) == ()
    home.as_("gus").approve(request)
    assert names(cleaned(home), "preview") == []
    assert home.carry_out(request).status == "done"


def test_of_an_ended_request_stays_what_was_approved(home: Loop) -> None:
    """Logs and journals go, once they are old; what somebody signed can be read as long as the signature."""
    request = home.done()
    run = [one.id for one in home.view(request).runs]
    found = cleaned(home)
    assert names(found, "log") == sorted(run)
    assert names(found, "journal") == [f"{request}/{KEY}", f"{request}/{STORE}"]
    assert names(found, "preview") == []
    assert home.lines(request) == []
    assert home.view(request).preview is not None
    assert cleaned(home) == ()


def test_what_nobody_approved_goes_and_is_not_called_damaged(home: Loop) -> None:
    """The request can be looked at: it says that its changes are not kept any more."""
    request = home.previewed()
    home.as_("gus").reject(request, reason="no")
    with home.platform.database.begin() as tx:  # a rejection is a decision on a preview too; a withdrawn one is none
        from gaia.records import approvals

        approvals.void(tx, request, "withdrawn", at=clock.now())
    assert len(names(cleaned(home), "preview")) == 1
    view = home.view(request)
    assert view.preview is not None
    assert (view.preview.kept, view.preview.changes) == (False, ())
    assert "cannot be used" not in view.reason


def test_young_things_stay(home: Loop) -> None:
    """Nothing goes before its time; `at_most` shortens the time of all."""
    home.done()
    assert clean(home.platform, Retention(), actor="engine") == ()
    assert clean(home.platform, Retention().at_most(timedelta(0)), actor="engine", dry_run=True) != ()


def test_a_dry_run_takes_nothing(home: Loop) -> None:
    """It says the same as the run after it."""
    home.done()
    would = cleaned(home, dry_run=True)
    assert would
    assert all(one.size > 0 for one in would if one.kind == "log")
    assert clean(home.platform, Retention(), actor="engine") == would


@pytest.mark.parametrize("request_", ["req_gone", ""])
def test_an_unfinished_journal_stays_with_its_working_directory(home: Loop, request_: str) -> None:
    """Whatever became of its request: it alone says what may exist. Finished, it goes."""
    document = (
        journals.of_request(home.platform, request_, KEY) if request_ else journals.of_change(home.platform, KEY, 1)
    )
    journal, name = Journal(document), document.name
    journal.append("begin", operation="apply", instance=KEY)
    work = home.platform.folder / "work" / KEY
    (work / "data").mkdir(parents=True)
    (work / "folder.lock").touch()
    assert cleaned(home) == ()
    journal.append("outcome", status="applied")
    found = cleaned(home)
    assert (names(found, "journal"), names(found, "directory")) == ([name], [f"work/{KEY}"])
    assert [path.name for path in work.iterdir()] == ["folder.lock"]
    assert cleaned(home) == ()


def test_plans_and_folders_of_runs_that_ended_go_at_once(home: Loop) -> None:
    """They hold secrets; those of a live run stay."""
    request = home.ask()
    live = home.run(request).id
    for run in (live, "run_gone"):
        home.platform.documents.put("plans", run, b"{}")
        (home.platform.folder / "preview" / run).mkdir(parents=True)
    found = clean(home.platform, Retention(), actor="engine")
    assert (names(found, "plans"), names(found, "directory")) == (["run_gone"], ["preview/run_gone"])
    assert home.platform.documents.get("plans", live) == b"{}"
    with pytest.raises(NotFound):
        home.platform.documents.get("plans", "run_gone")


def test_the_engine_cleans_once_a_day(home: Loop) -> None:
    """And what goes wrong then does not keep it from its work; what was taken is audited."""
    home.done()
    age(home.platform.home)
    clean_daily(home.platform, actor="engine")
    assert home.audited("platform") == ["home.cleaned"]
    home.done("music")
    for kept in (home.platform.home / "runs", home.platform.home / "journals"):
        age(kept)
    clean_daily(home.platform, actor="engine")
    assert home.audited("platform") == ["home.cleaned"]
    age(home.platform.folder, timedelta(hours=25))
    clean_daily(home.platform, actor="engine")
    assert home.audited("platform") == ["home.cleaned"] * 2
    age(home.platform.folder)
    Path(home.platform.documents.where("journal", "req_1/a/b")).parent.mkdir(parents=True)
    Path(home.platform.documents.where("journal", "req_1/a/b")).write_text("damaged\n")
    clean_daily(home.platform, actor="engine")


def test_what_goes_is_told_with_its_size_and_age_and_summed_up_in_the_log(home: Loop) -> None:
    """Of a document, a tree and a folder alike; bytes of files below count."""
    home.done()
    home.platform.snapshot(home.platform.clone().fetch())
    folder = home.platform.folder / "preview" / "run_gone"
    (folder / "tree").mkdir(parents=True)
    (folder / "tree" / "file").write_bytes(b"x" * 70_000)
    would = cleaned(home, dry_run=True)
    then = clock.rfc3339(datetime.fromtimestamp(folder.stat().st_mtime, UTC))
    size = sum(path.lstat().st_size for path in folder.rglob("*"))
    found = clean(home.platform, Retention(), actor="engine")
    assert found == would
    assert {one.kind for one in found} >= {"log", "journal", "tree", "directory"}
    [mine] = [one for one in found if one.name == "preview/run_gone"]
    assert (mine.size, mine.at) == (size, then)
    with home.platform.database.read() as tx:
        entry = audit.entries(tx, subject="platform")[-1]
    assert entry.facts == {"removed": len(found), "bytes": sum(one.size for one in found)}
    assert (entry.actor, entry.repository) == ("engine", "platform")
    assert not folder.exists()


def test_the_finished_journals_of_an_open_request_stay(home: Loop) -> None:
    """One instance is made and the next is not: the request goes on by both."""
    request = home.approved()
    home.carry_out(request, until=f"apply {STORE}")
    assert read(journals.of_request(home.platform, request, KEY))[-1].kind == "outcome"
    assert names(cleaned(home), "journal") == []
    assert home.carry_out(request).status == "done"


def test_what_goes_is_told_in_order(home: Loop) -> None:
    """Whatever order the folders have on the disk."""
    for number in (7, 2, 9, 4, 1, 8):
        (home.platform.folder / "preview" / f"run_{number}" / "tree").mkdir(parents=True)
    assert names(cleaned(home), "directory") == [f"preview/run_{number}" for number in (1, 2, 4, 7, 8, 9)]


def test_a_home_in_which_nothing_was_made_yet_is_cleaned_too(home: Loop) -> None:
    """The engine remembers the day in a folder that it makes."""
    shutil.rmtree(home.platform.folder, ignore_errors=True)
    home.platform.documents.put("plans", "run_gone", b"{}")
    clean_daily(home.platform, actor="engine")
    assert home.audited("platform") == ["home.cleaned"]


def test_nothing_is_written_down_when_nothing_goes(home: Loop) -> None:
    """The engine looks every day."""
    assert clean(home.platform, Retention(), actor="engine") == ()
    assert home.audited("platform") == []


def test_what_cannot_be_removed_is_an_error_and_the_rest_can_go_later(
    home: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names the folder; that cleaning began is written down, and once it can be removed it goes."""
    folder = home.platform.folder / "preview" / "run_gone"
    (folder / "tree").mkdir(parents=True)

    def refuse(path: Path) -> None:
        raise PermissionError(13, "not yours", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", refuse)
        with pytest.raises(Unavailable) as caught:
            cleaned(home)
    assert caught.value.code == "file-not-writable"
    assert str(folder) in caught.value.message
    assert home.audited("platform") == ["home.cleaned"]
    assert names(cleaned(home), "directory") == ["preview/run_gone"]


def test_only_an_admin_of_everything_may_clean(home: Loop) -> None:
    """Others are refused, which is written down."""
    with pytest.raises(Refused):
        home.as_("root").clean()
    assert home.audited("platform") == ["home.cleaned"]  # the refusal
    with home.platform.database.begin() as tx:
        people.grant(tx, "root", Grant("admin"))
    home.done()
    assert home.as_("root").clean(longest=timedelta(0), dry_run=True)
    assert home.as_("root").clean(longest=timedelta(0))
    with home.platform.database.read() as tx:
        entry = audit.entries(tx, subject="platform")[-1]
        root = people.get_person(tx, "root")
    assert (entry.action, entry.actor) == ("home.cleaned", root.id)
    assert cast("int", entry.facts["removed"]) > 0


def test_the_page_says_how_long_things_are_kept() -> None:
    """The table of docs/reference/configuration.md has the defaults."""
    page = (Path(__file__).parents[4] / "docs/reference/configuration.md").read_text()
    section = page[page.index("## What is kept") :]
    rows = [line.strip("| ").split(" | ") for line in section.split("\n\n")[2].splitlines()[2:]]
    kept = Retention()
    assert [int(days) for _, days, _ in rows] == [
        each.days
        for each in (
            kept.preview,
            kept.log,
            kept.journal,
            kept.tree,
            kept.directory,
            kept.checkout,
            kept.plans,
        )
    ]


def test_a_journal_that_cannot_be_read_stays_and_keeps_nothing_else(home: Loop) -> None:
    """Nobody knows what it is of; the rest is cleaned."""
    request = home.done()
    path = Path(home.platform.documents.where("journal", f"req_gone/{KEY}"))
    path.parent.mkdir(parents=True)
    path.write_text("damaged\n")
    found = cleaned(home)
    assert names(found, "journal") == [f"{request}/{KEY}", f"{request}/{STORE}"]
    assert path.exists()


def test_a_preview_that_was_made_again_meanwhile_stays(home: Loop) -> None:
    """Another request asks for the same between the decision and the removal."""
    request = home.previewed()
    home.as_("gus").reject(request, reason="no")
    age(home.platform.home)
    name = str(home.row(request).preview).partition(":")[2]
    _delete(home.platform, "preview", name, clock.now() - timedelta(days=200))
    assert home.platform.documents.exists("preview", name)
    _delete(home.platform, "preview", name, clock.now() - timedelta(days=90))
    assert not home.platform.documents.exists("preview", name)
