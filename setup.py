"""Builds the wheel of the Python package: CMake compiles the extension, the library of scenarios goes into the package.

RETWIN_BUILD names a build folder whose extension is taken as it is, build/release for instance; without it, one is compiled, by as many
processes as CMAKE_BUILD_PARALLEL_LEVEL says; else one for each core, but not more than one for each 1.5 GB of memory.
"""
import os
import pathlib
import re
import shutil
import subprocess

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

ROOT = pathlib.Path(__file__).resolve().parent


def processes():
    told = os.environ.get("CMAKE_BUILD_PARALLEL_LEVEL")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return told or str(max(1, min(len(os.sched_getaffinity(0)), int(memory / 1.5e9))))


class Compiled(build_ext):
    """The extension, by CMake."""

    def build_extension(self, ext):
        built = os.environ.get("RETWIN_BUILD")
        folder = ROOT / built if built else pathlib.Path(self.build_temp).resolve()
        if not built:
            subprocess.run(["cmake", "-S", ROOT, "-B", folder, "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_UNITY_BUILD=ON", "-DCMAKE_CXX_FLAGS_RELEASE=-O3 -DNDEBUG",
                            "-DRETWIN_RINGS="], check=True)
            subprocess.run(["cmake", "--build", folder, "--target", "retwin_python", "--parallel", processes()], check=True)
        target = pathlib.Path(self.get_ext_fullpath(ext.name))
        target.parent.mkdir(parents=True, exist_ok=True)
        made = folder / "python/retwin" / target.name
        if not made.exists():
            raise FileNotFoundError(f"{made}: the Python extension has not been built there")
        shutil.copy2(made, target)


class WithLibrary(build_py):
    """The package, with the scenarios where the extension looks for them."""

    def run(self):
        super().run()
        share = pathlib.Path(self.build_lib) / "retwin/share/retwin"
        shutil.rmtree(share, ignore_errors=True)
        shutil.copytree(ROOT / "scenarios", share)


setup(
    version=re.search(r"project\(retwin VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text())[1],
    packages=["retwin", "retwin.plot"],
    package_dir={"retwin": "bindings/python/retwin"},
    package_data={"retwin": ["py.typed", "*.pyi"]},
    ext_modules=[Extension("retwin._retwin", sources=[])],
    cmdclass={"build_ext": Compiled, "build_py": WithLibrary},
)
