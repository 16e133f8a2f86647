"""What every record, and every table of bench.toml, is."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A checked, immutable record; an unknown key is an error, and so is a number that is none."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Section(BaseModel):
    """A table of bench.toml: immutable, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
