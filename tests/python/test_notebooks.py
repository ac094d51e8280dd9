"""Notebooks: each runs from top to bottom, shows pictures, begins with a question, and git has none of what it shows. RETWIN_PICTURES names a folder
to keep the pictures in.
"""
import base64
import json
import os
import pathlib
import re
import sys

import pytest
import retwin

from conftest import ROOT

EXAMPLES = ROOT / "examples"
NOTEBOOKS = sorted(path.stem for path in EXAMPLES.glob("*.ipynb"))
every = pytest.mark.parametrize("name", NOTEBOOKS)


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """The kernel python3 is the Python that runs the tests, with the package under test; files that a notebook writes go away."""
    for module in ("nbclient", "nbformat", "ipykernel", "matplotlib", "pandas", "yaml"):
        pytest.importorskip(module, reason=f"notebooks are run with {module}: apt install python3-{module}")
    (tmp_path / "tmp").mkdir()
    place = tmp_path / "jupyter/kernels/python3"
    place.mkdir(parents=True)
    environment = {"PYTHONPATH": str(pathlib.Path(retwin.__file__).resolve().parent.parent), "TMPDIR": str(tmp_path / "tmp"),
                   "PYDEVD_DISABLE_FILE_VALIDATION": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    place.joinpath("kernel.json").write_text(json.dumps({
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "Python 3", "language": "python",
        "env": environment}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")


def run(notebook):
    """What its cells show, one output after the other. Raises nbclient's CellExecutionError where one fails."""
    import nbclient
    import nbformat

    read = nbformat.reads(json.dumps(notebook), as_version=4)
    nbformat.validate(read)
    nbclient.NotebookClient(read, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(EXAMPLES)}}).execute()
    return [output for cell in read.cells for output in cell.get("outputs", [])]


def pictures(outputs):
    return [base64.b64decode(output["data"]["image/png"]) for output in outputs if "image/png" in output.get("data", {})]


def notebook(name):
    return json.loads((EXAMPLES / f"{name}.ipynb").read_text())


def made_of(*cells):
    """A notebook for the controls: text is markdown, lines in a list are code."""
    made = [{"cell_type": "markdown", "id": f"c{k}", "metadata": {}, "source": cell} if isinstance(cell, str) else
            {"cell_type": "code", "id": f"c{k}", "metadata": {}, "source": "\n".join(cell), "outputs": [], "execution_count": None}
            for k, cell in enumerate(cells)]
    return {"cells": made, "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}, "nbformat": 4, "nbformat_minor": 5}


def faults(read):
    """What is wrong with a notebook as it stands in git."""
    found = []
    text = ["".join(cell["source"]) for cell in read["cells"]]
    kinds = [cell["cell_type"] for cell in read["cells"]]
    if any(cell.get("outputs") or cell.get("execution_count") for cell in read["cells"]):
        found.append("has outputs: strip them (jupyter nbconvert --clear-output --inplace)")
    if kinds[0] != "markdown" or "?" not in text[0]:
        found.append("begins without a question")
    if kinds[-1] != "markdown" or "?" not in text[-1]:
        found.append("ends without what one could ask next")
    for kind, words in zip(kinds, text):
        figure = re.search(r"\d+[.,]\d", re.sub(r"`[^`]*`", "", words)) if kind == "markdown" else None
        if figure:
            found.append(f"says the figure {figure[0]}... in words, which may become untrue: let a cell say it")
    return found


def test_they_are_all_there():
    assert NOTEBOOKS == ["first_run", "footprint", "fork_tonight", "layout_gate", "log_to_twin", "optimise_sorting", "what_limits"]


@every
def test_as_it_stands_in_git(name):
    assert faults(notebook(name)) == []


@every
def test_runs_and_shows_pictures(name, kernel):
    outputs = run(notebook(name))
    shown = pictures(outputs)
    assert shown and all(len(picture) > 5000 for picture in shown)
    loud = [output["text"] for output in outputs if output.get("name") == "stderr" and "Warning" in output["text"]]
    assert loud == []
    for k, picture in enumerate(shown if "RETWIN_PICTURES" in os.environ else []):
        (pathlib.Path(os.environ["RETWIN_PICTURES"]) / f"notebook_{name}_{k}.png").write_bytes(picture)


def test_the_control_sees_a_cell_that_fails(kernel):
    from nbclient.exceptions import CellExecutionError

    with pytest.raises(CellExecutionError, match="no station mwr"):
        run(made_of("What fails?", ["import retwin", "result = retwin.load('../scenarios/plants/mm1.yaml').run(replications=1)",
                                    "retwin.plot.states(result, stations=['mwr'])"]))
    assert pictures(run(made_of("What is shown?", ["print(1)"]))) == []


def test_the_control_sees_outputs_and_missing_questions():
    good = made_of("Why?", ["1"], "And `retwin 0.1`?")
    assert faults(good) == []
    good["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "1"}]
    assert len(faults(good)) == 1 and "outputs" in faults(good)[0]
    assert len(faults(made_of("Because.", ["1"], "It is 4.2 t."))) == 3
