"""The library: sorted, narrowed down, ticked; what is nearly the same; folders that come and go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from index.errors import SourceError
from index.types import Document, NearDuplicate, Skipped
from qa.ui.cited import sources
from qa.ui.columns import COLUMNS, Order
from qa.ui.library import LibraryScreen
from qa.ui.scope import ScopeBar
from qa.ui.shelf import Heads, Shelf
from tests.ui.fake import DOCUMENTS, FakeBackend, refusal
from tests.ui.screen import ask, gone, opened, seen, until, write
from tui import QuothApp


def titles(app: QuothApp) -> list[str]:
    """The titles listed, from the top, as far as is needed to tell them apart."""
    lines = [line[7:] for line in seen(app).splitlines() if line[3:6] in ("[✓]", "[ ]")]
    return [line.split()[0] for line in lines]


def ticked(app: QuothApp) -> list[bool]:
    return [line[3:6] == "[✓]" for line in seen(app).splitlines() if line[3:6] in ("[✓]", "[ ]")]


def many(count: int) -> tuple[Document, ...]:
    return tuple(
        replace(
            DOCUMENTS[1],
            id=f"d{number}",
            title=f"Letter {number:05}",
            path=f"/post/{number}.md",
            publisher="Post Office" if number % 2 else "Harbour Office",
            published=f"{1800 + number % 200}-01-01",
        )
        for number in range(count)
    )


# --- sorting ------------------------------------------------------------------------------------


async def test_keys_sort_by_every_column_in_both_directions_and_say_so() -> None:
    async with opened(FakeBackend(), size=(120, 30)) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "current ≈ The Parish")
        assert titles(app) == ["Mills", "notes", "The"]
        for said, order in (
            ("by title, Z to A", ["The", "notes", "Mills"]),
            ("by source, A to Z", ["Mills", "notes", "The"]),
            ("by source, Z to A", ["notes", "The", "Mills"]),
            ("by date, newest first", ["notes", "Mills", "The"]),
            ("by date, oldest first", ["The", "Mills", "notes"]),
            ("by passages, most first", ["Mills", "notes", "The"]),
            ("by passages, fewest first", ["notes", "The", "Mills"]),
            ("by words, longest first", ["Mills", "The", "notes"]),
            ("by words, shortest first", ["notes", "The", "Mills"]),
            ("by state, missing first", ["notes", "The", "Mills"]),
            ("by state, current first", ["Mills", "The", "notes"]),
            ("by title, A to Z", ["Mills", "notes", "The"]),
        ):
            await pilot.press("greater_than_sign")
            await until(app, said)
            assert titles(app) == order, said
        await pilot.press("less_than_sign")
        await until(app, "by state, current first")


async def test_a_click_on_a_head_sorts_and_another_turns_the_order_around() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "▶ [✓] Mills of the Tide")
        heads = app.screen.query_one(Heads)
        row = seen(app).splitlines()[heads.region.y]
        await pilot.click(Heads, offset=(row.index("Words") - 1, 0))
        await until(app, "by words, longest first")
        await until(app, "Words ▼")
        await pilot.click(Heads, offset=(row.index("Words") - 1, 0))
        await until(app, "by words, shortest first")
        await until(app, "Words ▲")
        await pilot.click(Heads, offset=(row.index("Title"), 0))
        await until(app, "Title ▲")


def test_what_is_not_known_comes_last_whichever_way() -> None:
    from qa.types import Holding
    from qa.ui.columns import row

    rows = [
        row(Holding(replace(DOCUMENTS[0], id=name, published=date), 1, 1), {})
        for name, date in (("a", None), ("b", "2001"), ("c", "1999-05"))
    ]
    date = next(place for place, column in enumerate(COLUMNS) if column.name == "date")
    assert [each.id for each in Order(date).sort(rows, {})] == ["b", "c", "a"]
    assert [each.id for each in Order(date, turned=True).sort(rows, {})] == ["c", "b", "a"]


# --- what is told -------------------------------------------------------------------------------


async def test_states_are_looked_up_in_the_background_and_told_in_words() -> None:
    backend = FakeBackend()
    backend.check_on.clear()
    async with opened(backend) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "looking whether the file has changed")
        backend.check_on.set()
        await until(app, "changed ≈")
        await until(app, "current · nearly the same as “The Parish Ledger” (91% alike)")
        assert "· 13 passages" in seen(app)
        await pilot.press("end")
        await until(app, "file changed since it was indexed")
        await pilot.press("up")
        await until(app, "file missing now")


async def test_near_duplicates_are_named_and_can_be_filtered_for() -> None:
    backend = FakeBackend()
    backend.alike = {
        "tides": tuple(NearDuplicate(name, 0.8) for name in ("ledger", "hostile", "x"))
    }
    async with opened(backend, size=(120, 30)) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "current ≈ The Parish")
        await until(app, "“The Parish Ledger” (80% alike), “notes [/x] and [red]")
        await until(app, "and 1")
        await write(pilot, "nearly")
        await until(app, "1 of 3 documents")
        assert titles(app) == ["Mills"]


async def test_a_filter_that_nothing_meets_says_so() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "▶ [✓] Mills")
        await write(pilot, "zeppelin")
        await until(app, "No document meets the filter; esc empties it.")
        await pilot.press("space", "enter", "escape")
        await until(app, "▶ [✓] Mills")


# --- which count --------------------------------------------------------------------------------


async def test_space_and_a_click_on_the_tick_say_which_documents_are_asked() -> None:
    backend = FakeBackend()
    async with opened(backend) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "▶ [✓] Mills")
        await pilot.press("space")
        await until(app, "▶ [ ] Mills")
        await until(app, "3 documents · 2 count")
        await pilot.click(Shelf, offset=(4, 1))
        await until(app, "3 documents · 1 count")
        assert ticked(app) == [False, False, True]
        await pilot.press("escape")
        await until(app, "Asking only 1 of 3 documents: The Parish Ledger")
        await ask(pilot, "Who built the mill?")
        await until(app, "of the 1 ticked")
        assert backend.scopes == [frozenset({"ledger"})]
        await pilot.press("ctrl+g")
        await gone(app, "Asking only")
        await ask(pilot, "Who built the mill?")
        await until(app, lambda: backend.scopes == [frozenset({"ledger"}), None])


async def test_a_refusal_says_that_only_some_documents_were_asked() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "▶ [✓] Mills")
        await pilot.press("space", "escape")
        await ask(pilot, "Which submarine?")
        await until(app, "This is not in the 2 documents that you ticked")


async def test_all_none_inverted_and_only_those_shown() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "▶ [✓] Mills")
        for key, ticks in (
            ("minus", [False, False, False]),
            ("plus", [True, True, True]),
            ("space", [False, True, True]),
            ("asterisk", [True, False, False]),
        ):
            await pilot.press(key)
            await until(app, lambda wanted=ticks: ticked(app) == wanted)
        await write(pilot, "parish")
        await until(app, "1 of 3 documents")
        await pilot.press("down", "equals_sign", "escape")
        await until(app, lambda: ticked(app) == [False, False, True])
        await write(pilot, "mills")
        await until(app, "1 of 3 documents")
        await pilot.press("down", "plus", "escape")
        await until(app, lambda: ticked(app) == [True, False, True])


async def test_a_click_on_the_head_of_the_ticks_ticks_all_or_none() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "▶ [✓] Mills")
        await pilot.click(Heads, offset=(3, 0))
        await until(app, lambda: not any(ticked(app)))
        await pilot.click(Heads, offset=(3, 0))
        await until(app, lambda: all(ticked(app)))


async def test_no_tick_at_all_lets_all_count_and_says_so() -> None:
    backend = FakeBackend()
    async with opened(backend) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "▶ [✓] Mills")
        await pilot.press("minus", "escape")
        await until(app, "No document was ticked")
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        assert backend.scopes == [None]


async def test_the_scope_is_cleared_from_the_bar_by_mouse_and_by_key() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        for way in ("click", "enter", "/all"):
            await pilot.press("ctrl+l")
            await until(app, "▶ [✓] Mills")
            await pilot.press("space", "escape")
            await until(app, "Asking only 2 of 3 documents")
            bar = app.screen.query_one(ScopeBar)
            if way == "click":
                row = seen(app).splitlines()[bar.region.y]
                await pilot.click(ScopeBar, offset=(row.index("ctrl+g") - bar.region.x, 0))
            elif way == "enter":
                bar.focus()
                await pilot.press("enter")
            else:
                await ask(pilot, "/all")
            await gone(app, "Asking only")
            app.main.query_one("Composer").focus()


async def test_ticks_are_still_there_on_coming_back_and_a_click_on_the_bar_comes_back() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "▶ [✓] Mills")
        await pilot.press("space", "escape")
        await until(app, "Asking only")
        await pilot.click(ScopeBar, offset=(8, 0))
        await until(app, "▶ [ ] Mills")
        assert ticked(app) == [False, True, True]


# --- files and folders --------------------------------------------------------------------------


async def test_a_folder_is_added_with_its_path_completed() -> None:
    backend = FakeBackend()
    async with opened(backend) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "▶ [✓] Mills")
        await pilot.press("ctrl+d")
        await until(app, "/books  3 documents")
        await write(pilot, "~/es")
        await until(app, "~/estuary/")
        await pilot.press("tab", "down", "enter")
        await until(app, "✓ a folder, 12 new files to read")
        await pilot.press("enter")
        await until(app, "Index up to date: 4 documents")
        assert backend.updated == [("/books", "/home/estuary")]
        assert isinstance(app.screen, LibraryScreen)


async def test_what_is_wrong_with_a_path_is_said_and_nothing_is_added() -> None:
    backend = FakeBackend()
    async with opened(backend) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "▶ [✓] Mills")
        await pilot.press("ctrl+d")
        await write(pilot, "/nowhere [/x]")
        await until(app, "! There is no /nowhere [/x] in /home; check its name.")
        await pilot.press("enter")
        await pilot.pause()
        assert backend.updated == []
        await pilot.press("escape")
        await until(app, lambda: isinstance(app.screen, LibraryScreen))


async def test_a_folder_is_taken_out_only_when_that_is_confirmed() -> None:
    backend = FakeBackend()
    backend.roots = ("/books", "/books/tides.md", "/other")
    async with opened(backend) as (app, pilot):
        for answer in ("n", "y"):
            await pilot.press("ctrl+l")
            await until(app, "] Mills of the Tide")
            await pilot.press("ctrl+d")
            await until(app, "/books  3 documents")
            app.screen.query_one("#roots").focus()
            await pilot.press("home", "delete")
            # One of the three is named by itself as well, and stays.
            await until(app, "Its 2 documents go")
            await until(app, "the disk stay as they are")
            await pilot.press(answer)
            if answer == "n":
                await pilot.press("escape", "escape")
                assert backend.updated == []
        await until(app, lambda: backend.updated == [("/books/tides.md", "/other")])


async def test_the_last_folder_cannot_be_taken_out() -> None:
    backend = FakeBackend()
    async with opened(backend) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "▶ [✓] Mills")
        await pilot.press("ctrl+d")
        await until(app, "/books  3 documents")
        app.screen.query_one("#roots").focus()
        await pilot.press("home", "delete")
        await until(app, "! This is all there is; add another folder first.")


async def test_a_document_is_taken_out_only_when_that_is_confirmed() -> None:
    backend = FakeBackend()
    async with opened(backend) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "▶ [✓] Mills")
        await pilot.press("delete")
        await until(app, "Take “Mills of the Tide” out of the index?")
        assert "13 passages" in seen(app)
        assert "stays as it is" in seen(app)
        await pilot.press("enter")  # the first button keeps it
        await until(app, lambda: isinstance(app.screen, LibraryScreen))
        assert backend.removed == []
        await pilot.press("delete")
        await until(app, "Take it out")
        await pilot.click("#yes")
        await until(app, "2 documents · by title")
        assert backend.removed == [("tides",)]
        await until(app, "Index up to date: 2 documents")
        await pilot.press("escape")
        await gone(app, "Index up to date")


async def test_what_cannot_be_taken_out_is_one_sentence() -> None:
    backend = FakeBackend()
    backend.fail = SourceError("That would remove every document; delete the folder instead.")
    async with opened(backend) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "▶ [✓] Mills")
        await pilot.press("delete", "y")
        await until(app, "That would remove every document; delete the folder instead.")


async def test_a_document_that_is_gone_counts_no_more() -> None:
    backend = FakeBackend()
    async with opened(backend) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "▶ [✓] Mills")
        await pilot.press("end", "space", "home", "delete", "y")
        await until(app, "2 documents · 1 count")
        await pilot.press("escape", "escape")
        await until(app, "Asking only 1 of 2 documents: notes")


# --- a build, seen from here --------------------------------------------------------------------


async def test_a_build_is_seen_from_the_library_and_lists_what_it_left_out() -> None:
    backend = FakeBackend()
    backend.left_out = tuple(
        Skipped(f"/books/scan-{number}.md", f"is binary, not text, on page {number}")
        for number in range(60)
    )
    backend.build_on.clear()
    async with opened(backend) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "▶ [✓] Mills")
        await pilot.press("ctrl+r")
        await until(app, "▶ read")
        await until(app, "Reading 1 of 3 · ctrl+r stops · tides.md")
        backend.build_on.set()
        await until(app, "60 files left out")
        await until(app, "f9 lists them all, 57 more")
        await pilot.press("f9")
        await until(app, "60 files left out")
        await until(app, "is binary, not text, on page 3")
        await pilot.press("end")
        await until(app, "is binary, not text, on page 59")
        await pilot.press("escape", "escape", "escape")
        await until(app, "You might ask")


async def test_only_one_change_is_made_at_a_time() -> None:
    backend = FakeBackend()
    backend.build_on.clear()
    async with opened(backend) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "▶ [✓] Mills")
        await pilot.press("ctrl+r")
        await until(app, "Reading 1 of 3")
        await pilot.press("delete", "y")
        await until(app, "The index is being brought")
        assert backend.removed == []
        backend.build_on.set()
        await until(app, "Index up to date")


# --- ten thousand -------------------------------------------------------------------------------


async def test_ten_thousand_documents_are_filtered_sorted_and_ticked() -> None:
    backend = FakeBackend()
    backend.shelf, backend.alike = many(10_000), {}
    async with opened(backend) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "10,000 documents")
        await pilot.press("end")
        await until(app, "▶ [✓] Letter 09999")
        await write(pilot, "letter 0999")
        await until(app, "11 of 10,000 documents")
        await pilot.press("down", "equals_sign", "escape", "greater_than_sign")
        await until(app, "10,000 documents · 11 count · by title, Z to A")
        await pilot.press("home")
        await until(app, "▶ [✓] Letter 09999")
        await pilot.press("escape")
        await until(app, "Asking only 11 of 10,000 documents")


@pytest.mark.parametrize("size", [(80, 24), (40, 15), (160, 50)])
async def test_every_size_shows_the_list(size: tuple[int, int]) -> None:
    async with opened(FakeBackend(), size=size) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "▶ [✓] Mills")
        lines = seen(app).splitlines()
        assert len(lines) == size[1]
        assert "The Parish Ledger" in seen(app)
        await pilot.press("greater_than_sign")
        await until(app, "▼")


def test_copies_of_a_document_take_one_place_among_the_nearest_passages() -> None:
    answer = refusal("Which wheel had the submarine?")
    first = answer.hits[0]
    copy = replace(
        first,
        document=replace(first.document, id="copy"),
        passage=replace(first.passage, document_id="copy", text=first.passage.text.upper()),
    )
    found = sources(1, replace(answer, hits=(first, copy, *answer.hits[1:])))
    assert [source.citation.number for source in found] == [1, 2]
    assert [source.citation.hit.document.id for source in found] == ["tides", "ledger"]
