"""Questions about a product, and what the store and its buyers answer."""

from dataclasses import dataclass

from flask import Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user

from shop.core.errors import NotFound, ShopError
from shop.core.transaction import transaction
from shop.review import question_queries, questions
from shop.review.question_queries import QuestionPage
from shop.web.catalog.blueprint import bp
from shop.web.catalog.goes_with import glance
from shop.web.extensions import limiter
from shop.web.ui.caching import private
from shop.web.ui.errors import register_message, status_of, words
from shop.web.ui.guards import login_required
from shop.web.ui.htmx import is_partial, redirect_after_post, render, toast
from shop.web.ui.locale import current_lang
from shop.web.ui.visitor import houses, user_id

for _code, _words in {
    "text-missing": lazy_gettext("Write something first."),
    "question-missing": lazy_gettext("This question is no longer there."),
    "answer-not-bought": lazy_gettext("Only those who bought it can answer, and the shop."),
}.items():
    register_message(_code, _words)


@dataclass(frozen=True, slots=True)
class Questions:
    """Some questions of a product as their reader sees them. ``typed`` and ``problem``: what was refused,
    at the question of the public id ``at`` (none: it was a new question)."""

    slug: str
    store_name: str
    page: QuestionPage
    bought: bool
    more: str | None
    start: str | None
    typed: str = ""
    problem: str = ""
    at: str = ""


@bp.get("/p/<slug>/questions")
@private
def question_list(slug: str) -> Response:
    """What was asked and answered, the most helpful first. The product page brings it in."""
    after = request.args.get("after")
    return _shown(slug, after)


@bp.post("/p/<slug>/questions")
@limiter.limit("10 per 10 minutes", methods=["POST"])
@private
@login_required
def ask(slug: str) -> Response:
    """Ask; the store answers, and a mail says so."""
    product, typed = glance(slug), request.form.get("text", "")
    try:
        with transaction():
            questions.ask(
                product.id,
                typed,
                user_id=_reader(),
                author=current_user.name,
                locale=current_lang(),
            )
    except ShopError as error:
        return _shown(slug, None, status_of(error), typed=typed, problem=words(error))
    said = _("The shop has your question. A mail tells you when it is answered.")
    return _done(slug, said)


@bp.post("/questions/<question>/answers")
@limiter.limit("10 per 10 minutes", methods=["POST"])
@private
@login_required
def answer_question(question: str) -> Response:
    """Somebody who bought it answers; the store looks at it first."""
    slug, typed = _slug_of(question), request.form.get("text", "")
    try:
        with transaction():
            questions.answer_as_buyer(
                question,
                typed,
                user_id=_reader(),
                author=current_user.name,
                locale=current_lang(),
            )
    except ShopError as error:
        found = words(error)
        return _shown(slug, None, status_of(error), typed=typed, problem=found, at=question)
    return _done(slug, _("Thank you. Your answer appears once the shop has read it."))


@bp.post("/questions/<question>/vote")
@limiter.limit("60 per 10 minutes", methods=["POST"])
@private
@login_required
def vote_question(question: str) -> Response:
    """Find it helpful, or no longer."""
    slug = _slug_of(question)
    helpful = request.form.get("helpful") != "0"
    with transaction():
        questions.vote(question, user_id=_reader(), helpful=helpful)
    return _done(slug, _("Thank you.") if helpful else _("Taken back."))


def _done(slug: str, said: str) -> Response:
    """The first page again for htmx, else a way back to it."""
    if is_partial():
        return toast(_shown(slug, None), said)
    return toast(redirect_after_post(url_for("catalog.question_list", slug=slug)), said)


def _shown(
    slug: str,
    after: str | None,
    status: int = 200,
    *,
    typed: str = "",
    problem: str = "",
    at: str = "",
) -> Response:
    product = glance(slug)
    reader = user_id()
    page = question_queries.for_product(product.id, reader, after=after)
    address = url_for("catalog.question_list", slug=slug)
    store = next(house for house in houses() if house.id == product.store_id)
    found = Questions(
        slug=slug,
        store_name=store.name,
        page=page,
        bought=reader is not None and questions.has_bought(reader, product.id),
        more=f"{address}?after={page.next_cursor}" if page.next_cursor else None,
        start=address if after else None,
        typed=typed,
        problem=problem,
        at=at,
    )
    if is_partial() and after:
        return render("catalog/_more_questions.html", asked=found)
    if is_partial():
        return render("catalog/_questions.html", status=status, asked=found)
    return render("catalog/questions.html", status=status, product=product, asked=found)


def _slug_of(question: str) -> str:
    slug = question_queries.product_slug(question) if len(question) <= 16 else None
    if slug is None:
        raise NotFound("question-missing")
    return slug


def _reader() -> int:
    """Who has signed in; the guard of the view saw to it."""
    found = user_id()
    if found is None:
        raise NotFound
    return found
