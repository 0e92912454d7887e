"""The house itself: what is installed, what is said of it, what may not be in it."""

import ast
import builtins
import importlib
import re
import subprocess
import sys
import tomllib

import pytest
import yaml
from places import ROOT, SHARED


def tracked():
    try:
        done = subprocess.run(
            ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no git checkout")
    return [ROOT / name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_every_locked_package_is_pinned_and_hashed():
    blocks = re.split(r"\n(?=[a-z])", re.sub(r"^#.*\n", "", LOCK, flags=re.M))
    assert len(blocks) > 50
    for block in filter(str.strip, blocks):
        assert re.match(r"[\w.-]+(\[[\w,]+\])?==\S+", block) and "--hash=sha256:" in block, block[
            :60
        ]


def test_the_lock_names_no_index():
    assert "://" not in LOCK and "--index-url" not in LOCK and "--find-links" not in LOCK


def test_every_dependency_is_in_the_lock():
    wanted = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
    names = [re.match(r"[\w-]+", name)[0].replace("_", "-") for name in wanted]
    assert {"jupyterlab", "nbval", "gensim", "matplotlib", "pyarabic", "pytest"} <= set(names)
    assert [name for name in names if f"\n{name}==" not in LOCK] == []


def test_conda_installs_the_same_lock_on_a_supported_python():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    *packages, pip = environment["dependencies"]
    assert pip["pip"] == ["--require-hashes", "-r requirements.lock"]
    (python,) = [p for p in packages if p.startswith("python=")]
    assert python.removeprefix("python=") in ("3.11", "3.12", "3.13")
    assert PROJECT["project"]["requires-python"] == ">=3.11,<3.14"


def test_the_citation_file_is_complete_and_of_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["version"] == PROJECT["project"]["version"]
    assert citation["license"] == PROJECT["project"]["license"] == "GPL-3.0-or-later"
    assert "GNU GENERAL PUBLIC LICENSE" in (ROOT / "LICENSE").read_text("utf-8")


def test_the_seed_article_is_byte_for_byte_what_was_given():
    given = SHARED.parent / "seeds" / "000_f222ddbe4d105493.txt"
    if not given.exists():
        pytest.skip("the article as given is not beside this repository (../shared/seeds)")
    assert (ROOT / "seeds" / "article" / given.name).read_bytes() == given.read_bytes()


def test_ci_runs_the_two_commands_of_the_readme():
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert re.findall(r"^make .*$", script, re.M) == ["make test", "make reproduce"]
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "\nmake reproduce " in readme and "\nmake test " in readme


def test_no_file_holds_a_path_of_a_machine():
    path = re.compile(r"(?<![\w.])/(?:home|root|Users|work)/\w+")
    for file in tracked():
        if file.suffix in (
            ".py",
            ".md",
            ".toml",
            ".yml",
            ".cff",
            ".ipynb",
            ".csv",
            ".lock",
            ".json",
        ):
            text = file.read_text("utf-8")
            found = [m[0] for m in path.finditer(text)]
            assert not found, (file, found)


# The house from top to bottom: a module imports from its own folder or from a lower one.
HOUSE = (
    "cli", "report", "reference", "framing", "discourse", "embeddings", "words", "resampling",
    "corpus", "arabic", "loading", "data", "files", "errors",
)  # fmt: skip
PACKAGE = ROOT / "corpus_tools"


def module_imports():
    """For each module the modules of this package that it imports, anywhere in its code."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
        names = set()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("corpus_tools"):
                inner = (node.module or "").removeprefix("corpus_tools").lstrip(".")
                whole = [f"{inner}.{a.name}".lstrip(".") for a in node.names]
                names |= {m if is_module(m) else inner for m in whole}
            elif isinstance(node, ast.Import):
                names |= {a.name for a in node.names if a.name.split(".")[0] == "corpus_tools"}
        found[name] = names
    return found


def is_module(name):
    path = PACKAGE / name.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").is_file()


def test_imports_go_from_the_top_of_the_house_to_the_bottom():
    for module, imported in module_imports().items():
        if module == "__init__":
            continue
        floor = HOUSE.index(module.split(".")[0])
        for name in imported:
            # The front door opens into every room; only commands go in by it.
            if name == "corpus_tools":
                assert module.startswith("cli."), (module, name)
            else:
                assert HOUSE.index(name.split(".")[0]) >= floor, (module, name)


def test_imports_form_no_circle():
    imported = module_imports()
    done = set()

    def visit(module, path):
        assert module not in path, " imports ".join([*path[path.index(module) :], module])
        if module not in done:
            for name in sorted(imported.get(module, ())):
                visit(name, [*path, module])
            done.add(module)

    for module in imported:
        visit(module, [])


def test_every_room_of_the_house_is_on_the_list_and_has_a_door():
    rooms = {p.name.removesuffix(".py") for p in PACKAGE.iterdir() if p.suffix in ("", ".py")}
    assert rooms - {"__init__", "__pycache__"} == set(HOUSE)
    for room in PACKAGE.iterdir():
        if (room / "__init__.pyi").exists():
            module = importlib.import_module(f"corpus_tools.{room.name}")
            names = {node.stem for node in room.glob("*.py")}
            # A function named as its module would be hidden once the module is imported.
            assert not names & set(module.__all__), names & set(module.__all__)
            assert all(getattr(module, name) is not None for name in module.__all__)


def test_no_function_hides_a_builtin_and_no_import_is_renamed_to_make_room():
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                special = node.name.startswith("__")
                assert special or not hasattr(builtins, node.name), (path, node.name)
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert not any((a.asname or "").endswith("_") for a in node.names), path


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, corpus_tools; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert not {"polars", "numpy", "gensim", "scipy", "matplotlib", "sklearn"} & set(loaded.split())
