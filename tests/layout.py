#!/usr/bin/python3
"""Checks that the house is in order: who may include whom, which package lives where, what the generic half may know.

usage: layout.py [ROOT] | layout.py --self-test

The rules are the tables below. The self-test makes a tree with one violation of each kind and must see all of them.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

# Folders of core/ by rank: each may include those of a lower rank and itself, never a sibling of the same rank.
CORE = [["base"], ["stats"], ["flow"], ["ledger", "graph", "platform", "registry"], ["scenario"], ["kpi"], ["experiment"],
        ["study"], ["telemetry"], ["report"]]
RANK = {folder: rank for rank, folders in enumerate(CORE) for folder in folders}
# Rooms inside a folder of core/, by floor: each may include those of a lower floor and itself. What stands in the folder itself
# (core/scenario/scenario.hpp) is a room of its own name.
FLOORS = {
    "flow": [["matter"], ["plant"], ["state"], ["engine"], ["rebase"]],
    "scenario": [["document"], ["specs"], ["library"], ["compile"], ["scenario"], ["terms"], ["words"], ["explain"]],
    "telemetry": [["log", "tables"], ["readers", "writers", "hours", "cases"], ["work", "drift", "balances"], ["lines", "machines"],
                  ["calibration"], ["given", "validation"]],
}
FLOOR = {folder: {room: floor for floor, rooms in enumerate(floors) for room in rooms} for folder, floors in FLOORS.items()}
# Rooms of the house: what each may include.
ROOMS = {"core": {"core"}, "models": {"core", "models"}, "bindings": {"core", "models", "bindings"},
         "tests": {"core", "models", "bindings", "tests"}, "examples": {"core", "models", "bindings"}}
# Packages with one home: pattern of the include, then the folders that may have it.
PACKAGES = {
    "yaml-cpp": (r"yaml-cpp/", ["core/scenario"]),
    "Boost.Graph": (r"boost/(graph|property_map)/", ["core/graph"]),
    "SimGrid": (r"simgrid/|xbt", ["core/platform", "tests"]),
    "pybind11": (r"pybind11/|Python\.h", ["bindings/python"]),
    "doctest": (r"doctest", ["tests"]),
    "CLI11": (r"CLI/", ["bindings/cli"]),
    "PEGTL": (r"tao/", ["core/base"]),
    "udunits2": (r"udunits2", ["core/base"]),
    "SQLite": (r"sqlite3", ["core/base"]),
    "pagmo": (r"pagmo/", ["core/study"]),
    "Google Benchmark": (r"benchmark/", ["tests"]),
}
# A header of the product may show the types of these everywhere, and those of a package in its home.
IN_HEADERS = r"fmt/|Eigen/"
# POSIX and C headers, beside those of the C++ library (which have neither dot nor slash).
SYSTEM = r"[a-z0-9_]+$|sys/[a-z]+\.h$|(unistd|dlfcn|fcntl|dirent|signal|spawn|time|math|string|stdlib|stdio|stdint|errno)\.h$"
# What is written another way here: pattern, folders, what instead.
INSTEAD = [
    (re.compile(r"\b(strto[dfl]+|sto[dfl]d?|atof)\b *\("), ["core", "models", "bindings"], "depends on the locale; number_of() does not"),
    (re.compile(r"fmt::print\( *std(err|out)|std::c(err|out) *<<"), ["core", "models", "bindings"],
     "throws where nobody listens, shows control characters; tell() and print() do not"),
    (re.compile(r"\.dump\((?![^;]*error_handler_t::replace)"), ["core", "models", "bindings"],
     "throws over a byte that is not UTF-8; with error_handler_t::replace it does not"),
    (re.compile(r"std::ofstream|mkstemp"), ["core", "models", "bindings"], "half a file may stay behind; AtomicFile leaves none"),
    (re.compile(r"std::thread\b *\w* *[({]|emplace_back\(\[.*std::thread"), ["core/experiment", "core/telemetry", "models", "bindings/cli"],
     "ends the program where no thread can be made; on_threads() goes on with fewer"),
]
# What the generic half does not know about, not even in a comment.
DOMAIN = re.compile(r"batter(y|ies)|lithium|cathode|anode|electrolyte|echelon|recycl|black.?mass|qingdao|"
                    r"(?<![a-z])(lfp|nmc\d*|nca|lmo|soh)(?![a-z])", re.IGNORECASE)
TOP_LEVEL = {".ci", ".clang-format", ".clang-tidy", ".editorconfig", ".gitattributes", ".github", ".gitignore", "CHANGELOG.md",
             "CMakeLists.txt", "CMakePresets.json", "CONTRIBUTING.md", "LICENSE", "README.md", "bindings", "core", "dev",
             "examples", "models", "pyproject.toml", "scenarios", "setup.py", "tests"}
# scenarios/ is data: what may stand there
DATA = {".yaml", ".csv", ".md", ".json"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def files_of(root):
    """Paths relative to root: those git knows or would add; where there is no repository, all but what a build leaves."""
    if (root / ".git").exists():
        listed = subprocess.run(["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-co", "--exclude-standard", "-z"],
                                capture_output=True, check=True, text=True).stdout
        return sorted(name for name in set(listed.split("\0")) if name and (root / name).is_file())
    names = (str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
    return sorted(name for name in names if not re.match(r"(build[^/]*|out|\.cache)/", name) and "__pycache__/" not in name)


def inside(name, folders):
    return any(name.startswith(folder + "/") for folder in folders)


def core_folder(name):
    """Folder of core/ that a file belongs to; core/registry.* is a folder of its own."""
    part = name.split("/")[1]
    return part.split(".")[0]


def room_of(name):
    """Room inside a folder of core/ that a file belongs to: core/flow/engine/x.cpp in engine, core/scenario/scenario.hpp in scenario."""
    return name.split("/")[2].split(".")[0]


def check_floor(folder, name, target):
    """What is wrong with an include from one room of a folder into another, or nothing."""
    mine, its = room_of(name), room_of(target)
    for room in (mine, its):
        if room not in FLOOR[folder]:
            return f"core/{folder}/{room} is not in the design"
    if mine != its and FLOOR[folder][its] >= FLOOR[folder][mine]:
        return f"core/{folder}/{mine} may not include core/{folder}/{its}"
    return None


def check_include(root, name, bracket, target):
    """What is wrong with one include of one file, or nothing."""
    room = name.split("/")[0]
    for package, (pattern, homes) in PACKAGES.items():
        if re.match(pattern, target):
            if not inside(name, homes):
                return f"{package} has its home in {', '.join(homes)}"
            return None
    target_room = target.split("/")[0]
    if target_room in ROOMS and "/" in target:
        if target_room not in ROOMS[room]:
            return f"{room} may not include {target_room}"
        if room == "bindings" and target_room == "bindings" and target.split("/")[1] not in (name.split("/")[1], "report"):
            return "one door may not include another"
        if room == "core":
            mine, its = core_folder(name), core_folder(target)
            if its not in RANK:
                return f"core/{its} is not in the design"
            if mine != its and RANK[its] >= RANK.get(mine, -1):
                return f"core/{mine} may not include core/{its}"
            if mine == its and mine in FLOOR:
                return check_floor(mine, name, target)
        return None
    if bracket == '"' and room != "tests":
        return None if (root / target).exists() else f'"{target}": write the path from the top'
    if name.endswith(".hpp") and room in ("core", "models") and not re.match(IN_HEADERS, target) \
            and not re.match(SYSTEM, target):
        return f"<{target}> in a public header outside its home"
    return None


def first_line_says_purpose(text):
    lines = text.splitlines()
    if lines and lines[0].startswith("#!"):
        lines = lines[1:]
    return bool(lines) and re.match(r'(//|#|"""|<!--)\s*\S+(\s+\S+){2,}', lines[0]) is not None


def is_source(name):
    return name.endswith((".cpp", ".hpp", ".py", ".cmake", "CMakeLists.txt")) or name in ("dev", ".ci/run")


def types_of(text):
    """Types that a file defines for others to link with: (namespace, name, line); what is nameless or in a class is its own affair."""
    space, nameless = "", False
    for number, line in enumerate(text.splitlines(), 1):
        if opened := re.match(r"namespace ([\w:]+) \{", line):
            space = opened[1]
        elif re.match(r"(inline )?namespace \{", line):
            nameless = True
        elif line.rstrip() == "}  // namespace":
            nameless = False
        elif not nameless and (made := re.match(r"(?:struct|class|union) (\w+)(?: final)?(?: :[^;{]*)? \{", line)):
            yield space, made[1], number


def nameless_of(text):
    """What a file says at its own level for itself alone: (namespace, name, what it says, line). Functions have their parameters in the
    name; what is said in the same words is the same, as an alias of a package's type."""
    space, nameless = "", False
    for number, line in enumerate(text.splitlines(), 1):
        if opened := re.match(r"namespace ([\w:]+) \{", line):
            space = opened[1]
        elif re.match(r"(inline )?namespace \{", line):
            nameless = True
        elif line.rstrip() == "}  // namespace":
            nameless = False
        elif nameless and (said := re.match(r"(?:struct|class|union|enum(?: class)?|using) (\w+)\b", line)
                           or re.match(r"(?:static )?const(?:expr)? [\w:<>*& ]*?\b(\w+)(?:\[\w*\])*(?: =|\{)", line)
                           or re.match(r"[\w:][\w:<>*&, ]* \*?&?(\w+\([^()]*\))(?: const)? \{", line)):
            yield space, said[1], line if line.startswith("using ") else None, number


def check(root):
    """All violations, as lines of text."""
    found = []
    names = files_of(root)
    defined, nameless = {}, {}
    for top in sorted({name.split("/")[0] for name in names} - TOP_LEVEL):
        found.append(f"{top}: nothing like this belongs at the top")
    for name in names:
        room = name.split("/")[0]
        if room == "scenarios":
            if pathlib.PurePath(name).suffix not in DATA:
                found.append(f"{name}: scenarios/ is data only")
            continue
        if not is_source(name) and not name.startswith("core/"):
            continue
        text = (root / name).read_text(encoding="utf-8")
        if is_source(name) and not first_line_says_purpose(text):
            found.append(f"{name}:1: the first line says what the file is for, in a comment")
        if name.endswith((".cpp", ".hpp")) and room in ROOMS:
            if room == "core" and core_folder(name) not in RANK:
                found.append(f"{name}: core/{core_folder(name)} is not in the design")
            elif room == "core" and core_folder(name) in FLOOR and room_of(name) not in FLOOR[core_folder(name)]:
                found.append(f"{name}: core/{core_folder(name)}/{room_of(name)} is not in the design")
            for match in INCLUDE.finditer(text):
                problem = check_include(root, name, match[1], match[2])
                if problem:
                    line = text.count("\n", 0, match.start(2)) + 1
                    found.append(f"{name}:{line}: {problem}")
        for space, made, number in types_of(text) if room in ("core", "models", "bindings") and name.endswith((".cpp", ".hpp")) else []:
            before = defined.setdefault((space, made), name)
            if before != name:
                found.append(f"{name}:{number}: {space}::{made} is defined in {before} too: a program has only one of them")
        for space, said, words, number in nameless_of(text) if room in ("core", "models", "bindings") and name.endswith(".cpp") else []:
            before = nameless.setdefault((name.rpartition("/")[0], space, said), (name, words))
            if before[0] != name and not (words and words == before[1]):
                found.append(f"{name}:{number}: {said} is of {before[0]} too, and files of a folder are compiled together")
        own = f"\nnamespace retwin::{pathlib.PurePath(name).stem} {{\n"
        if re.match(r"tests/(unit|laws)/.*_test\.cpp$", name) and own not in text:
            found.append(f"{name}: is compiled together with others: all of it stands in{own.rstrip(chr(10) + '{').replace(chr(10), ' ')}")
        for number, line in enumerate(text.splitlines() if name.endswith((".cpp", ".hpp")) else [], 1):
            for pattern, folders, instead in INSTEAD:
                if inside(name, folders) and pattern.search(line):
                    found.append(f"{name}:{number}: {instead}")
        if room == "core":
            for number, line in enumerate(text.splitlines(), 1):
                for match in DOMAIN.finditer(line):
                    found.append(f"{name}:{number}: core does not know what '{match[0]}' is")
    return found


# Violations, one per line: file, its text after a good first line, what the message must contain.
BAD = [
    ("core/base/a.cpp", '#include "core/stats/s.hpp"', "core/base may not include core/stats"),
    ("core/flow/engine/b.cpp", '#include "core/registry.hpp"', "core/flow may not include core/registry"),
    ("core/ledger/c.cpp", '#include "core/graph/g.hpp"', "core/ledger may not include core/graph"),
    ("core/registry.cpp", '#include "core/scenario/s.hpp"', "core/registry may not include core/scenario"),
    ("core/kpi/d.cpp", '#include "models/models.hpp"', "core may not include models"),
    ("models/e.cpp", '#include "bindings/cli/x.hpp"', "models may not include bindings"),
    ("bindings/cli/f.cpp", '#include "bindings/python/x.hpp"', "one door"),
    ("core/misc/g.cpp", "int x;", "not in the design"),
    ("core/base/h.cpp", "#include <yaml-cpp/yaml.h>", "yaml-cpp has its home"),
    ("core/flow/engine/i.cpp", "#include <boost/graph/adjacency_list.hpp>", "Boost.Graph has its home"),
    ("core/flow/engine/j.cpp", "#include <simgrid/s4u.hpp>", "SimGrid has its home"),
    ("bindings/cli/k.cpp", "#include <pybind11/pybind11.h>", "pybind11 has its home"),
    ("core/base/l.cpp", "#include <doctest/doctest.h>", "doctest has its home"),
    ("models/m.cpp", "#include <CLI/CLI.hpp>", "CLI11 has its home"),
    ("core/base/n.hpp", "#include <nlohmann/json.hpp>", "public header"),
    ("models/o.hpp", "#include <boost/math/distributions.hpp>", "public header"),
    ("core/base/p.cpp", '#include "units.hpp"', "path from the top"),
    ("core/base/q.cpp", "int x;  // state of a battery", "does not know what 'battery'"),
    ("core/base/r.cpp", "int label_soh;", "does not know what 'soh'"),
    ("core/base/s.cpp", 'const char* c = "NMC622";', "does not know what 'NMC622'"),
    ("core/flow/matter/u.cpp", '#include "core/flow/engine/engine.hpp"', "core/flow/matter may not include core/flow/engine"),
    ("core/telemetry/work/v.cpp", '#include "core/telemetry/drift/drift.hpp"', "core/telemetry/work may not include"),
    ("core/scenario/loose.cpp", "int x;", "core/scenario/loose is not in the design"),
    ("core/base/w.cpp", "double x = std::strtod(text, &end);", "depends on the locale"),
    ("bindings/cli/x.cpp", 'void f() { fmt::print(stderr, "x"); }', "throws where nobody listens"),
    ("core/report/x.cpp", "return json.dump(2);", "not UTF-8"),
    ("core/report/y.cpp", "std::ofstream file(path);", "half a file"),
    ("core/experiment/z.cpp", "std::thread helper(work);", "ends the program"),
    ("core/kpi/twice.hpp", "namespace retwin {\nstruct Twin {\n};\n}", "is defined in core/base/once.hpp too"),
    ("core/graph/same_b.cpp", "namespace retwin {\nnamespace {\nconstexpr double often = 3, rare = 1;\n}  // namespace\n}", "often is of core/graph/same_a.cpp"),
    ("core/kpi/same_b.cpp", "namespace retwin {\nnamespace {\nusing Json = nlohmann::json;\n}  // namespace\n}", "Json is of core/kpi/same_a.cpp"),
    ("core/stats/same_b.cpp", "namespace retwin {\nnamespace {\ndouble half(double x) { return x / 2; }\n}  // namespace\n}", "half(double x) is of"),
    ("tests/unit/bare_test.cpp", "using namespace retwin;", "stands in namespace retwin::bare_test"),
    ("scenarios/t.py", "", "data only"),
    ("surprise/u.txt", "", "belongs at the top"),
]
# What must pass.
GOOD = [
    ("core/base/once.hpp", "namespace retwin {\nstruct Twin {\n};\n}"),
    ("core/base/own.cpp", "namespace retwin {\nnamespace {\nstruct Twin {\n};\n}  // namespace\n}"),
    ("core/base/other.hpp", "namespace retwin::other {\nstruct Twin {\n};\n}"),
    ("core/base/units.hpp", "#include <vector>\n#include <fmt/core.h>\n#include <Eigen/Core>"),
    ("core/flow/engine/ok.cpp", '#include "core/base/units.hpp"\n#include <nlohmann/json.hpp>\n#include <unistd.h>'),
    ("core/registry.hpp", '#include "core/flow/matter/unit_operation.hpp"'),
    ("core/scenario/compile/ok.cpp", '#include "core/registry.hpp"\n#include <yaml-cpp/yaml.h>\n#include "core/graph/g.hpp"'),
    ("models/ok.cpp", '#include "core/registry.hpp"\nconst char* soh = "battery";'),
    ("bindings/cli/ok.cpp", '#include "models/models.hpp"\n#include "bindings/cli/x.hpp"\n#include <CLI/CLI.hpp>'),
    ("core/graph/same_a.cpp", "namespace retwin {\nnamespace {\nconstexpr int often = 3;\n}  // namespace\n}"),
    ("core/kpi/same_a.cpp", "namespace retwin {\nnamespace {\nusing Json = nlohmann::ordered_json;\n}  // namespace\n}"),
    ("core/kpi/same_c.cpp", "namespace retwin {\nnamespace {\nusing Json = nlohmann::ordered_json;\n}  // namespace\n}"),
    ("core/stats/same_a.cpp", "namespace retwin {\nnamespace {\ndouble half(double x) {\n}\ndouble half(int x) {\n}\n}  // namespace\n}"),
    ("tests/unit/ok_test.cpp", '#include <doctest/doctest.h>\n#include "core/base/units.hpp"\n#include <simgrid/s4u.hpp>\nnamespace retwin::ok_test {\n}'),
    ("dev", "echo"),
]


def self_test():
    """Negative control: each violation is seen once, at its file, and nothing else is."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in [bad[:2] for bad in BAD] + GOOD + [("core/base/mute.cpp", None)]:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            sign = "//" if path.suffix in (".cpp", ".hpp") else "#"
            path.write_text("int x;\n" if text is None else f"{sign} Says what the file is for.\n{text}\n")
        found = check(root)
    failures = []
    for name, _, message in BAD + [("core/base/mute.cpp", None, "the first line says")]:
        hits = [line for line in found if line.startswith(name.split("/")[0] if "top" in message else name)
                and message in line]
        if not hits:
            failures.append(f"not caught: {name}: {message}")
        found = [line for line in found if line not in hits]
    return failures + [f"wrongly blamed: {line}" for line in found]


def main():
    if sys.argv[1:] == ["--self-test"]:
        problems, what = self_test(), f"{len(BAD) + 1} planted violations"
    else:
        root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent
        problems, what = check(root), f"{len(files_of(root))} files"
    print(*problems, sep="\n", end="\n" if problems else "")
    print(f"layout: {what}, {len(problems)} problem{'s' * (len(problems) != 1)}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
