"""Reading files at the desk and what was found in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from shop.catalog.folding import fold
from shop.catalog.runs.models import ImportRun
from shop.catalog.runs.upload_models import ImportPreview, ImportUpload
from shop.core.db import db
from shop.core.errors import NotFound

VERDICTS = ("created", "changed", "archived", "refused", "unchanged")
PAGE = 25


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """Some findings of an upload; ``after`` is the position to go on from, None at the end."""

    rows: Sequence[ImportPreview]
    after: int | None


def get(upload_id: int) -> ImportUpload:
    """An upload. Raises ``NotFound``."""
    found = db.session.get(ImportUpload, upload_id, populate_existing=True)
    if found is None:
        raise NotFound("import-unknown")
    return found


def by_public_id(public_id: str, store_id: int) -> ImportUpload | None:
    """An upload of a store by its public id."""
    return db.session.scalar(
        select(ImportUpload).where(
            ImportUpload.public_id == public_id, ImportUpload.store_id == store_id
        )
    )


def waiting(store_id: int, limit: int) -> Sequence[ImportUpload]:
    """The newest uploads of a store that made no run yet."""
    return db.session.scalars(
        select(ImportUpload)
        .where(ImportUpload.store_id == store_id, ImportUpload.run_id.is_(None))
        .order_by(ImportUpload.id.desc())
        .limit(limit)
    ).all()


def of_runs(run_ids: Sequence[int]) -> Mapping[int, str]:
    """Run → public id of the upload that made it."""
    return {
        run_id: public_id
        for run_id, public_id in db.session.execute(
            select(ImportUpload.run_id, ImportUpload.public_id).where(
                ImportUpload.run_id.in_(run_ids)
            )
        )
        if run_id is not None
    }


def run_of(upload: ImportUpload) -> ImportRun | None:
    """The run that applies an upload."""
    return db.session.get(ImportRun, upload.run_id) if upload.run_id else None


def is_undone(upload_id: int) -> bool:
    """Whether the run of an upload is being undone, or was."""
    state = db.session.scalar(
        select(ImportRun.state)
        .join(ImportUpload, ImportUpload.run_id == ImportRun.id)
        .where(ImportUpload.id == upload_id)
    )
    return state in ("undoing", "undone")


def findings(
    upload_id: int, *, verdict: str = "", q: str = "", after: int | None = None, limit: int = PAGE
) -> PreviewPage:
    """Findings in the order of the file, of one verdict and of those whose handle or title has ``q``."""
    where: list[ColumnElement[bool]] = [ImportPreview.upload_id == upload_id]
    if verdict in VERDICTS:
        where.append(ImportPreview.verdict == verdict)
    words = fold(q)
    if words:
        where.append(ImportPreview.words.contains(words, autoescape=True))
    if after is not None:
        where.append(ImportPreview.position > after)
    rows = db.session.scalars(
        select(ImportPreview).where(*where).order_by(ImportPreview.position).limit(limit + 1)
    ).all()
    more = len(rows) > limit
    return PreviewPage(rows[:limit], rows[limit - 1].position if more else None)


def put_off(upload_id: int) -> Sequence[tuple[int, str, str]]:
    """Position and handle of what is to be brought in again, and what became of it until now."""
    return [
        (row.position, row.handle, row.again)
        for row in db.session.execute(
            select(ImportPreview.position, ImportPreview.handle, ImportPreview.again)
            .where(ImportPreview.upload_id == upload_id, ImportPreview.again.is_not(None))
            .order_by(ImportPreview.position)
        )
    ]


def to_archive(upload_id: int, position: int) -> Sequence[tuple[int, int | None]]:
    """Position and product of the goods to be archived, from ``position`` on."""
    return [
        (row.position, row.product_id)
        for row in db.session.execute(
            select(ImportPreview.position, ImportPreview.product_id)
            .where(
                ImportPreview.upload_id == upload_id,
                ImportPreview.verdict == "archived",
                ImportPreview.position >= position,
            )
            .order_by(ImportPreview.position)
        )
    ]


def refusals(upload_id: int) -> Iterator[ImportPreview]:
    """What was refused by the dry run or when it was applied, in the order of the file."""
    after = -1
    while True:
        rows = db.session.scalars(
            select(ImportPreview)
            .where(
                ImportPreview.upload_id == upload_id,
                ImportPreview.position > after,
                (ImportPreview.verdict == "refused") | (ImportPreview.applied == "refused"),
            )
            .order_by(ImportPreview.position)
            .limit(500)
        ).all()
        yield from rows
        if len(rows) < 500:
            return
        after = rows[-1].position
