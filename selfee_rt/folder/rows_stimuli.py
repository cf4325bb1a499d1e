"""Between decisions, deliveries and devices' clocks, and the rows of the log."""

from typing import Any

import msgspec

from selfee_rt.folder.rows import Row
from selfee_rt.stimuli import ClockSample, Delivery, DeviceClock, DeviceSync, SyncEdge, Trigger


def trigger_row(trigger: Trigger) -> Row:
    """Row of `triggers`."""
    t = trigger
    return (
        t.trigger_id,
        t.rule,
        t.arena,
        t.device,
        t.frame_index,
        t.newest_index,
        t.media_ns,
        t.newest_captured_ns,
        t.decided_ns,
        t.verdict,
        t.why,
        t.origin,
        t.trial,
        msgspec.json.encode(t.evidence).decode(),
    )


def trigger_of(row: Row) -> Trigger:
    """Inverse of `trigger_row`."""
    *columns, evidence = row
    return Trigger(*(*columns, msgspec.json.decode(evidence, type=dict[str, Any])))


def delivery_row(delivery: Delivery) -> Row:
    """Row of `deliveries`."""
    d = delivery
    return (d.trigger_id, d.device, d.outcome, d.why, d.at_ns, d.sent_ns, d.acknowledged_ns, d.device_us)


def delivery_of(row: Row) -> Delivery:
    """Inverse of `delivery_row`."""
    return Delivery(*row)


def device_clock_row(clock: DeviceClock) -> Row:
    """Row of `device_clock`."""
    return (clock.device, clock.sample.sent_ns, clock.sample.received_ns, clock.sample.device_us)


def device_clock_of(row: Row) -> DeviceClock:
    """Inverse of `device_clock_row`."""
    device, *sample = row
    return DeviceClock(device, ClockSample(*sample))


def device_sync_row(sync: DeviceSync) -> Row:
    """Row of `sync_edges`."""
    return (sync.device, sync.edge.number, sync.edge.device_us)


def device_sync_of(row: Row) -> DeviceSync:
    """Inverse of `device_sync_row`."""
    device, *edge = row
    return DeviceSync(device, SyncEdge(*edge))
