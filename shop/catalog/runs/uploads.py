"""Files at the desk: taken in, looked at, applied. Writes; every step is guarded by the one before."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, insert, select, update

from shop.catalog.folding import fold
from shop.catalog.imports.problems import FileRefused, Problem, plain
from shop.catalog.models import Product, ProductTranslation
from shop.catalog.runs import services
from shop.catalog.runs.changes import Change
from shop.catalog.runs.options import Options
from shop.catalog.runs.states import UPLOAD, UploadState
from shop.catalog.runs.upload_models import ImportPreview, ImportUpload
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, NotFound

MOST_PROBLEMS = 30
_COUNTED = ("created", "changed", "unchanged", "refused", "archived")


@dataclass(frozen=True, slots=True)
class Finding:
    """What the dry run found of a product, or what became of it."""

    verdict: str
    handle: str
    title: str = ""
    row: int | None = None
    product_id: int | None = None
    changes: Sequence[Change] = ()
    problems: Sequence[Problem] = field(default_factory=tuple)


def take(
    store_id: int, *, name: str, kept: str, size: int, options: Options, actor: str
) -> ImportUpload:
    """A file that lies in the storage as ``kept``; nothing is done with it yet."""
    upload = ImportUpload(
        store_id=store_id,
        file_name=name,
        kept=kept,
        size=size,
        options=options.as_json(),
        actor=actor,
    )
    db.session.add(upload)
    db.session.flush()  # callers need its id
    return upload


def move(upload_id: int, state: UploadState, **values: Any) -> None:
    """Bring an upload into another state. Raises ``Conflict("import-stopped")``, ``NotFound``."""
    if state is UploadState.CHECKED:
        values["checked_at"] = clock.now()
    elif state in (UploadState.FINISHED, UploadState.CANCELLED, UploadState.FAILED):
        values["finished_at"] = clock.now()
    moved = db.session.scalar(
        update(ImportUpload)
        .where(ImportUpload.id == upload_id, ImportUpload.state.in_(UPLOAD.sources(state)))
        .values(state=str(state), **values)
        .returning(ImportUpload.id)
    )
    if moved is None:
        if db.session.get(ImportUpload, upload_id) is None:
            raise NotFound("import-unknown")
        raise Conflict("import-stopped")


def measure(upload_id: int, *, rows: int, format: str, damaged: bool) -> None:
    """Note what the file is, now that it was looked over."""
    db.session.execute(
        update(ImportUpload)
        .where(ImportUpload.id == upload_id)
        .values(rows=rows, format=format, damaged=damaged)
    )


def fail(upload_id: int, error: FileRefused) -> None:
    """The file cannot be gone on with. Raises as ``move`` does."""
    move(upload_id, UploadState.FAILED, code=error.reason[:80], params=plain(error.params))


def begin_apply(upload_id: int, *, actor: str) -> int:
    """Begin the run of an upload that was looked at; the run's id. Raises as ``move`` does."""
    move(upload_id, UploadState.APPLYING, position=0, rows_read=0)
    store_id, name = db.session.execute(
        select(ImportUpload.store_id, ImportUpload.file_name).where(ImportUpload.id == upload_id)
    ).one()
    run = services.begin(store_id, name, actor=actor)
    db.session.execute(
        update(ImportUpload).where(ImportUpload.id == upload_id).values(run_id=run.id)
    )
    return run.id


def step(upload_id: int, state: UploadState, position: int, *, done: int = 1, rows: int) -> None:
    """Count what is done: once, however many processes are at it, and only while the state lasts.

    Raises ``Conflict("import-stopped")`` for whoever comes second.
    """
    moved = db.session.scalar(
        update(ImportUpload)
        .where(
            ImportUpload.id == upload_id,
            ImportUpload.state == str(state),
            ImportUpload.position == position,
        )
        .values(position=position + done, rows_read=rows)
        .returning(ImportUpload.id)
    )
    if moved is None:
        raise Conflict("import-stopped")


def note(upload_id: int, position: int, findings: Sequence[Finding], *, rows: int) -> None:
    """Write down what the dry run found, from ``position`` on. Raises as ``step`` does."""
    if not findings:
        return
    step(upload_id, UploadState.CHECKING, position, done=len(findings), rows=rows)
    counts = {
        name: getattr(ImportUpload, name) + sum(one.verdict == name for one in findings)
        for name in _COUNTED
    }
    db.session.execute(update(ImportUpload).where(ImportUpload.id == upload_id).values(counts))
    db.session.execute(
        insert(ImportPreview),
        [
            {
                "upload_id": upload_id,
                "position": place,
                "row": one.row,
                "handle": one.handle[:255],
                "title": one.title[:255],
                "words": fold(f"{one.handle} {one.title}"),
                "verdict": one.verdict,
                "product_id": one.product_id,
                "changes": list(one.changes),
                "problems": _problems(one.problems),
            }
            for place, one in enumerate(findings, position)
        ],
    )


def note_applied(
    upload_id: int, position: int, became: str, problems: Sequence[Problem] | None = None
) -> None:
    """Write down what the run did at a position; ``problems`` replace those of the dry run."""
    values: dict[str, Any] = {"applied": became}
    if problems is not None:
        values["problems"] = _problems(problems)
    db.session.execute(
        update(ImportPreview)
        .where(ImportPreview.upload_id == upload_id, ImportPreview.position == position)
        .values(values)
    )


def put_off(upload_id: int, position: int, was: str) -> None:
    """Note that a product is to be brought in again after the end of the file; ``was``: what became of it
    until now, empty when nothing."""
    db.session.execute(
        update(ImportPreview)
        .where(ImportPreview.upload_id == upload_id, ImportPreview.position == position)
        .values(again=was)
    )


def take_up(upload_id: int, position: int) -> None:
    """Go about what was put off: once, however many processes are at it, and only while it is applied.

    Raises ``Conflict("import-stopped")``.
    """
    applied = select(ImportUpload.id).where(
        ImportUpload.id == upload_id, ImportUpload.state == str(UploadState.APPLYING)
    )
    taken = db.session.scalar(
        update(ImportPreview)
        .where(
            ImportPreview.upload_id.in_(applied),
            ImportPreview.position == position,
            ImportPreview.again.is_not(None),
        )
        .values(again=None)
        .returning(ImportPreview.id)
    )
    if taken is None:
        raise Conflict("import-stopped")


def missing(upload_id: int, store_id: int, limit: int) -> list[Finding]:
    """Goods of the store that neither the file nor an earlier call named, and are not archived."""
    named = exists().where(
        ImportPreview.upload_id == upload_id, ImportPreview.product_id == Product.id
    )
    titled = (
        select(ProductTranslation.title)
        .where(ProductTranslation.product_id == Product.id)
        .order_by(ProductTranslation.id)
        .limit(1)
        .scalar_subquery()
    )
    return [
        Finding(
            "archived",
            row.import_handle or row.slug,
            title=row.title or "",
            product_id=row.id,
            changes=[
                {
                    "field": "status",
                    "kind": "code",
                    "of": "",
                    "old": row.status,
                    "new": "archived",
                }
            ],
        )
        for row in db.session.execute(
            select(
                Product.id,
                Product.import_handle,
                Product.slug,
                Product.status,
                titled.label("title"),
            )
            .where(Product.store_id == store_id, Product.status != "archived", ~named)
            .order_by(Product.id)
            .limit(limit)
        )
    ]


def forget_old(before: datetime, limit: int) -> tuple[int, list[str]]:
    """Delete previews, then uploads, of files that came before a moment; how many rows, and the stored
    names of the files whose uploads went. What a run did stays with the run."""
    old = select(ImportUpload.id).where(ImportUpload.created_at < before)
    some = select(ImportPreview.id).where(ImportPreview.upload_id.in_(old)).limit(limit)
    gone = db.session.scalars(
        delete(ImportPreview).where(ImportPreview.id.in_(some)).returning(ImportPreview.id)
    ).all()
    if len(gone) == limit:
        return limit, []
    files = db.session.scalars(
        delete(ImportUpload)
        .where(ImportUpload.id.in_(old.limit(max(1, limit - len(gone) - 1))))
        .returning(ImportUpload.kept)
    ).all()
    return len(gone) + len(files), list(files)


def _problems(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Those that refuse first, and not more than a page can show."""
    ordered = sorted(problems, key=lambda one: not one.refuses)[:MOST_PROBLEMS]
    return [
        {key: value for key, value in asdict(one).items() if key != "handle"}
        | {"params": one.plain_params()}
        for one in ordered
    ]
