"""A network camera that dies and comes back, in a whole session."""

from selfee_rt.config import StreamConfig
from selfee_rt.errors import SourceLost
from selfee_rt.folder import SessionFolder
from selfee_rt.session import Session
from tests.acquire.senders import sending, udp
from tests.session.rig import assert_verified, configure, fates, running, wait_until


def test_a_killed_stream_is_a_gap_in_the_account_and_breaks_the_live_frames(rig, tmp_path):
    sender = udp()
    with sending(sender):
        stream = StreamConfig(address=sender.address, lost_after_s=0.6, longest_pause_s=0.5)
        config = configure(rig, tmp_path / "s", observe={"reference": None, "detector": []})
        with running(config.model_copy(update={"source": stream})) as session:
            wait_until(lambda: session.snapshot().n_observed > 20, timeout_s=30)
            sender.kill()
            stopped_at = session.snapshot().n_observed
            wait_until(lambda: _quiet(session), timeout_s=30)
            sender.start()
            wait_until(lambda: session.snapshot().n_observed > stopped_at + 20, timeout_s=60)
    found = fates(tmp_path / "s")
    assert found["arena", "source"] > 10, "the outage is not in the account"
    assert found["arena", "gap"] >= 4
    with SessionFolder(tmp_path / "s") as folder:
        indices = [row.exposure.index for row in folder.observations("arena")]
        arrived = {row.frame_index for row in folder.exposures()}
        interval = folder.record.frame_interval
    for index in indices:
        assert set(range(index - interval, index + interval + 1)) <= arrived, "a live frame spans a dropped exposure"
    assert_verified(tmp_path / "s")


def _quiet(session):
    """No exposure for one second."""
    before = session.snapshot().n_exposures
    session.wait(1.0)
    return session.snapshot().n_exposures == before


def test_a_camera_that_stays_away_ends_the_session_in_order_with_its_reason(rig, tmp_path):
    sender = udp()
    with sending(sender):
        stream = StreamConfig(address=sender.address, lost_after_s=0.5, longest_pause_s=0.5, give_up_after_s=1.0)
        config = configure(rig, tmp_path / "s", observe={"reference": None, "detector": []})
        session = Session(config.model_copy(update={"source": stream}))
        session.start()
        wait_until(lambda: session.snapshot().n_observed > 10, timeout_s=30)
        sender.kill()
        assert session.wait(30)
        session.finish()
    assert isinstance(session.error, SourceLost)
    with SessionFolder(tmp_path / "s") as folder:
        assert folder.ended.how == "failed"
        assert sum(1 for _ in folder.observations("arena")) > 10
    fates(tmp_path / "s")
    assert_verified(tmp_path / "s")
