"""A network camera that dies and comes back, in a whole session."""

from selfee_rt.config import StreamConfig
from selfee_rt.folder import SessionFolder
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
