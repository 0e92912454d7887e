"""The house itself: what is installed, what is said of it, what may not be in it."""

import re
import subprocess
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


def test_modules_can_be_read_at_one_sitting():
    lengths = {
        p.name: len(p.read_text("utf-8").splitlines()) for p in (ROOT / "corpus_tools").glob("*.py")
    }
    assert max(lengths.values()) <= 400, lengths
