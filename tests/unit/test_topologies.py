"""Saved topologies: what was entered is there again, and nothing of anybody else's is lost."""

from dataclasses import replace
from pathlib import Path

import pytest

from pgrepl_tui.session.topologies import SaveError, Shelf, TakenError, config_home, file_name
from pgrepl_tui.topology import Node, Topology, TopologyError, load

PAIR = Topology("app db", Node("db1"), (Node("db2"),))


def test_what_is_saved_is_there_again(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "topologies")
    saved = shelf.save(PAIR)
    assert saved.source == tmp_path / "topologies" / "app_db.yaml"
    assert load(saved.source) == saved
    assert [found.topology for found in shelf.saved()] == [saved]
    assert shelf.save(saved) is saved


def test_a_change_goes_to_its_own_file(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    changed = replace(shelf.save(PAIR), primary=Node("db9"))
    assert shelf.save(changed).source == tmp_path / "app_db.yaml"
    assert load(tmp_path / "app_db.yaml").primary.ssh == "db9"


def test_another_set_up_of_that_name_is_never_overwritten_without_asking(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.save(PAIR)
    other = replace(PAIR, primary=Node("db9"))
    with pytest.raises(TakenError) as caught:
        shelf.save(other)
    assert load(tmp_path / "app_db.yaml").primary.ssh == "db1"
    beside = shelf.save(other, path=caught.value.free)
    assert beside.source == tmp_path / "app_db-2.yaml"
    assert shelf.save(other, path=caught.value.path, replacing=True).primary.ssh == "db9"
    assert load(tmp_path / "app_db.yaml").primary.ssh == "db9"


def test_a_file_that_was_edited_by_hand_is_never_overwritten_without_asking(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    path = tmp_path / "app_db.yaml"
    shelf.save(PAIR)
    text = f"# why it is so\n{path.read_text()}"
    path.write_text(text)
    with pytest.raises(TakenError):
        shelf.save(replace(load(path), primary=Node("db9")))
    assert path.read_text() == text


def test_a_topology_from_elsewhere_is_left_where_it_is_until_it_is_changed(tmp_path: Path) -> None:
    (tmp_path / "ssh_config").write_text("")
    own = tmp_path / "own.yaml"
    own.write_text("name: mine\nssh_config: ssh_config\nprimary: {ssh: db1}\nstandbys: [{ssh: db2}]\n")
    shelf, given = Shelf(tmp_path / "shelf"), load(own)
    assert shelf.save(given) is given
    saved = shelf.save(replace(given, primary=Node("db9")))
    assert saved.source == tmp_path / "shelf" / "mine.yaml"
    assert load(saved.source).ssh_config == tmp_path / "ssh_config"
    assert load(own) == given


def test_a_damaged_one_is_listed_with_its_mistake(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("name: x\n")
    (found,) = Shelf(tmp_path).saved()
    assert found.topology is None
    assert "primary" in found.mistake


def test_a_path_is_opened_as_it_is_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "t.yaml").write_text("name: mine\nprimary: {ssh: db1}\nstandbys: [{ssh: db2}]\n")
    assert Shelf(tmp_path).open("~/t.yaml").name == "mine"
    for wrong in ("~/none.yaml", "~nobody-of-that-name/t.yaml"):
        with pytest.raises(TopologyError):
            Shelf(tmp_path).open(wrong)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SaveError, match="cannot be saved"):
        Shelf(tmp_path / "file" / "topologies").save(PAIR)


@pytest.mark.parametrize("name", ["../../x", "/etc/passwd", "a\nb", "", "...", "ä" * 300])
def test_a_name_cannot_lead_elsewhere(name: str) -> None:
    made = file_name(name)
    assert made == Path(made).name
    assert 0 < len(made) <= 60
    assert not made.startswith(".")


def test_only_an_absolute_xdg_folder_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert config_home() == tmp_path / "pgrepl-tui"
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert config_home() == tmp_path / ".config" / "pgrepl-tui"
