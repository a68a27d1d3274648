"""A study with a credit: the largest stage is told by size, and without a share."""

import re

import pytest

from scenarios.report import build
from scenarios.results.file import open_result, result_file

STUDY = """\
title: A credit
run: {draws: 512, seed: 1}
declared_unit: {amount: 1, units: t, product: bar}
inputs:
  melting: {units: kg CO2e/t, lognormal: {median: 500, gsd: 1.1}, source: made}
  recycling: {units: kg CO2e/t, normal: {mean: CREDIT, sd: 50}, source: made}
processes:
  mill:
    stage: smelting
    makes: {product: bar, units: t}
    needs: {scrap: {product: scrapped, amount: 1 t/t}}
    emits: {melt: {gas: CO2e, amount: melting, source: process}}
  sorting:
    stage: refining
    makes: {product: scrapped, units: t}
    emits: {credit: {gas: CO2e, amount: recycling, source: process}}
"""


@pytest.mark.parametrize(
    ("credit", "cell", "sentence"),
    [
        ("-900", "refining", "The largest stage by size is refining; stages are"),
        ("-100", "smelting", "The largest stage by size is smelting; stages are"),
        ("900", "refining 64 %", "The largest stage is refining with 64 %"),
    ],
)
def test_a_share_is_given_where_all_stages_have_one_sign(
    potline, no_figures, tmp_path, credit, cell, sentence
):
    study = STUDY.replace("CREDIT", credit)
    (tmp_path / "study.yaml").write_text(study, encoding="utf-8")
    answer = potline("run", "study.yaml", "--out", "here")
    assert answer.code == 0, answer.err
    row = next(x for x in answer.out.splitlines() if x.startswith("baseline "))
    found = re.search(r"(refining|smelting)( \d+ %)?  ", row)
    assert found
    assert found[0].strip() == cell
    page = build([open_result(result_file(tmp_path / "here"))])
    assert sentence in page.replace("\xa0", " ").replace("\u202f", " ")
