"""Opens the record of a study: Optuna's journal file in the study's folder, or a database by its URL."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from halo.runtime.errors import InputError, packages_of_extra, reason, require

if TYPE_CHECKING:
    from optuna.storages import BaseStorage
    from sqlalchemy import URL

JOURNAL = "study.journal"
ALLOWED = "must be sqlite:///FILE or postgresql://USER@HOST/DATABASE, or null for a journal file in the sweep's folder"
PATIENCE_SECONDS = 60  # for which a worker waits while others write into an SQLite file
CONNECT_SECONDS = 10
PURPOSE = "halo.sweep"


def open_storage(storage: str | None, folder: Path) -> "BaseStorage":
    """Opens the storage that holds a study, and creates it if it is missing.

    Several processes may open one storage at the same time, but the first opening, which creates the tables of a
    database, has to be alone: hold a lock.

    Args:
        storage: The setting `storage`: a URL, or None for the journal file in the study's folder.
        folder: The folder of the study, which exists; the journal is in it.

    Raises:
        InputError: The URL cannot be used, a package is missing, or the file or server cannot be opened. No message
            contains the password of a URL.
    """
    with packages_of_extra("sweep", purpose=PURPOSE):
        import optuna
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return _open_journal(folder / JOURNAL) if storage is None else _open_database(storage)


def shown_storage(storage: str) -> str:
    """Returns the URL of a storage for messages and files, with *** for its password.

    >>> shown_storage("postgresql://ada:secret@host/sweeps")
    'postgresql://ada:***@host/sweeps'
    """
    return _parse(storage).render_as_string(hide_password=True)


def storage_errors() -> tuple[type[Exception], ...]:
    """Returns the types of the errors of a storage that does not answer any more."""
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import SQLAlchemyError

    return StorageInternalError, SQLAlchemyError


def has_password(storage: str | None) -> bool:
    """Returns whether the URL of a storage contains a password.

    >>> has_password("postgresql://ada:secret@host/sweeps"), has_password("sqlite:///sweeps.db"), has_password(None)
    (True, False, False)
    """
    return storage is not None and _parse(storage).password is not None


def _open_journal(file: Path) -> "BaseStorage":
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    from halo.sweeping.journal_lock import JournalLock

    path = str(file.absolute())
    try:
        return JournalStorage(JournalFileBackend(path, lock_obj=JournalLock(path)))
    except OSError as error:
        raise InputError(f"{file}: cannot be opened ({reason(error)}); name another sweep_dir") from error
    except (ValueError, KeyError) as error:  # a line that is not JSON, or not of Optuna
        raise InputError(f"{file}: is not a journal of Optuna; name another sweep_dir") from error


def _open_database(storage: str) -> "BaseStorage":
    url = _parse(storage)
    shown = url.render_as_string(hide_password=True)
    is_sqlite = url.get_backend_name() == "sqlite"
    if is_sqlite:
        _require_sqlite_file(url, shown)
    elif url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg2")  # SQLAlchemy's own choice since 2.1 is psycopg 3
    from optuna.storages import RDBStorage, get_storage
    from sqlalchemy.exc import SQLAlchemyError

    options: dict[str, Any] = {"timeout": PATIENCE_SECONDS} if is_sqlite else {"connect_timeout": CONNECT_SECONDS}
    options = {name: value for name, value in options.items() if name not in url.query}
    # Optuna reads braces as those of a format string.
    text = url.render_as_string(hide_password=False).replace("{", "{{").replace("}", "}}")
    try:
        # Connections may break during a trial of hours; with pool_pre_ping they are made again.
        opened = RDBStorage(text, engine_kwargs={"connect_args": options, "pool_pre_ping": True})
    except ImportError as error:
        missing = error.__cause__.name if isinstance(error.__cause__, ModuleNotFoundError) else None
        package = "psycopg2-binary" if missing == "psycopg2" else missing or "its driver"
        raise InputError(f"storage={shown}: needs the package {package}; pip install {package}") from error
    except SQLAlchemyError as error:
        raise InputError(f"storage={shown}: cannot be opened ({_cause(error, url)}); {_remedy(error, url)}") from error
    except RuntimeError as error:  # tables of another version of Optuna, whose message has the command
        problem = reason(error).replace("$STORAGE_URL", "URL")
        raise InputError(f"storage={shown}: {problem}") from error
    return get_storage(opened)


def _parse(storage: str) -> "URL":
    with packages_of_extra("sweep", purpose=PURPOSE):
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError
    try:
        url = make_url(storage)
    except (ArgumentError, ValueError) as error:  # ValueError: a port that is not a number
        # What cannot be parsed may have a password anywhere.
        shown = storage if "@" not in storage else f"{storage.partition(':')[0]}:***{storage[storage.rindex('@') :]}"
        raise InputError(f"storage={shown}: {ALLOWED}") from error
    backend = url.drivername.partition("+")[0]
    hint = "; write postgresql://" if backend == "postgres" else ""
    require(
        backend in ("sqlite", "postgresql"),
        "storage",
        url.render_as_string(hide_password=True),
        f"{ALLOWED}{hint}",
    )
    return url


def _require_sqlite_file(url: "URL", shown: str) -> None:
    in_memory = url.database in (None, "", ":memory:")
    require(not in_memory, "storage", shown, "workers share a file; write sqlite:///FILE")
    file = Path(str(url.database))
    require(not file.is_dir(), "storage", shown, "is a folder; name a file in it, such as sweeps.db")
    require(file.absolute().parent.is_dir(), "storage", shown, f"there is no folder {file.parent}; create it first")


def _cause(error: Exception, url: "URL") -> str:
    """Returns what the database said, in one line and without the password."""
    said = reason(getattr(error, "orig", None) or error)  # the driver's own error, without SQLAlchemy's hints
    said = said.partition("FATAL: ")[2] or said.partition(" Is the server running")[0]
    return said.strip().replace(str(url.password or "***"), "***")


def _remedy(error: Exception, url: "URL") -> str:
    said = str(error)
    if url.get_backend_name() == "sqlite":
        return "name another file, or repair its permissions"
    if "password" in said:
        return "give the password in ~/.pgpass, PGPASSWORD, or the URL"
    if "does not exist" in said and "database" in said:
        return f"create it first: createdb {url.database or url.username}"
    return "check that the server runs and that the URL has its host and port"
