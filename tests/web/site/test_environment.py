"""Settings come from the environment, then from the file of the data folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from minping_web.site.environment import database_from, secret_key, surroundings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder, and an environment that says nothing else."""
    for name in ("DATABASE_URL", "MINPING_DEMO", "MINPING_HOSTS", "MINPING_HTTPS", "MINPING_STATIC"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MINPING_DATA", str(tmp_path))
    return tmp_path


def test_the_database_is_embedded_unless_another_is_named(folder: Path) -> None:
    assert surroundings().database["NAME"] == str(folder / "minping.sqlite3")


def test_an_address_of_postgresql_may_hold_any_character() -> None:
    found = database_from("postgresql://u%40x:p%2Fw@db.example:6543/min%20ping")
    assert [found[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "u@x", "p/w", "db.example", "6543", "min ping",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("postgresql://minping@/minping?host=/run/Postgres", "/run/Postgres"),
        ("postgresql://minping@%2Frun%2FPostgres/minping", "/run/Postgres"),
        ("postgresql://minping@[::1]:5432/minping", "::1"),
        ("postgresql://minping@/minping", ""),
    ],
)
def test_a_socket_or_an_address_of_the_sixth_version_is_a_host(url: str, host: str) -> None:
    found = database_from(url)
    assert (found["HOST"], found["NAME"]) == (host, "minping")


def test_the_address_may_demand_an_encrypted_connection() -> None:
    assert database_from("postgresql://u@h/n?sslmode=verify-full")["OPTIONS"] == {"sslmode": "verify-full"}


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(ValueError, match="DATABASE_URL"):
        database_from("mysql://u@h/n")


def test_the_file_of_the_data_folder_stands_below_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "minping.env").write_text(
        "# 注释\nMINPING_HOSTS=a.example, b.example\nMINPING_HTTPS=1\n", "utf-8"
    )
    assert surroundings().hosts == ("a.example", "b.example")
    monkeypatch.setenv("MINPING_HOSTS", "c.example")
    assert surroundings().hosts == ("c.example",)


def test_https_is_wanted_unless_it_is_a_demonstration(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert surroundings().https is True
    monkeypatch.setenv("MINPING_DEMO", "1")
    assert surroundings().https is False


def test_a_word_that_is_no_switch_does_not_turn_https_off(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINPING_HTTPS", "true")
    with pytest.raises(ValueError, match="MINPING_HTTPS"):
        surroundings()
    monkeypatch.setenv("MINPING_HTTPS", "")
    assert surroundings().https is True


def test_only_an_exact_1_is_a_demonstration(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("", "0", "true", "yes", "01"):
        monkeypatch.setenv("MINPING_DEMO", value)
        assert surroundings().demo is False


def test_the_key_of_sessions_is_made_once_and_is_nobody_elses(tmp_path: Path) -> None:
    first = secret_key(tmp_path / "keys")
    assert secret_key(tmp_path / "keys") == first
    assert (tmp_path / "keys" / "session-key").stat().st_mode & 0o777 == 0o600
    assert len(first) > 40
