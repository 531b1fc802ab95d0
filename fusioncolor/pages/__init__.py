"""Pages that work without a network: pictures inside, one viewer with a slider."""

from fusioncolor.pages.parts import data_uri, filled, jpeg, shown, viewer

__all__ = ["data_uri", "filled", "jpeg", "shown", "viewer"]
