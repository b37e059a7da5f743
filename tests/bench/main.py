"""`chairside bench`: every figure in one run, as ratios, with the mark that each is held to."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from protocol.records.database import sqlite_url
from tests.bench import chain, ledger, searches, sheets, writes
from tests.bench.world import make_world
from tests.postgres import PostgresCluster

Figures = dict[str, dict[str, float]]
ENTRIES, ENTRIES_OF_A_SHORT_CHAIN = 1_000_000, 1_000
SHEETS = 1_000
# Figure -> (part, key, "at least" or "at most", mark)
MARKS: tuple[tuple[str, str, str, float], ...] = (
    ("writes sqlite", "eight_clients_ratio", "at least", 0.15),
    ("writes sqlite", "eight_clients_p99_over_p50", "at most", 4),
    ("writes postgresql", "eight_clients_ratio", "at least", 0.25),
    ("writes postgresql", "eight_clients_p99_over_p50", "at most", 4),
    ("verify sqlite", "ratio", "at most", 1.6),
    ("verify sqlite", "two_processes_of_one", "at most", 1),
    ("verify sqlite", "memory_mb", "at most", 200),
    ("verify sqlite", "append_of_a_short_chain", "at most", 1.3),
    ("verify sqlite", "proof_of_a_short_chain", "at most", 3),
    ("verify postgresql", "ratio", "at most", 2.3),
    ("verify postgresql", "memory_mb", "at most", 200),
    ("verify postgresql", "append_of_a_short_chain", "at most", 1.3),
    ("verify postgresql", "proof_of_a_short_chain", "at most", 3),
    ("summary", "ratio", "at most", 2),
    ("summary", "of_plain_tables", "at most", 0.7),
    ("summary", "of_typst", "at most", 8),
    ("summary", "of_chromium", "at most", 4),
    ("bulk", "two_of_one", "at least", 1.8),
    ("bulk", "memory_mb", "at most", 150),
    ("bulk", "memory_last_of_first_quarter", "at most", 1.1),
    ("searches sqlite", "first_page_ratio", "at most", 3),
    ("searches postgresql", "first_page_ratio", "at most", 3),
    ("ledger balance sqlite", "ratio", "at most", 0.01),
    ("ledger balance postgresql", "ratio", "at most", 0.01),
)


def run(
    *, as_json: bool = False, seconds: float = 8.0, entries: int = ENTRIES, only: str | None = None
) -> int:
    """Measure, print, and answer 0 when every mark is reached, 1 when one is not."""
    figures: Figures = {}
    with tempfile.TemporaryDirectory(prefix="chairside-bench-") as folder:
        for name, part in _parts(Path(folder), seconds, entries).items():
            if only is None or only in name:
                typer.echo(f"measuring {name} ...", err=True)
                figures[name] = part()
    met = {
        f"{part}: {key} {how} {mark:g}": _holds(figures[part][key], how, mark)
        for part, key, how, mark in MARKS
        if part in figures
    }
    if as_json:
        typer.echo(json.dumps({"figures": figures, "marks": met}))
    else:
        _print(figures)
    return 0 if all(met.values()) else 1


def _parts(folder: Path, seconds: float, entries: int) -> dict[str, Callable[[], dict[str, float]]]:
    def on_sqlite(name: str) -> str:
        return sqlite_url(folder / f"{name}.db")

    def writes_sqlite() -> dict[str, float]:
        bare = writes.bare_sqlite(folder / "bare.db", seconds / 2)
        return writes.measure(on_sqlite("writes"), folder, bare, seconds)

    def writes_postgresql() -> dict[str, float]:
        with PostgresCluster(durable=True) as cluster:
            bare = writes.bare_postgresql(cluster.create_database(), seconds / 2)
            return writes.measure(cluster.create_database(), folder, bare, seconds)

    def verified(long: str, short: str) -> dict[str, float]:
        large = chain.filled(long, entries)
        small = chain.filled(short, ENTRIES_OF_A_SHORT_CHAIN)
        return chain.measure(large, entries) | chain.measure_growth(small, large)

    def verify_postgresql() -> dict[str, float]:
        with PostgresCluster(durable=False) as cluster:
            return verified(cluster.create_database(), cluster.create_database())

    def searches_postgresql() -> dict[str, float]:
        with PostgresCluster(durable=False) as cluster:
            return searches.measure(lambda _: cluster.create_database(), entries)

    return {
        "writes sqlite": writes_sqlite,
        "writes postgresql": writes_postgresql,
        "verify sqlite": lambda: verified(on_sqlite("long"), on_sqlite("short")),
        "verify postgresql": verify_postgresql,
        "searches sqlite": lambda: searches.measure(on_sqlite, entries),
        "searches postgresql": searches_postgresql,
        "search indexes sqlite": lambda: searches.write_cost(on_sqlite, entries // 20),
        "ledger balance sqlite": lambda: ledger.measure(on_sqlite),
        "ledger balance postgresql": _ledger_postgresql,
        "summary": lambda: sheets.measure(make_world(on_sqlite("sheets"))),
        "bulk": lambda: sheets.in_bulk(make_world(on_sqlite("bulk")), SHEETS),
    }


def _ledger_postgresql() -> dict[str, float]:
    with PostgresCluster(durable=False) as cluster:
        return ledger.measure(lambda _: cluster.create_database())


def _holds(value: float, how: str, mark: float) -> bool:
    return value >= mark if how == "at least" else value <= mark


def _print(figures: Figures) -> None:
    marks = {(part, key): (how, mark) for part, key, how, mark in MARKS}
    table = Table("Figure", "Value", "Mark", "Reached")
    for part, values in figures.items():
        for key, value in values.items():
            how, mark = marks.get((part, key), ("", 0.0))
            reached = "" if not how else ("yes" if _holds(value, how, mark) else "NO")
            table.add_row(
                f"{part}: {key}", f"{value:,.3f}", f"{how} {mark:g}" if how else "", reached
            )
    Console().print(table)
