from tests.session.conftest import rig

__all__ = ["rig"]
