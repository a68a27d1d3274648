"""Carbon footprints with their uncertainty: primary aluminium first."""
