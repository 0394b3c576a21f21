"""Delivery over real SMTP on loopback: TLS, login, refusals for now and for good, rate, days without a server."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scheduler.delivery import deliver, send_now
from scheduler.digests import build_due
from scheduler.errors import LeaseHeld, MailServerUnusable, SettingsUnusable
from scheduler.lease import take
from scheduler.smtp import read_server
from store import outbox
from store.clock import utc_now
from tests.scheduler.digest_world import START, World, days, world
from tests.scheduler.mail_server import Box, mail_server

NOW = START + days(3)
ANA, BEA, CEM = "ana@example.org", "bea@example.org", "cem@example.org"


@pytest.fixture
def queued(tmp_path: Path) -> Iterator[World]:
    """Three letters wait in the outbox."""
    with world(tmp_path) as w:
        for email in (ANA, BEA, CEM):
            w.member(email)
        w.profile()
        w.put("c", now=START, due=START + days(20))
        build_due(w.settings, now=START)
        build_due(w.settings, now=NOW)
        yield w


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's and a client's TLS context; the client trusts that server alone."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = utc_now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return server, ssl.create_default_context(cafile=str(folder / "cert.pem"))


def send(w: World, url: str, *, now=NOW, **options):
    return list(deliver(replace(w.settings, smtp_url=url), w.private, now=now, **options))


def test_letters_arrive_as_they_were_built_and_once(queued: World) -> None:
    box = Box()
    with mail_server(box) as port:
        done = send(queued, f"smtp://127.0.0.1:{port}")
        assert [(d.recipient, d.outcome, d.unsure) for d in done] == [(e, "sent", 0) for e in (ANA, BEA, CEM)]
        assert send(queued, f"smtp://127.0.0.1:{port}") == []
    rows = dict(queued.private.execute("select message_id, message from outbox").fetchall())
    assert {t.message_id: t.content for t in box.taken} == rows
    message = message_from_bytes(box.taken[0].content, policy=policy.default)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.get_body(("plain",)) is not None
    assert message.get_body(("html",)) is not None


@pytest.mark.parametrize("way", ["starttls", "smtps"])
def test_tls_and_login(queued: World, certificate: tuple[ssl.SSLContext, ssl.SSLContext], way: str) -> None:
    server, client = certificate
    box, login = Box(), ("mailer@example.org", "p@ss/word")
    with mail_server(box, tls=server, implicit=way == "smtps", login=login) as port:
        scheme = "smtps" if way == "smtps" else "smtp"
        url = f"{scheme}://mailer%40example.org:p%40ss%2Fword@127.0.0.1:{port}?tls=required"
        assert [d.outcome for d in send(queued, url, context=client)] == ["sent"] * 3
    assert box.logins == ["mailer@example.org"]


def test_a_wrong_password_or_certificate_keeps_the_outbox_and_says_what_to_check(
    queued: World, certificate: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    server, client = certificate
    with mail_server(Box(), tls=server, login=("me", "right")) as port:
        with pytest.raises(MailServerUnusable, match="user and password") as refused:
            send(queued, f"smtp://me:secret-wrong@127.0.0.1:{port}?tls=required", context=client)
        assert "secret-wrong" not in str(refused.value)
        with pytest.raises(MailServerUnusable, match="TLS"):
            send(queued, f"smtp://me:right@127.0.0.1:{port}?tls=required")
    assert outbox.waiting(queued.private) == {"queued": 3}


def test_no_letter_goes_in_clear_to_a_server_beyond_this_machine() -> None:
    assert read_server("smtp://mail.example.org").tls == "starttls"
    assert read_server("smtp://mail.example.org").port == 587
    assert read_server("smtps://u:p@mail.example.org").port == 465
    assert read_server("smtp://mail.example.org:25?tls=none").tls == "none"
    for bad in ("http://mail.example.org", "mail.example.org:25", "smtp://", "smtp://mail.example.org:99999"):
        with pytest.raises(SettingsUnusable):
            read_server(bad)


def test_refused_for_now_waits_longer_each_time_and_refused_for_good_is_not_tried_again(queued: World) -> None:
    box = Box(rcpt={ANA: ["450 busy", "451 still busy"], BEA: ["550 no such person"]}, data={CEM: ["554 looks like spam"]})
    with mail_server(box) as port:
        url = f"smtp://127.0.0.1:{port}"
        assert {d.recipient: d.outcome for d in send(queued, url)} == {ANA: "later", BEA: "failed", CEM: "failed"}
        assert send(queued, url, now=NOW + timedelta(minutes=4)) == []
        assert [d.outcome for d in send(queued, url, now=NOW + timedelta(minutes=5))] == ["later"]
        assert send(queued, url, now=NOW + timedelta(minutes=14)) == []
        assert [d.outcome for d in send(queued, url, now=NOW + timedelta(minutes=15))] == ["sent"]
    assert [t.recipient for t in box.taken] == [ANA]
    ledger = dict(queued.private.execute("select recipient, response from delivery").fetchall())
    assert ledger[BEA] == "550 no such person"
    assert ledger[CEM] == "554 looks like spam"


def test_a_sender_refused_for_good_is_a_fault_of_the_settings_and_costs_no_letter(queued: World) -> None:
    box = Box(mail=["550 5.7.1 sender not allowed", "451 4.7.1 greylisted"])
    with mail_server(box) as port:
        url = f"smtp://127.0.0.1:{port}"
        with pytest.raises(
            MailServerUnusable, match=r"refuses our sender .* \(550 5\.7\.1 sender not allowed\): check CLUSTERSCOUT_MAIL_FROM"
        ):
            send(queued, url)
        assert outbox.waiting(queued.private) == {"queued": 3}
        assert sorted(d.outcome for d in send(queued, url)) == ["later", "sent", "sent"]
        assert [d.outcome for d in send(queued, url, now=NOW + timedelta(minutes=5))] == ["sent"]
    assert len(box.taken) == 3


def test_a_server_that_refuses_for_a_week_is_given_up(queued: World) -> None:
    box = Box(rcpt={ANA: ["450 busy"] * 100})
    with mail_server(box) as port:
        outcomes = [
            d.outcome
            for hour in range(0, 24 * 9, 6)
            for d in send(queued, f"smtp://127.0.0.1:{port}", now=NOW + timedelta(hours=hour))
            if d.recipient == ANA
        ]
    assert outcomes[-1] == "failed"
    assert len(outcomes) == 30  # each six hours for a week, and the last word


def test_an_unanswered_end_of_message_is_tried_once_more_under_the_same_id_and_reported(queued: World) -> None:
    box = Box(data={BEA: ["take and hang up"]})
    with mail_server(box) as port:
        url = f"smtp://127.0.0.1:{port}"
        first = {d.recipient: (d.outcome, d.unsure) for d in send(queued, url)}
        assert first == {ANA: ("sent", 0), BEA: ("later", 1), CEM: ("sent", 0)}
        (again,) = send(queued, url, now=NOW + timedelta(hours=1))
    assert (again.outcome, again.unsure) == ("sent", 1)
    ids = [t.message_id for t in box.taken if t.recipient == BEA]
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_unanswered_twice_ends_as_unsure_and_is_not_sent_a_third_time(queued: World) -> None:
    box = Box(data={BEA: ["take and hang up"] * 3})
    with mail_server(box) as port:
        url = f"smtp://127.0.0.1:{port}"
        outcomes = [
            d.outcome for h in range(0, 12, 2) for d in send(queued, url, now=NOW + timedelta(hours=h)) if d.recipient == BEA
        ]
    assert outcomes == ["later", "unsure"]
    assert len([t for t in box.taken if t.recipient == BEA]) == 2
    assert outbox.waiting(queued.private) == {"unsure": 1}


def test_days_without_a_server_lose_nothing(queued: World) -> None:
    with mail_server(Box()) as port:
        free = port
    for day in range(5):
        with pytest.raises(MailServerUnusable, match="outbox is kept"):
            send(queued, f"smtp://127.0.0.1:{free}", now=NOW + days(day))
    assert outbox.waiting(queued.private) == {"queued": 3}
    queued.put("d", now=NOW + days(5), due=NOW + days(40))
    build_due(queued.settings, now=NOW + days(6))
    box = Box()
    with mail_server(box) as port:
        done = send(queued, f"smtp://127.0.0.1:{port}", now=NOW + days(6))
    assert [d.outcome for d in done] == ["sent"] * 6
    assert len({t.message_id for t in box.taken}) == 6


def test_the_rate_is_kept_over_calls(queued: World) -> None:
    settings = replace(queued.settings, mail_per_minute=2)
    assert len(list(deliver(settings, queued.private, now=NOW))) == 2
    assert list(deliver(settings, queued.private, now=NOW + timedelta(seconds=30))) == []
    assert len(list(deliver(settings, queued.private, now=NOW + timedelta(seconds=61)))) == 1


def test_one_delivers_at_a_time_and_a_stop_ends_between_letters(queued: World) -> None:
    take(queued.private, "delivery", '{"host": "elsewhere", "pid": 1, "start": "x"}', now=NOW)
    with pytest.raises(LeaseHeld, match="elsewhere"):
        list(deliver(queued.settings, queued.private, now=NOW))
    later = NOW + timedelta(minutes=3)
    assert len(list(deliver(queued.settings, queued.private, now=later, stopping=lambda: True))) == 1
    assert len(list(deliver(queued.settings, queued.private, now=later))) == 2


def test_a_closed_account_gets_nothing(queued: World) -> None:
    queued.private.execute("update member set disabled_at = ? where email = ?", ["2026-11-22T00:00:00Z", BEA])
    done = {d.recipient: d.outcome for d in deliver(queued.settings, queued.private, now=NOW)}
    assert done == {ANA: "sent", BEA: "failed", CEM: "sent"}


def test_lines_that_begin_with_a_dot_and_long_lines_arrive_whole(queued: World) -> None:
    body = ".\r\n..\r\n.hidden\r\nend"
    box = Box()
    with mail_server(box) as port:
        settings = replace(queued.settings, smtp_url=f"smtp://127.0.0.1:{port}")
        send_now(settings, ANA, "Dots\r\nBcc: x@example.org", body + "x" * 3000, now=NOW)
    message = message_from_bytes(box.taken[0].content, policy=policy.default)
    assert message["Subject"] == "Dots Bcc: x@example.org"
    assert "Bcc" not in message
    text = message.get_content()
    assert text.splitlines()[:3] == [".", "..", ".hidden"]
    assert text.splitlines()[3] == "end" + "x" * 3000
