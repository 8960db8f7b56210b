"""The queue of questions: answer, publish, hide with a reason."""

from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext

from shop.core import audit
from shop.core.errors import ShopError
from shop.core.transaction import transaction
from shop.review import question_queries, questions
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import say
from shop.web.admin.replies import done
from shop.web.admin.saved_replies import with_saved
from shop.web.ui.errors import status_of
from shop.web.ui.htmx import Undo, is_partial, render, toast
from shop.web.ui.locale import current_lang

VIEWS = ("waiting", "published", "hidden", "all")


@bp.get("/questions", endpoint="questions")
def question_queue() -> Response:
    """Questions that wait, or have an answer of a buyer that waits, come first, the oldest on top."""
    here = desk()
    view = request.args.get("view", "waiting")
    view = view if view in VIEWS else "waiting"
    after = request.args.get("after")
    page = question_queries.admin_list(here.store_ids, current_lang(), view=view, after=after)
    shown: dict[str, Any] = {"view": view, "page": page}
    if after and is_partial():
        return render("admin/questions/_more.html", **shown)
    counts = question_queries.counts(here.store_ids)
    return render("admin/questions/list.html", counts=counts, **shown)


@bp.post("/questions/<question>/answer")
def question_answer(question: str) -> Response:
    """The store's answer, which publishes the question and goes to the asker by mail."""
    here, typed = desk(), request.form.get("text", "")
    _one_or_404(question)
    filled = with_saved(typed)
    if filled is not None:
        return _typed(question, filled)
    try:
        with transaction():
            questions.answer_as_store(
                question,
                typed,
                user_id=here.user_id,
                locale=current_lang(),
                store_ids=here.store_ids,
            )
            _audit("question.answer", f"question {question}")
    except ShopError as error:
        return _refused(question, error, typed)
    return _handled(question, gettext("Answered. The asker gets a mail."))


@bp.post("/questions/<question>/state")
def question_state(question: str) -> Response:
    """Publish without an answer, hide with a reason, or let it wait again."""
    here, state = desk(), request.form.get("state", "")
    old = _one_or_404(question)
    reason = request.form.get("reason", "")
    try:
        with transaction():
            questions.set_state(question, state, store_ids=here.store_ids, reason=reason)
            _audit("question.state", f"question {question}", state=state, reason=reason)
    except ShopError as error:
        return _refused(question, error)
    said = {
        "published": gettext("Question published."),
        "hidden": gettext("Question hidden. The asker sees why."),
        "pending": gettext("The question waits again."),
    }[state]
    back = {"state": old.state, "reason": old.hidden_reason}
    undo = Undo(url_for("admin.question_state", question=question), back)
    return _handled(question, said, undo)


@bp.post("/questions/answers/<answer>/state")
def answer_state(answer: str) -> Response:
    """The same for what a buyer answered."""
    here, state = desk(), request.form.get("state", "")
    question = question_queries.question_of_answer(answer, here.store_ids)
    if question is None:
        abort(404)
    reason = request.form.get("reason", "")
    try:
        with transaction():
            questions.set_answer_state(answer, state, store_ids=here.store_ids, reason=reason)
            _audit("answer.state", f"answer {answer}", state=state, reason=reason)
    except ShopError as error:
        return _refused(question, error)
    said = {
        "published": gettext("Answer published."),
        "hidden": gettext("Answer hidden."),
        "pending": gettext("The answer waits again."),
    }[state]
    return _handled(question, said)


def _handled(question: str, said: str, undo: Undo | None = None) -> Response:
    if is_partial():
        shown = _one_or_404(question)
        answer = render("admin/questions/_question.html", question=shown, handled=True)
        return toast(answer, said, undo)
    return done(said, url_for("admin.questions"), undo)


def _refused(question: str, error: ShopError, typed: str = "") -> Response:
    return _typed(question, typed, status_of(error), say(error))


def _typed(question: str, typed: str, status: int = 200, problem: str = "") -> Response:
    """What was typed stays; without scripts it is shown on a page of this question alone."""
    shown = _one_or_404(question)
    context: dict[str, Any] = {"question": shown, "typed": typed, "problem": problem}
    if is_partial():
        return render("admin/questions/_question.html", status=status, **context)
    return render("admin/questions/one.html", status=status, **context)


def _one_or_404(public_id: str) -> question_queries.QuestionView:
    found = question_queries.one(public_id, desk().store_ids, current_lang())
    if found is None:
        abort(404)
    return found


def _audit(action: str, subject: str, **detail: Any) -> None:
    here = desk()
    audit.write(
        action,
        subject,
        actor=here.actor,
        user_id=here.user_id,
        store_id=here.store_id,
        **detail,
    )
