"""Rules of a session, from its configuration to their first exposure."""

from collections.abc import Mapping, Sequence

from selfee_rt.clock import NS_PER_MS, NS_PER_S
from selfee_rt.config import SessionConfig, TriggerConfig, YokedConfig
from selfee_rt.decide import ArenaObserver
from selfee_rt.errors import ConfigError, SelfeeRTError
from selfee_rt.folder import SessionFolder
from selfee_rt.stimuli import TRIALS
from selfee_rt.trigger.condition import Watch, compile_condition
from selfee_rt.trigger.grammar import parse
from selfee_rt.trigger.history import Earlier
from selfee_rt.trigger.rules import RuleSet
from selfee_rt.types import SourceInfo
