"""`gaia terraform …`: terraform on an instance of the repository around the caller, with terraform's own words."""

import typer

from gaia.cli.terraform import run


def plan(context: typer.Context, words: list[str]) -> int:
    """Show what terraform would do to an instance now.

    Gaia's options: -s STACK, --all, --affected, --components A,B, --query YQ, --dry-run, --skip-init, --output FORMAT.
    Every other one is terraform's: -out=FILE, -target=ADDRESS, -var NAME=VALUE, -destroy, -detailed-exitcode, …

    Example: gaia terraform plan vpc -s acme-use1-dev -target=aws_vpc.this
    """
    return run(context, ["plan", *words])


def apply(context: typer.Context, words: list[str]) -> int:
    """Plan, ask, and apply exactly that plan.

    Gaia's options: -s STACK, --yes, --from-plan, --planfile FILE, --all, --affected, --components A,B, --query YQ.
    Every other one is terraform's: -auto-approve, -target=ADDRESS, -replace=ADDRESS, -parallelism=N, …
    What was killed half-way is found again and finished by the next apply.

    Example: gaia terraform apply vpc -s acme-use1-dev -auto-approve
    """
    return run(context, ["apply", *words])


def deploy(context: typer.Context, words: list[str]) -> int:
    """Apply and do not ask.

    Atmos's name for `gaia terraform apply -auto-approve`.

    Example: gaia terraform deploy vpc -s acme-use1-dev
    """
    return run(context, ["deploy", *words])


def destroy(context: typer.Context, words: list[str]) -> int:
    """Plan, ask, and destroy exactly that.

    On a terminal the stack's name has to be typed; elsewhere -auto-approve or --yes suffices. The manifests stay as
    they are, so the next apply makes it again.

    Example: gaia terraform destroy vpc -s acme-use1-dev
    """
    return run(context, ["destroy", *words])


def other(context: typer.Context, words: list[str]) -> int:
    """Run any other subcommand of terraform on an instance.

    Its options are terraform's, its streams and its exit code too.

    Example: gaia terraform state list vpc -s acme-use1-dev
    """
    return run(context, words)
