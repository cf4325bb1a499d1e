"""How long the loop takes: probes at random times, what was answered to each, statistics, a report to share."""
