"""The judge of test_same_workspace.py can fail: what is not listed, and what is listed in vain."""

import pytest

import same_workspace_differences as judge
from same_workspace_differences import differences, listed, verdict

# No client runs here, so that nothing of it stands in the run's table.
CLIENTS = ()
OURS = {"a": {"b": 1, "c/d": "x"}, "list": [1, {"e": True}], "same": None}
THEIRS = {"a": {"b": 2}, "list": [1, {"e": 1}], "same": None}
FOUND = [
    ("/a/b", 1, 2),
    ("/a/c~1d", "x", "(absent)"),
    ("/list/1/e", True, 1),
]
ALL = [
    {"where": "/a/b", "ours": 1, "theirs": 2, "why": "."},
    {"where": "/a/c~1d", "oursLike": "?", "why": "."},
    {"where": "/list/*/e", "ours": True, "theirs": 1, "why": "."},
]


def test_finds_each_difference_where_it_is():
    assert list(differences(OURS, THEIRS)) == FOUND
    assert list(differences([1, 2], [1])) == [("", [1, 2], [1])]
    assert list(differences(OURS, OURS)) == []


def test_takes_what_is_listed_and_nothing_else():
    assert verdict(FOUND, ALL) == []
    (missing,) = verdict(FOUND, ALL[:2])
    assert missing.startswith("not listed: /list/1/e")
    (vain,) = verdict(FOUND[:2], ALL)
    assert vain == "listed, but not there any more: /list/*/e"


@pytest.mark.parametrize(
    "wrong",
    [
        {"where": "/a/b", "ours": 1, "theirs": 3},
        {"where": "/a/b", "ours": 1},
        {"where": "/a/b", "only": "ours"},
        {"where": "/a/b", "oursLike": "*", "theirs": 2},
        {"where": "/a/*/b", "ours": 1, "theirs": 2},
        {"where": "/*", "ours": 1, "theirs": 2},
    ],
)
def test_an_entry_explains_only_what_it_says(wrong):
    assert len(verdict(FOUND[:1], [wrong])) == 2


def test_only_one_side():
    found = [("/tag x", {"body": 1}, "(absent)")]
    assert verdict(found, [{"where": "/tag *", "only": "ours"}]) == []
    assert len(verdict(found, [{"where": "/tag *", "only": "theirs"}])) == 2


@pytest.mark.parametrize("what", ["left", "sent"])
@pytest.mark.parametrize("client", judge.CLIENTS)
def test_the_list_is_well_formed(what, client):
    assert listed(what, client)
