"""Observations become stimuli: conditions, trials, limits, arming, and the devices."""
