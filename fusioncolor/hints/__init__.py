"""Colors by hand: hints in text and files, and the pixels that follow them."""

from fusioncolor.hints.points import Hint, apply, beside, check, parse, parse_all
from fusioncolor.hints.points import parse_all as parse_hints

__all__ = ["Hint", "apply", "beside", "check", "parse", "parse_all", "parse_hints"]
