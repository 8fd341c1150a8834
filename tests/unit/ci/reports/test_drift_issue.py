"""What an issue says of drift."""

from __future__ import annotations

from gaia.ci.hosts.host import LONGEST_COMMENT
from gaia.ci.reports.drift_issue import drift_issue
from gaia.operations.drift.model import Attribute, Finding, Place, Report, Scan


def kept(text: str) -> str:
    """No secret is known."""
    return text


def finding(number: int = 0, title: str = "aws_s3_bucket photos", loses: tuple[str, ...] = ()) -> Finding:
    """Something that was changed outside."""
    where = Place(f"dev/bucket-{number}", "aws_s3_bucket.this")
    changed = Attribute("tags.owner", '"dana"', '"mallory"')
    return Finding("changed outside", (str(number),), title, (where,), (changed,), "update", loses)


def report(*findings: Finding, unchecked: tuple[Scan, ...] = ()) -> Report:
    """Each in an instance of its own."""
    scans = tuple(Scan(one.places[0].instance, (one,)) for one in findings)
    return Report((*scans, Scan("dev/fine"), *unchecked), findings)


def test_it_says_what_was_changed_and_where() -> None:
    """Each cause once, with what an apply would do about it."""
    title, text = drift_issue(report(finding()), kept)
    assert title == "Drift: 1 instance"
    assert text == (
        "Of 2 instances, 1 is not as the stacks say. Nothing was changed.\n\n"
        "### aws\\_s3\\_bucket photos\n\nchanged outside; an apply changes it back\n\n"
        '* `tags.owner`: `"dana"` → `"mallory"`\n* in `dev/bucket-0` `aws_s3_bucket.this`\n'
    )


def test_where_all_is_well_there_is_nothing_to_say() -> None:
    """So the issue is closed; what needs nobody does not keep it open."""
    own = Finding("provider's own", ("x",), "x", (Place("dev/x", ""),))
    assert drift_issue(report(own), kept)[1] == ""


def test_what_could_not_be_looked_at_is_not_called_well() -> None:
    """The issue stays open, and says what to do."""
    failed = Scan("dev/locked", code="state-locked", reason="dana holds the lock", next_step="Wait.")
    title, text = drift_issue(report(unchecked=(failed,)), kept)
    assert title == "Drift: not every instance was checked"
    assert "### dev/locked was not checked\n\ndana holds the lock. Wait." in text


def test_what_loses_data_comes_first_and_is_never_cut() -> None:
    """Of thousands of causes as many are shown as fit, and the others are counted."""
    many = [finding(number, title="x" * 200) for number in range(2000)]
    title, text = drift_issue(report(*many, finding(9999, "the database", ("aws_db_instance.this",))), kept)
    assert len(text) < LONGEST_COMMENT - 1000
    assert text.index("the database") < text.index("xxx")
    assert "Loses what is in `aws_db_instance.this`" in text
    assert "more, in the job's log." in text
    assert title == "Drift: 2,001 instances"


def test_texts_of_the_cloud_are_texts() -> None:
    """No mention, no link, no end of a code span, no line of its own; secrets are hidden."""
    hostile = "@acme/all [x](http://evil) <img>\n# big `` ` \x1b[31m"
    one = Finding("gone", ("x",), hostile, (Place(hostile, hostile),), (Attribute(hostile, hostile, "s3cret"),))
    _, text = drift_issue(report(one), lambda line: line.replace("s3cret", "(sensitive)"))
    assert "s3cret" not in text
    assert "\x1b" not in text
    assert "\n# big" not in text
    assert "\\@acme/all" in text
