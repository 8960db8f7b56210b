"""Links by mail: a forgotten password, an address to confirm."""

from datetime import timedelta

import pytest

from shop.account import queries
from shop.core import clock
from tests.factories.users import PASSWORD, make_user
from tests.web.account.conftest import go_in, is_in, link_in, page, visible

NEW = "another hill, another pine"


def ask(browser, login):
    return browser.post("/en/forgot-password", data={"login": login})


@pytest.fixture
def reset_link(client, person, mails):
    ask(client, person.email)
    return link_in(mails()[-1], "reset-password")


def test_the_answer_is_the_same_for_nobody(client, person):
    answers = [ask(client, login) for login in (person.username, person.email, "nobody")]
    assert [answer.status_code for answer in answers] == [200] * 3
    said = {
        visible(answer).replace(login, "")
        for answer, login in zip(answers, (person.username, person.email, "nobody"), strict=True)
    }
    assert len(said) == 1


def test_only_somebody_known_gets_a_mail(client, person, mails):
    ask(client, "nobody@example.com")
    assert mails() == []
    ask(client, person.username)
    [mail] = mails()
    assert mail["To"] == person.email


def test_the_link_sets_a_password_once_and_ends_every_session(
    app, client, mine, person, reset_link
):
    assert page(client, reset_link)
    answer = client.post(reset_link, data={"password": NEW})
    assert (answer.status_code, answer.location) == (303, "/en/sign-in")
    assert not is_in(mine)
    assert go_in(client, person.username).status_code == 422
    assert go_in(client, person.username, NEW).status_code == 303
    again = app.test_client()
    assert again.get(reset_link).status_code == 410
    assert again.post(reset_link, data={"password": PASSWORD}).status_code == 410
    assert go_in(again, person.username, NEW).status_code == 303


def test_a_refused_password_leaves_the_link_open(client, reset_link):
    answer = client.post(reset_link, data={"password": "short"})
    assert answer.status_code == 422
    assert "at least 8 characters" in answer.get_data(as_text=True)
    assert client.post(reset_link, data={"password": NEW}).status_code == 303


def test_a_link_lives_for_an_hour(client, reset_link):
    with clock.at(clock.now() + timedelta(minutes=61)):
        assert client.get(reset_link).status_code == 410
        assert client.post(reset_link, data={"password": NEW}).status_code == 410


def test_a_newer_link_ends_the_older(client, person, mails, reset_link):
    ask(client, person.email)
    newer = link_in(mails()[-1], "reset-password")
    assert client.get(reset_link).status_code == 410
    assert client.get(newer).status_code == 200


def test_the_token_stays_out_of_caches_and_of_other_sites(client, reset_link):
    answer = client.get(reset_link)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert 'content="noindex"' in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ("reset-password", "confirm-email"))
def test_a_made_up_link_says_what_to_do(client, path):
    for token in ("x" * 43, "a" * 3000, "é"):
        assert client.get(f"/en/{path}/{token}").status_code == 410
        assert client.post(f"/en/{path}/{token}", data={"password": NEW}).status_code == 410


def test_a_link_of_one_kind_does_not_do_the_others_work(client, reset_link):
    token = reset_link.rpartition("/")[2]
    assert client.get(f"/en/confirm-email/{token}").status_code == 410
    assert client.post(f"/en/confirm-email/{token}").status_code == 410


class TestConfirming:
    @pytest.fixture
    def unconfirmed(self, app):
        return make_user(confirmed=False)

    @pytest.fixture
    def theirs(self, enter, unconfirmed):
        return enter(unconfirmed.username)

    def confirmed(self, person):
        return queries.find(person.username).confirmed_at is not None

    def test_opening_the_link_changes_nothing(self, theirs, unconfirmed, mails):
        answer = theirs.post("/en/account/confirmation")
        assert answer.status_code == 303
        link = link_in(mails()[-1], "confirm-email")
        for _ in range(2):
            assert 'method="post"' in page(theirs, link)
            theirs.head(link)
        assert not self.confirmed(unconfirmed)
        assert theirs.post(link).location == "/en/account/profile"
        assert self.confirmed(unconfirmed)
        assert theirs.post(link).status_code == 410

    def test_it_needs_no_session(self, client, theirs, unconfirmed, mails):
        theirs.post("/en/account/confirmation")
        answer = client.post(link_in(mails()[-1], "confirm-email"))
        assert answer.location == "/en/sign-in"
        assert self.confirmed(unconfirmed)

    def test_only_the_newest_link_is_good(self, theirs, unconfirmed, mails):
        theirs.post("/en/account/confirmation")
        first = link_in(mails()[-1], "confirm-email")
        theirs.post("/en/account/confirmation")
        assert theirs.get(first).status_code == 410
