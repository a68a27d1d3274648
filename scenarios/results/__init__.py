"""What a run left behind."""

PRIMARY = "footprint"
OUTPUTS = "outputs"
TABLES = (
    *(PRIMARY, OUTPUTS, "accounts", "stages", "sources"),
    *("contribution", "by_gas", "flows"),
)
"""Tables of statistics in the order in which they are listed."""
