"""Carbon footprints with their uncertainty: primary aluminium, cradle to gate, first."""
