"""What is shipped: every row of every table is one that a study could state."""

import pytest

from scenarios.language.tables import Factor, Mix, Sourced
from scenarios.language.yaml_text import read
from scenarios.library.catalogue import names, path, tables
from scenarios.loading.schema_faults import validated


@pytest.mark.parametrize(("section", "model"), [("mixes", Mix), ("factors", Factor)])
def test_every_row_is_valid_in_the_words_of_a_config(section, model):
    for id, row in getattr(tables(), section).items():
        assert model.model_validate_json(row.model_dump_json()) == row, id


def test_every_row_has_a_source_and_a_licence():
    shipped = tables()
    for rows in (shipped.mixes, shipped.factors, shipped.gwp_sets):
        for id, row in rows.items():
            assert isinstance(row, Sourced)
            assert row.source, id
            assert row.licence, id
            assert row.confidence, id


def test_every_mix_has_a_factor_for_each_of_its_parts():
    for id, mix in tables().mixes.items():
        assert all(factor for _, factor in tables().factors_of(mix)), id
        assert mix.factor is None or mix.factor in tables().factors, id


@pytest.mark.parametrize("name", names())
def test_every_file_is_valid_for_itself(name):
    assert validated(read(path(name), name), name).title
