"""Files in one stream that only the holder of a key can read: a tar archive, compressed, sealed by age.

age (https://age-encryption.org/v1) seals for public keys: who writes an archive needs no secret, and what was cut off
or changed is noticed. Nothing is ever on the disk in clear but what is taken out.
"""

from __future__ import annotations

import io
import os
import tarfile
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from gaia.errors import Conflict, Invalid, NotFound
from gaia.kit.files import read_failed, sync_folder, write_failed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_LONGEST_KEY_FILE = 1 << 16


class Archive:
    """An archive that is being written."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def add(self, name: str, content: bytes, changed: float = 0) -> None:
        """A file of this name and content."""
        self._tar.addfile(_about(name, len(content), changed), io.BytesIO(content))

    def add_file(self, name: str, path: Path) -> int:
        """What a file holds now, as far as it goes now; its size."""
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            self._tar.addfile(_about(name, about.st_size, about.st_mtime), file)
        return about.st_size


@contextmanager
def writing(path: Path, recipients: Sequence[str]) -> Iterator[Archive]:
    """A new archive, which is there, whole, when the block has ended well; `recipients` are public keys of age or ssh.

    Raises:
        Invalid: `recipient-invalid`. Conflict: `file-exists`. Unavailable: `disk-full`, `file-not-writable`.
    """
    keys = [_recipient(one) for one in recipients]
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        if path.exists():
            raise _exists(path)
        file = os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        try:
            with file:
                with _piped(lambda clear: _encrypt(clear, file, keys)) as into, _tar(into) as tar:
                    yield Archive(tar)
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)
            sync_folder(path.parent)
        finally:
            draft.unlink(missing_ok=True)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise write_failed(path, error) from error


@contextmanager
def reading(path: Path, identity: Path) -> Iterator[Iterator[tuple[str, float, BinaryIO]]]:
    """Each file of an archive in order: its name, when it was changed last, and its content, to be read at once.

    `identity` is a file of secret keys of age, or of one of ssh without a passphrase. Names are not to be trusted.

    Raises:
        Invalid: `identity-invalid`, `archive-unreadable`: it is for another key, was changed or is not whole.
        NotFound: `file-not-found`. Unavailable: `file-unreadable`.
    """
    keys = identities(identity)
    try:
        with path.open("rb") as file, _from_pipe(lambda into: _decrypt(file, into, keys)) as clear:
            yield _files(clear)
    except FileNotFoundError:
        raise NotFound("file-not-found", f"{path} is not there", next_step="Name the file of a backup.") from None
    except (tarfile.TarError, EOFError) as error:
        raise _unreadable(path, str(error)) from error
    except _Sealed as error:
        raise _unreadable(path, str(error)) from error
    except OSError as error:
        raise read_failed(path, error) from error


def new_identity(path: Path) -> str:
    """Make a secret key in a new file that nobody else can read; the public one that belongs to it.

    Raises:
        Conflict: `file-exists`. Unavailable: `disk-full`, `file-not-writable`.
    """
    import pyrage

    made = pyrage.x25519.Identity.generate()
    public = str(made.to_public())
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"# public key: {public}\n{made}\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise write_failed(path, error) from error
    return public


def identities(path: Path) -> list[Any]:
    """The secret keys that a file holds.

    Raises:
        Invalid: `identity-invalid`. NotFound: `file-not-found`. Unavailable: `file-unreadable`.
    """
    import pyrage

    try:
        content = path.read_bytes()[:_LONGEST_KEY_FILE]
    except FileNotFoundError:
        raise NotFound("file-not-found", f"{path} is not there", next_step="Name the file of the secret key.") from None
    except OSError as error:
        raise read_failed(path, error) from error
    try:
        if b"PRIVATE KEY" in content:
            return [pyrage.ssh.Identity.from_buffer(content)]
        lines = [line.strip() for line in content.decode().splitlines()]
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (pyrage.IdentityError, ValueError) as error:
        raise _no_identity(path) from error
    if not found:
        raise _no_identity(path)
    return found


class _Sealed(Exception):
    """What age says."""


def _recipient(text: str) -> Any:  # noqa: ANN401 - pyrage has no types
    import pyrage

    kind = pyrage.ssh.Recipient if text.startswith("ssh-") else pyrage.x25519.Recipient
    try:
        return kind.from_str(text)
    except (pyrage.RecipientError, ValueError):
        raise Invalid(
            "recipient-invalid",
            f"{ascii(text)[:80]} is no public key of age or ssh",
            next_step="Give one that begins with age1, ssh-ed25519 or ssh-rsa.",
        ) from None


def _encrypt(clear: BinaryIO, into: BinaryIO, keys: Sequence[Any]) -> None:
    import pyrage

    pyrage.encrypt_io(clear, into, keys)


def _decrypt(sealed: BinaryIO, into: BinaryIO, keys: Sequence[Any]) -> None:
    import pyrage

    try:
        pyrage.decrypt_io(sealed, into, keys)
    except pyrage.DecryptError as error:
        raise _Sealed(str(error)) from error
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.errno is None:  # age's own: it comes to something that it did not write
            raise _Sealed(str(error)) from error
        raise


@contextmanager
def _tar(into: BinaryIO) -> Iterator[tarfile.TarFile]:
    with tarfile.open(fileobj=into, mode="w|gz", format=tarfile.PAX_FORMAT) as tar:
        yield tar


@contextmanager
def _piped(read: Callable[[BinaryIO], None]) -> Iterator[BinaryIO]:
    """Somewhere to write to, which `read` reads in another thread; its error is raised at the end."""
    reader, writer = (os.fdopen(end, mode) for end, mode in zip(os.pipe(), ("rb", "wb"), strict=True))
    with _beside(read, cast("BinaryIO", reader)), writer:
        yield cast("BinaryIO", writer)


@contextmanager
def _from_pipe(write: Callable[[BinaryIO], None]) -> Iterator[BinaryIO]:
    """Somewhere to read from what `write` writes in another thread; its error is raised at the end."""
    reader, writer = (os.fdopen(end, mode) for end, mode in zip(os.pipe(), ("rb", "wb"), strict=True))
    with _beside(write, cast("BinaryIO", writer)), reader:
        yield cast("BinaryIO", reader)


@contextmanager
def _beside(work: Callable[[BinaryIO], None], end: BinaryIO) -> Iterator[None]:
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with end:
                work(end)
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            failed.append(error)

    thread = threading.Thread(target=run, name="gaia-archive", daemon=True)
    thread.start()
    try:
        yield
    except (BrokenPipeError, tarfile.TarError, EOFError):
        thread.join()  # the other end says why
        if failed and not isinstance(failed[0], BrokenPipeError):
            raise failed[0] from None
        raise
    thread.join()
    if failed and not isinstance(failed[0], BrokenPipeError):
        raise failed[0]


def _files(clear: BinaryIO) -> Iterator[tuple[str, float, BinaryIO]]:
    with tarfile.open(fileobj=clear, mode="r|gz") as tar:
        for each in tar:
            content = tar.extractfile(each) if each.isreg() else None
            if content is None:
                raise tarfile.ReadError(f"{each.name!a} is no file")
            yield each.name, float(each.mtime), cast("BinaryIO", content)
    with suppress(ValueError):
        while clear.read(1 << 16):  # to the end: only then is it known to be whole
            pass


def _about(name: str, size: int, changed: float) -> tarfile.TarInfo:
    about = tarfile.TarInfo(name)
    about.size, about.mtime, about.mode = size, int(changed), 0o600
    return about


def _exists(path: Path) -> Conflict:
    return Conflict("file-exists", f"{path} is there already", next_step="Name another file, or remove that one.")


def _no_identity(path: Path) -> Invalid:
    return Invalid(
        "identity-invalid",
        f"{path} holds no secret key of age, nor of ssh without a passphrase",
        next_step="Name the file that belongs to the public key which the backup was made for.",
    )


def _unreadable(path: Path, why: str) -> Invalid:
    said = "".join(each if each.isprintable() else "?" for each in why[:120])
    return Invalid(
        "archive-unreadable",
        f"{path} cannot be opened with this key, or is not whole: {said}",
        next_step="Use the key that it was made for, or another backup.",
    )
