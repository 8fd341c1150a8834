"""What a state does not mark and a provider calls sensitive all the same."""

from __future__ import annotations

from gaia.terraform.state import State


def state(kind: str, mode: str = "managed", **attributes: object) -> State:
    """With one thing of this type."""
    entry = {"mode": mode, "type": kind, "name": "this", "instances": [{"attributes": attributes}]}
    return State.parse({"version": 4, "resources": [entry]})


def test_secrets_are_known_by_the_names_of_their_attributes() -> None:
    """Of data sources too: what a secret store gave must stand in no log; ids and names stay."""
    one = state("aws_secretsmanager_secret_version", "data", id="a|b", secret_string="hunter22", arn="arn:x")
    assert list(one.secrets()) == ["hunter22"]
    assert list(state("aws_ssm_parameter", "data", name="/a", value="p4ss", type="SecureString").secrets()) == ["p4ss"]
    assert list(state("aws_db_instance", identifier="db", password="pw-1", port=5432).secrets()) == ["pw-1"]
    assert list(state("random_password", result="r4nd", length=16).secrets()) == ["r4nd"]


def test_nested_blocks_are_looked_into() -> None:
    """A user's password in a list of users."""
    users = [{"username": "ada", "password": "pw-2"}, {"username": "bob", "password": None}]
    assert list(state("aws_mq_broker", user=users, logs=["a"]).secrets()) == ["pw-2"]


def test_what_only_sounds_like_it_is_none() -> None:
    """Flags, and values of types that nobody calls sensitive."""
    one = state("aws_db_instance", manage_master_user_password=True, password=None, value="v", secret_arn="arn:x")
    assert list(one.secrets()) == []
