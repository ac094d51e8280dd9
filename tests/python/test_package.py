"""The package: its stub is that of the extension, examples are typed, a wheel is enough to work with."""
import ast
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import time

import pytest
import retwin
from retwin import _retwin

import stub
from conftest import ROOT

BUILT = pathlib.Path(retwin.__file__).resolve().parent
PAGE = BUILT.parent.parent / "report/page.html"  # empty where there was no npm
HAS_PAGE = PAGE.exists() and PAGE.stat().st_size > 0


def test_the_build_has_the_package_of_the_sources():
    sources = ROOT / "bindings/python/retwin"
    names = sorted(str(path.relative_to(sources)) for path in sources.rglob("*") if path.suffix in (".py", ".pyi", ".typed"))
    assert "__init__.py" in names and "plot/_sankey.py" in names
    for name in names:
        assert (BUILT / name).read_bytes() == (sources / name).read_bytes(), name


def test_all_that_the_extension_has_is_in_the_package():
    public = {name for name in vars(_retwin) if not name.startswith("_")}
    assert public <= set(vars(retwin))
    assert public - {"list"} <= set(retwin.__all__)
    assert all(hasattr(retwin, name) for name in retwin.__all__)


def test_names_are_those_of_the_package(mm1):
    assert retwin.Scenario.__module__ == retwin.load.__module__ == retwin.draw.__module__ == "retwin"
    assert "_retwin" not in repr(retwin.Scenario) + retwin.Scenario.run.__doc__ + retwin.compare.__doc__
    with pytest.raises(retwin.InputError) as caught:
        mm1.set("stations.desk.durations", 1)
    assert type(caught.value).__module__ == "retwin" and "_retwin" not in repr(caught.value)


def test_the_stub_is_that_of_the_extension():
    kept = stub.STUB.read_text()
    assert kept == stub.stub(), "run PYTHONPATH=build/release/python tests/python/stub.py --update"
    tree = ast.parse(kept)
    named = {node.name for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
    assert named == {name for name in vars(_retwin) if not name.startswith("__")}
    # Control: a function that has got another argument, and one more, must be seen.
    scenario = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Scenario")
    run = next(node for node in scenario.body if isinstance(node, ast.FunctionDef) and node.name == "run")
    assert [a.arg for a in run.args.kwonlyargs][:3] == ["replications", "jobs", "seed"]
    other = kept.replace("max_replications", "most_replications")
    assert other != stub.stub()


@pytest.mark.skipif(not shutil.which("mypy"), reason="mypy is not installed")
def test_examples_and_package_are_typed(tmp_path):
    def mypy(*arguments):
        environment = {**os.environ, "MYPYPATH": str(BUILT.parent), "PYTHONPATH": ""}
        return subprocess.run(["/usr/bin/mypy", "--strict", "--config-file", ROOT / "pyproject.toml", "--cache-dir", tmp_path / "cache", *arguments],
                              cwd=tmp_path, env=environment, capture_output=True, text=True)

    for what in (sorted(ROOT.glob("examples/*.py")), ["-p", "retwin"]):
        done = mypy(*what)
        assert done.returncode == 0, done.stdout + done.stderr
    wrong = tmp_path / "wrong.py"  # control
    wrong.write_text("import retwin\nretwin.load('plant.yaml').run(replications=[3])\n")
    assert "[arg-type]" in mypy(wrong).stdout


def first_lines():
    """Those of the README."""
    text = (ROOT / "README.md").read_text()
    return re.search(r"```python\nimport retwin\n.*?```", text, re.DOTALL)[0].removeprefix("```python\n").removesuffix("```")


def test_a_wheel_is_enough(tmp_path):
    pytest.importorskip("build")
    pytest.importorskip("wheel")
    source = tmp_path / "source"
    for name in ("setup.py", "pyproject.toml", "CMakeLists.txt", "bindings/python/retwin", "scenarios"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy2)(ROOT / name, (source / name).parent.mkdir(parents=True, exist_ok=True) or source / name)
    environment = {**os.environ, "RETWIN_BUILD": str(BUILT.parent.parent), "PYTHONPATH": ""}
    subprocess.run([sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", tmp_path, source], check=True, env=environment, capture_output=True)
    wheel, = tmp_path.glob("retwin-*.whl")
    assert wheel.name == f"retwin-{retwin.__version__}-cp311-cp311-linux_x86_64.whl"
    subprocess.run([sys.executable, "-m", "venv", "--system-site-packages", tmp_path / "fresh"], check=True)
    python = tmp_path / "fresh/bin/python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", wheel], check=True, env=environment)
    shutil.rmtree(source)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    code = ("import retwin, pathlib\n"
            "share = pathlib.Path(retwin.__file__).parent / 'share/retwin'\n"
            "names = list(retwin.list()['name'])\n"
            f"assert {str(tmp_path)!r} in retwin.__file__, retwin.__file__\n"
            "assert any(str(share) in name or name.endswith('retwin/share/retwin/plants/qingdao.yaml') for name in names), names\n"
            "page = pathlib.Path('page.html')\n"
            "try:\n    retwin.load(share / 'plants/qingdao.yaml').run(replications=1, duration='3 d', warmup='1 d', report=page)\n"
            "except retwin.InputError as error:\n    assert 'built without the page' in str(error), error\n"
            f"assert page.exists() == {HAS_PAGE} and (not page.exists() or '<!doctype html>' in page.read_text()[:20])\n"
            + first_lines().replace('"scenarios/plants/qingdao.yaml"', "share / 'plants/qingdao.yaml'"))
    assert "share / 'plants" in code
    done = subprocess.run([python, "-c", code], cwd=elsewhere, env={**environment, "RETWIN_LIBRARY": ""}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout.split()[0]) > 0


def test_pandas_and_matplotlib_are_not_needed(mm1):
    code = ("import sys\nsys.modules['pandas'] = sys.modules['matplotlib'] = sys.modules['matplotlib.pyplot'] = sys.modules['tqdm'] = None\n"
            f"import retwin\nresult = retwin.load({str(ROOT / 'tests/python/mm1.yaml')!r}).run()\nresult._repr_html_()\n"
            "for needed, call in (('python3-pandas', result.to_frame), ('python3-matplotlib', lambda: retwin.plot.states(result))):\n"
            "    try:\n        call()\n    except ImportError as error:\n        assert needed in str(error), error\n    else:\n        raise SystemExit(3)\n")
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": str(BUILT.parent)})


def test_a_package_that_is_there_but_broken_says_so_itself(tmp_path):
    """As pandas does where a file beside the script has the name of something that it looks for."""
    (tmp_path / "pandas.py").write_text("import surely_not_there\n")
    (tmp_path / "matplotlib.py").write_text("raise ImportError('of another build')\n")
    code = (f"import retwin\nresult = retwin.load({str(ROOT / 'tests/python/mm1.yaml')!r}).run()\n"
            "for said, call in (('surely_not_there', result.to_frame), ('another build', lambda: retwin.plot.states(result))):\n"
            "    try:\n        call()\n    except ImportError as error:\n        assert said in str(error) and 'apt' not in str(error), error\n"
            "    else:\n        raise SystemExit(3)\n")
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(BUILT.parent)])})


def test_a_kernel_without_widgets_is_not_warned(monkeypatch, recwarn):
    pytest.importorskip("tqdm")
    from retwin import _progress
    monkeypatch.setattr(_progress, "_in_notebook", lambda: True)
    monkeypatch.setattr(_progress.importlib.util, "find_spec", lambda name: None)
    assert isinstance(_progress.bar("run"), _progress.Bar)
    assert not recwarn.list


def test_a_bar_is_told_the_share_done(mm1, monkeypatch):
    shown = []

    class Bar:
        def show(self, done):
            shown.append(done)

        def close(self):
            shown.append("closed")

    monkeypatch.setattr("retwin._progress.bar", lambda what: Bar())
    quiet = mm1.run(replications=3, duration="20000 h").json()
    assert shown[-1] == "closed" and 0 < shown[0] <= 1 and shown[:-1] == sorted(shown[:-1])
    monkeypatch.undo()
    assert mm1.run(replications=3, duration="20000 h").json() == quiet


def test_the_bar_is_that_of_tqdm(capsys, monkeypatch):
    tqdm = pytest.importorskip("tqdm").tqdm
    from retwin import _progress
    assert _progress.bar("run") is None  # nobody looks
    monkeypatch.setattr(_progress, "_somebody_looks", lambda: True)
    assert isinstance(_progress.bar("run"), _progress.Bar)
    bar = _progress.Bar(lambda **settings: tqdm(**{**settings, "delay": 0, "mininterval": 0, "ncols": 60}), "run")
    for share in (0.25, 0.123, 0.999):
        bar.show(share)
    bar.close()
    told = capsys.readouterr().err
    assert "25 %" in told and "100 %" in told and "12 %" not in told  # it never goes back


def test_two_runs_in_two_threads_use_two_cores(mm1):
    def work():
        mm1.run(replications=1, jobs=1, duration="60000 h")

    threads = [threading.Thread(target=work) for _ in range(2)]
    begin, used = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    passed, used = time.perf_counter() - begin, time.process_time() - used
    if os.getloadavg()[0] > 1.5 * (os.cpu_count() or 1):
        pytest.skip("the machine is busy: both cores cannot be had")
    assert used > 1.4 * passed


def test_what_is_installed_finds_its_library(command, tmp_path):
    prefix = tmp_path / "prefix"
    subprocess.run(["cmake", "--install", BUILT.parent.parent, "--prefix", prefix], check=True, capture_output=True)
    listed = subprocess.run([prefix / "bin/retwin", "list"], check=True, capture_output=True, cwd="/", env={"PATH": "/usr/bin"}, text=True).stdout
    assert str(prefix / "share/retwin/plants/qingdao.yaml").lstrip("/") in listed and str(ROOT) not in listed
    code = "import retwin; print(retwin.__file__); print(*retwin.list()['name'])"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd="/", text=True,
                          env={"PATH": "/usr/bin", "PYTHONPATH": str(next(prefix.glob("lib/python3*/dist-packages")))}).stdout
    assert told.startswith(str(prefix)) and "share/retwin/plants/qingdao.yaml" in told and str(ROOT) not in told
    ours = subprocess.run([command, "list"], check=True, capture_output=True, cwd="/", env={"PATH": "/usr/bin"}, text=True).stdout
    assert str(ROOT).lstrip("/") in ours  # control: from the build tree it is that of the sources
