"""Options of `fusioncolor doctor`."""

from dataclasses import dataclass

from fusioncolor.config.fields import option


@dataclass(frozen=True)
class DoctorConfig:
    """Options of `fusioncolor doctor`."""

    measure: bool = option(True, "Also colorize a picture and say how long it takes")
