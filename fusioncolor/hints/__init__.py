"""Colors by hand: hints in text and files, and the pixels that follow them."""

from fusioncolor.hints.points import Hint, apply, beside, check, parse, parse_all

__all__ = ["Hint", "apply", "beside", "check", "parse", "parse_all"]
