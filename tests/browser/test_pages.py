"""Every page of the story in both languages and both themes: axe, width, headings, pictures, console."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.places import ADMIN, SHOP, Place, Things
from tests.browser.preparing import prepare
from tests.support import axe

pytestmark = pytest.mark.browser

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
# Each language sees both themes and both widths; which theme is wide takes turns.
LOOKS = {"en": (("light", WIDE), ("dark", NARROW)), "zh": (("dark", WIDE), ("light", NARROW))}

_BROKEN = """() => Promise.all([...document.images].map(image => new Promise(done => {
    const ok = () => done(image.naturalWidth ? '' : image.currentSrc || image.src || 'no source');
    image.loading = 'eager';
    if (image.complete) ok();
    else for (const type of ['load', 'error']) image.addEventListener(type, ok, {once: true});
}))).then(found => found.filter(Boolean))"""
# Colours change by transitions: what is read before the next frame is still the other theme's.
_DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
_TOO_WIDE = """() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    const name = el => el.tagName.toLowerCase() + (el.id ? '#' + el.id : '') +
        [...el.classList].map(c => '.' + c).join('');
    const clipped = el => { for (let up = el.parentElement; up; up = up.parentElement)
        if (getComputedStyle(up).overflowX !== 'visible' && up !== document.body) return true; return false; };
    return [...document.body.querySelectorAll('*')]
        .filter(el => el.getBoundingClientRect().right > room + 0.5 && !clipped(el))
        .slice(-3).map(name).concat(document.documentElement.scrollWidth + 'px');
}"""

_TABS_IN_VIEW = """() => [...document.querySelectorAll('.tabs, .views')].map(row => {
    const at = row.querySelector('[aria-current]').getBoundingClientRect();
    return at.left >= 0 && at.right <= innerWidth;
})"""


@pytest.fixture(scope="module")
def things(browser, shop) -> Things:
    return prepare(browser, shop.address)


@pytest.mark.parametrize("place", SHOP + ADMIN, ids=lambda place: place.name)
def test_a_page(place: Place, things: Things, opened):
    page = opened(place.statuses, storage_state=things.cookies.get(place.who)).new_page()
    found = []
    for lang, looks in LOOKS.items():
        for number, (theme, size) in enumerate(looks):
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size(size)
            if number == 0:
                arrive(page, place, things.path(place, lang))
            page.evaluate(_DRAWN)
            found += [
                f"{place.name}, {theme}, {lang}, {size['width']} px: {finding}"
                for finding in findings(page)
            ]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("scripts", (True, False))
@pytest.mark.parametrize(
    ("who", "path"),
    (("operator", "/en/admin/security"), ("shopper", "/en/account/orders?tab=refunds")),
)
def test_the_tab_that_one_is_at_is_in_view_on_a_phone(things, opened, who, path, scripts):
    phone = {"viewport": {"width": 390, "height": 800}, "java_script_enabled": scripts}
    page = opened(storage_state=things.cookies[who], **phone).new_page()
    page.goto(path)
    assert page.evaluate(_TABS_IN_VIEW) == [True]


def arrive(page: Page, place: Place, path: str) -> None:
    """Open the page, do there what is to be done, and wait for the parts that come by themselves."""
    page.goto(path)
    if place.act:
        place.act(page)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def findings(page: Page) -> list[str]:
    """What is wrong with a page as it looks now."""
    found = axe.violations(page)
    if page.locator("h1").count() != 1:
        found.append(f"{page.locator('h1').count()} h1")
    found += [f"too wide ({where})" for where in page.evaluate(_TOO_WIDE)]
    found += [f"broken picture ({source})" for source in page.evaluate(_BROKEN)]
    return found
