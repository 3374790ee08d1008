"""Drafts: saved by revision, changed by dotted path, found again."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from studio import drafts
from studio.drafts import StaleDraftError, UnknownDraftError
from studio.workspace import StudioError, Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def test_a_new_draft_is_found_by_its_id_and_as_the_latest(workspace: Workspace) -> None:
    first = drafts.create(workspace, {"dataset": "digits"})
    second = drafts.create(workspace)
    assert drafts.load(workspace, first.id) == first
    assert first.revision == 1
    assert drafts.latest(workspace) == second
    drafts.save(workspace, first.id, 1, {"dataset": "wine"})
    latest = drafts.latest(workspace)
    assert latest is not None
    assert (latest.id, latest.revision, latest.recipe) == (first.id, 2, {"dataset": "wine"})


def test_without_drafts_there_is_no_latest(workspace: Workspace) -> None:
    assert drafts.latest(workspace) is None


def test_a_save_of_an_older_revision_is_refused_and_shows_what_stands(workspace: Workspace) -> None:
    draft = drafts.create(workspace, {"dataset": "digits"})
    drafts.save(workspace, draft.id, 1, {"dataset": "wine"})
    with pytest.raises(StaleDraftError, match="revision 2") as refusal:
        drafts.save(workspace, draft.id, 1, {"dataset": "iris"})
    assert refusal.value.current.recipe == {"dataset": "wine"}
    assert drafts.load(workspace, draft.id).recipe == {"dataset": "wine"}


def test_of_many_saves_of_one_revision_exactly_one_is_taken(workspace: Workspace) -> None:
    draft = drafts.create(workspace)
    taken: list[int] = []

    def save(number: int) -> None:
        try:
            drafts.save(workspace, draft.id, 1, {"name": str(number)})
        except StaleDraftError:
            return
        taken.append(number)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 1
    assert drafts.load(workspace, draft.id).recipe == {"name": str(taken[0])}


def test_fields_are_set_and_reset_by_dotted_path(workspace: Workspace) -> None:
    draft = drafts.create(workspace, {"dataset": "digits", "training": {"optimizer": "adam", "epochs": 3}})
    changed = drafts.change(
        workspace, draft.id, 1, {"training.optimizer.beta_1": 0.8, "training.patience": None}, ["training.epochs", "transfer.run"]
    )
    assert changed.recipe == {"dataset": "digits", "training": {"optimizer": {"name": "adam", "beta_1": 0.8}, "patience": None}}
    assert changed.revision == 2


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "ABCDEF", "a" * 33, "zz"])
def test_an_id_is_never_a_path(workspace: Workspace, name: str) -> None:
    with pytest.raises(UnknownDraftError):
        drafts.load(workspace, name)


def test_an_unknown_id_says_so(workspace: Workspace) -> None:
    with pytest.raises(UnknownDraftError, match="no draft 'abcd1234'"):
        drafts.load(workspace, "abcd1234")


def test_a_damaged_file_is_named_by_its_own_link_and_passed_over_by_the_latest(workspace: Workspace) -> None:
    good = drafts.create(workspace)
    bad = drafts.create(workspace)
    (workspace.drafts / f"{bad.id}.json").write_text("{")
    with pytest.raises(StudioError, match="damaged"):
        drafts.load(workspace, bad.id)
    assert drafts.latest(workspace) == good
    (workspace.drafts / f"{bad.id}.json").write_text('{"format": "studio.draft/9"}')
    with pytest.raises(StudioError, match=r"studio\.draft/1"):
        drafts.load(workspace, bad.id)


def test_old_drafts_make_room(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "KEPT", 3)
    made = [drafts.create(workspace) for _ in range(5)]
    assert {path.stem for path in workspace.drafts.glob("*.json")} == {draft.id for draft in made[2:]}
    drafts.remove(workspace, made[4].id)
    drafts.remove(workspace, made[4].id)
    assert drafts.latest(workspace) == made[3]
