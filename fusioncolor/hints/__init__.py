"""Colors by hand: hints in text and files, and the pixels that follow them."""

from fusioncolor.hints.points import JSON, Given, Hint, apply, beside, check, names_beside, parse, parse_all
from fusioncolor.hints.points import parse_all as parse_hints

__all__ = ["JSON", "Given", "Hint", "apply", "beside", "check", "names_beside", "parse", "parse_all", "parse_hints"]
