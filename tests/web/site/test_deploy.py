"""Templates for operators: their own programs accept them, and they keep secrets out of logs."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

DEPLOY = Path(__file__).parents[3] / "deploy"
SECRET_PATHS = ("/v/TOKEN/", "/receipt/TOKEN/", "/accounts/welcome/TOKEN/")


def _tool(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed: its template stays unchecked here")
    return found


@pytest.fixture
def nginx_folder(tmp_path: Path) -> Path:
    """The templates in a folder of their own, with a certificate, ports above 1024 and logs in the folder."""
    for name in ("minping-proxy.inc", "minping-upstream.inc"):
        shutil.copy(DEPLOY / "nginx" / name, tmp_path)
    text = (DEPLOY / "nginx" / "minping.conf").read_text("utf-8")
    text = text.replace("/etc/minping/certificates", str(tmp_path)).replace("/var/log/nginx", str(tmp_path))
    text = re.sub(r"listen \[::\]:.*;\n", "", text)
    text = text.replace("listen 80;", "listen 127.0.0.1:18080;").replace(
        "listen 443", "listen 127.0.0.1:18443"
    )
    (tmp_path / "site.conf").write_text(text, "utf-8")
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid;\nerror_log {tmp_path}/main-error.log crit;\nevents {{}}\n"
        f"http {{\n  client_body_temp_path {tmp_path}/body;\n  proxy_temp_path {tmp_path}/proxy;\n"
        f"  fastcgi_temp_path {tmp_path}/f;\n  uwsgi_temp_path {tmp_path}/u;\n"
        f"  scgi_temp_path {tmp_path}/s;\n"
        "  include site.conf;\n}\n",
        "utf-8",
    )
    subprocess.run(
        [_tool("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost",
         "-keyout", str(tmp_path / "minping.key"), "-out", str(tmp_path / "minping.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    return tmp_path


def test_nginx_accepts_the_template(nginx_folder: Path) -> None:
    command = [_tool("nginx"), "-t", "-p", str(nginx_folder), "-c", "nginx.conf"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_nginx_logs_no_secret_address_and_no_query(nginx_folder: Path) -> None:
    """The product behind it does not run, so every request is an error: the worst case for an error log."""
    command = [_tool("nginx"), "-p", str(nginx_folder), "-c", "nginx.conf"]
    subprocess.run(command, check=True, capture_output=True)
    curl = [_tool("curl"), "-k", "-s", "-o", "/dev/null", "--max-time", "10"]
    try:
        for path in (*SECRET_PATHS, "/places/?q=TOKEN", "/people/TOKEN/"):
            subprocess.run([*curl, f"https://127.0.0.1:18443{path}"], check=True)
            subprocess.run([*curl, f"http://127.0.0.1:18080{path}"], check=True)
    finally:
        subprocess.run([*command, "-s", "quit"], check=True, capture_output=True)
    logs = {path.name: path.read_text("utf-8") for path in nginx_folder.glob("*.log")}
    assert "GET /places 502" in logs["minping.log"]
    assert all("TOKEN" not in text for text in logs.values())


@pytest.mark.parametrize("unit", sorted(path.name for path in (DEPLOY / "systemd").glob("minping*.[st]*er*")))
def test_systemd_accepts_the_unit(unit: str, tmp_path: Path) -> None:
    verify = _tool("systemd-analyze")
    for path in (DEPLOY / "systemd").glob("minping*.[st]*er*"):
        text = path.read_text("utf-8").replace(
            "/opt/minping/bin/minping", shutil.which("true") or "/bin/true"
        )
        (tmp_path / path.name).write_text(text, "utf-8")
    done = subprocess.run(
        [verify, "verify", str(tmp_path / unit)], capture_output=True, text=True, check=False
    )
    ours = [line for line in done.stderr.splitlines() if "minping" in line and "not-found" not in line]
    assert ours == []


def test_the_compose_file_keeps_the_database_inside_and_the_role_plain() -> None:
    told = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text("utf-8"))
    services = told["services"]
    assert set(services) == {"database", "pages", "worker", "proxy"}
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert told["networks"]["inside"]["internal"] is True
    assert services["worker"]["command"] == ["worker"]
    script = (DEPLOY / "compose" / "make-role.sh").read_text("utf-8")
    assert "NOSUPERUSER NOBYPASSRLS" in script


def test_keys_and_data_are_different_volumes() -> None:
    told = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text("utf-8"))
    product = told["services"]["pages"]
    targets = dict(volume.split(":") for volume in product["volumes"])
    assert targets["keys"] == product["environment"]["MINPING_KEYS"]
    assert targets["data"] == product["environment"]["MINPING_DATA"]


def test_the_proxy_that_is_trusted_is_the_network_of_the_containers() -> None:
    told = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text("utf-8"))
    subnet = told["networks"]["inside"]["ipam"]["config"][0]["subnet"]
    assert told["services"]["pages"]["environment"]["MINPING_PROXIES"] == subnet


def test_caddy_writes_no_access_log() -> None:
    text = (DEPLOY / "caddy" / "Caddyfile").read_text("utf-8")
    assert re.findall(r"^\s*log\b.*$", text, re.MULTILINE) == ["\tlog default {"]
    assert "level PANIC" in text
