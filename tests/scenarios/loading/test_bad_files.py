"""Files that are no config, files that import files, and faults in several."""

from itertools import pairwise

import pytest

TEXTS: dict[str, tuple[bytes, int, str]] = {
    # line 0: the file as a whole
    "an empty file": (b"", 0, "is empty; `potline init` writes a study"),
    "comments alone": (b"# to do\n", 0, "is empty; `potline init`"),
    "a word": (b"hello\n", 1, "is no mapping of keys to values; begin with `title:"),
    "a list": (b"- a\n- b\n", 1, "is no mapping of keys to values"),
    "six megabytes": (b"# " + b"x" * 6 * 2**20, 0, "a file may have 5242880, so split"),
    "bytes": (bytes(range(256)), 0, "is no UTF-8 text; save the file as UTF-8"),
    "Latin 1": ("title: caf\xe9\n".encode("latin1"), 0, "is no UTF-8 text"),
    "UTF-16": ("title: x\n".encode("utf-16"), 0, "is UTF-16 text; save the file"),
    "a null": (b"title: a\x00b\n", 0, "a control character, as of a binary file"),
    "half a surrogate": (b'title: "\\ud800"\n', 0, "holds a character that is none"),
    "nothing to compute": (b"title: x\n", 0, "nothing to compute: state processes"),
    "digits without end": (b"title: " + b"9" * 5000, 0, "thousands of digits"),
    "brackets without end": (b"inputs: " + b"[" * 10**6, 0, "nested more than 30 deep"),
    "blocks without end": (
        "".join(" " * i + "a:\n" for i in range(2000)).encode(),
        0,
        "nested more than 30 deep",
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_file_that_is_no_config_is_refused(name, potline, tmp_path):
    content, line, says = TEXTS[name]
    (tmp_path / "study.yaml").write_bytes(content)
    told = potline("run", "study.yaml")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("study.yaml: 1 fault\n  ")
    assert says in told.err
    assert (f"line {line}: " in told.err) == (line > 0)
    assert [path.name for path in tmp_path.iterdir()] == ["study.yaml"]


def test_a_billion_laughs_are_not_laughed(potline, tmp_path):
    names = "abcdefghi"
    lines = [f"a: &a [{', '.join(['lol'] * 9)}]"] + [
        f"{one}: &{one} [{', '.join([f'*{before}'] * 9)}]"
        for before, one in pairwise(names)
    ]
    (tmp_path / "study.yaml").write_text("\n".join(lines))
    told = potline("check", "study.yaml")
    assert told.code == 2
    assert "line 1: an anchor is not allowed in a config" in told.err


def test_a_missing_config_names_the_nearest(potline, tmp_path):
    (tmp_path / "study.yaml").write_text("title: x")
    assert "did you mean study.yaml?" in potline("run", "studi.yaml").err
    assert "`potline init other.yml`" in potline("run", "other.yml").err


def test_a_folder_or_a_device_is_no_config(potline, tmp_path):
    (tmp_path / "study.yaml").mkdir()
    for name in ("study.yaml", "/dev/zero"):
        told = potline("run", name)
        assert told.code == 2
        assert "is a folder or a device, not a file" in told.err


def test_all_faults_of_a_file_are_told_at_once(small, potline, tmp_path):
    edits = {
        "sd: 50": "sd: -50",
        "gsd: 1.05": "gsd: 0.5",
        "value: 1.33": "valeu: 1.33",
        "design: sobol": "design: sobel",
        "account: upstream": "account: up",
    }
    for old, new in edits.items():
        small = small.replace(old, new, 1)
    (tmp_path / "study.yaml").write_text(small)
    head, *faults = potline("run", "study.yaml").err.splitlines()
    assert head == "study.yaml: 5 faults"
    # in the order of the file
    assert [int(fault.split()[1].strip(":")) for fault in faults] == [3, 11, 15, 17, 31]


def test_all_faults_between_parts_are_told_at_once(small, potline, tmp_path):
    edits = {
        "casting.loss)": "casting.lost)",
        "mix: cn_2023": "mix: cn_2032",
        "supply: smelting.power": "supply: smelting.pwer",
        "gas: CO2, amount": "gas: CO3, amount",
        "mix: hydro_contract": "mix: hydro_contact",
        "{smelting.electricity: 0.97}": "{smelting.elec: 0.97}",
    }
    for old, new in edits.items():
        small = small.replace(old, new, 1)
    (tmp_path / "study.yaml").write_text(small)
    told = potline("run", "study.yaml", "--draws", "0")
    assert "command line: 1 fault\n  --draws: must be 1 or more, not 0" in told.err
    assert "study.yaml: 6 faults" in told.err


def test_what_reads_an_input_at_fault_is_not_told_too(small, potline, tmp_path):
    # smelting.electricity is read by a process and scaled by a scenario
    text = small.replace("units: kWh/t\n    normal", "units: kwh/t\n    normal")
    (tmp_path / "study.yaml").write_text(text)
    assert potline("check", "study.yaml").err.startswith("study.yaml: 1 fault\n")


def test_a_fault_in_an_imported_file_names_that_file(small, potline, tmp_path):
    text = small.replace("sd: 50", "sd: -50").replace(
        "title:", "import: [a.yaml]\ntitle:"
    )
    (tmp_path / "study.yaml").write_text(text)
    more = 'title: more\ninputs:\n  more: {units: "1", vale: 1, source: x}\n'
    (tmp_path / "a.yaml").write_text(more)
    told = potline("run", "study.yaml")
    assert told.err.splitlines() == [
        "a.yaml: 1 fault",
        "  line 3: inputs.more.vale: unknown key; did you mean value?",
        "study.yaml: 1 fault",
        "  line 12: inputs.smelting.electricity.normal.sd: -50 is negative; "
        "write 50, or 0 for no spread",
    ]


def test_a_fault_between_files_names_the_file_that_states_it(small, potline, tmp_path):
    text = small.replace("title:", "import: [a.yaml]\ntitle:")
    (tmp_path / "study.yaml").write_text(text)
    (tmp_path / "a.yaml").write_text(
        "outputs:\n  more: {units: kg, formula: nothing}\n"
    )
    told = potline("run", "study.yaml")
    assert told.err.splitlines()[0] == "a.yaml: 1 fault"
    assert (
        "  line 2: outputs.more.formula: no input, result or output is called"
        in told.err
    )


def test_a_circle_of_imports_is_told_once(small, potline, tmp_path):
    text = small.replace("title:", "import: [a.yaml]\ntitle:")
    (tmp_path / "study.yaml").write_text(text)
    (tmp_path / "a.yaml").write_text("import: [b.yaml]\n")
    (tmp_path / "b.yaml").write_text("import: [a.yaml]\n")
    told = potline("run", "study.yaml")
    assert told.err.splitlines() == [
        "b.yaml: 1 fault",
        "  line 1: import.0: files import in a circle: "
        "study.yaml -> a.yaml -> b.yaml -> a.yaml",
    ]


def test_a_chain_of_imports_has_an_end(small, potline, tmp_path):
    for i in range(40):
        (tmp_path / f"a{i}.yaml").write_text(f"import: [a{i + 1}.yaml]\n")
    text = small.replace("title:", "import: [a0.yaml]\ntitle:")
    (tmp_path / "study.yaml").write_text(text)
    told = potline("run", "study.yaml")
    assert told.code == 2
    assert "more than 20 files import one another in a row" in told.err


def test_a_link_out_of_the_folder_is_not_followed(small, potline, tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "outside.yaml").write_text("title: x\n")
    (inside / "a.yaml").symlink_to(tmp_path / "outside.yaml")
    text = small.replace("title:", "import: [a.yaml]\ntitle:")
    (inside / "study.yaml").write_text(text)
    told = potline("run", "inside/study.yaml")
    assert told.code == 2
    assert "line 1: import.0: lies outside the config's folder" in told.err


def test_a_missing_declared_unit_is_told_without_a_line(small, potline, tmp_path):
    text = small.replace("declared_unit:", "# declared_unit:")
    (tmp_path / "study.yaml").write_text(text)
    assert potline("run", "study.yaml").err.splitlines() == [
        "study.yaml: 1 fault",
        "  declared_unit: is missing; add {amount: 1, units: t, product: ...}",
    ]


def test_a_message_moves_no_terminal(small, potline, tmp_path):
    text = small.replace("mix: cn_2023", 'mix: "\\e[31mred"')
    (tmp_path / "study.yaml").write_text(text)
    told = potline("run", "study.yaml")
    assert told.code == 2
    assert "\x1b" not in told.err
