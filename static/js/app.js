/* What the pages do beyond HTML and htmx. Everything works without this file; it shortens the way.
   Events are heard on the document, so content that htmx brings needs no setting up. */
(() => {
  'use strict';
  const doc = document, root = doc.documentElement;
  const $ = (s, r = doc) => r.querySelector(s);
  const byId = id => doc.getElementById(id);
  const words = () => doc.body.dataset;
  const on = (type, fn, opts) => doc.addEventListener(type, fn, opts);
  const make = (tag, props = {}, ...kids) => {
    const el = Object.assign(doc.createElement(tag), props);
    el.append(...kids);
    return el;
  };
  const tokenOf = () => {
    const field = $('input[name=csrf_token]');
    return field ? field.value : JSON.parse(doc.body.getAttribute('hx-headers:inherited') || '{}')['X-CSRFToken'];
  };
  const say = text => { const s = byId('status'); if (s) { s.textContent = ''; s.textContent = text; } };

  /* Toasts: leave after 8 s, never while the pointer or the focus is on them. */
  const leave = el => setTimeout(function go() {
    if (el.matches(':hover,:focus-within')) setTimeout(go, 2000); else el.remove();
  }, 8000);
  const toast = ({ text, undo }) => {
    const el = make('div', { className: 'toast' }, make('span', { textContent: text }));
    if (undo) {
      const form = make('form', { method: 'post', action: undo.url });
      form.setAttribute('hx-post', undo.url);
      form.setAttribute('hx-swap', 'none');
      for (const [name, value] of Object.entries({ csrf_token: tokenOf(), ...undo.fields }))
        form.append(make('input', { type: 'hidden', name, value }));
      form.append(make('button', { textContent: words().undo }));
      el.append(form);
    }
    $('[data-toasts]').replaceChildren(el);
    if (undo && window.htmx) htmx.process(el);
    leave(el);
  };
  on('toast', e => toast(e.detail));
  on('submit', e => { const t = e.target.closest('.toast'); if (t) setTimeout(() => t.remove()); });

  /* The banner: what went wrong, with a way to try again. */
  const banner = (text, retry) => {
    const box = make('div', { className: 'banner' }, make('p', { textContent: text }));
    const close = () => box.remove();
    if (retry) box.append(make('button', { className: 'btn', textContent: words().retry, onclick() { close(); retry(); } }));
    box.append(make('button', { className: 'btn btn--quiet', textContent: words().close, onclick: close }));
    byId('banner').replaceChildren(box);
  };
  on('problem', e => banner(e.detail.text));
  const again = ctx => () => {
    const el = ctx.sourceElement;
    if (!el.isConnected) return location.reload();
    const by = ctx.request.submitter;
    if (el.matches('form') && ctx.sourceEvent.type === 'submit') el.requestSubmit(by && by.isConnected ? by : undefined);
    else htmx.trigger(el, ctx.sourceEvent.type);
  };

  /* Around a request: who is busy, what takes long, where the focus goes. */
  const busyOf = ctx => {
    const by = ctx.request.submitter || ctx.sourceElement;
    return [by.matches('button,.btn') && by, ctx.target !== doc.body && ctx.swap !== 'none' && ctx.target]
      .filter(el => el && el.setAttribute);
  };
  const slow = new WeakMap(), place = new WeakMap();
  on('htmx:before:request', e => {
    const { ctx } = e.detail;
    byId('banner').replaceChildren();
    ctx.busy = busyOf(ctx);
    ctx.busy.forEach(el => el.setAttribute('aria-busy', 'true'));
    slow.set(ctx, setTimeout(() => {
      const box = make('div', { className: 'toast' }, make('span', { textContent: words().slow }),
        make('button', { textContent: words().cancel, onclick: () => ctx.request.abort() }));
      $('[data-toasts]').replaceChildren(box);
      ctx.slowBox = box;
    }, 8000));
  });
  on('htmx:finally:request', e => {
    const { ctx } = e.detail;
    clearTimeout(slow.get(ctx));
    if (ctx.slowBox) ctx.slowBox.remove();
    (ctx.busy || []).forEach(el => el.removeAttribute('aria-busy'));
  });
  on('htmx:error', e => {
    const { ctx } = e.detail;
    if (ctx && ctx.request && !ctx.response) banner(words().offline, again(ctx));
  });
  on('htmx:response:error', e => {
    const { ctx } = e.detail;
    if (ctx.response.status >= 500 && !ctx.hx.trigger) banner(words().failed, again(ctx));
  });
  on('htmx:before:swap', e => {
    const at = doc.activeElement, item = at && at.closest('li,article,tr');
    if (at && at !== doc.body) place.set(e.detail.ctx, {
      next: item ? [item.nextElementSibling, item.previousElementSibling].map(s => s && s.id).filter(Boolean) : [],
      region: at.closest('section[aria-labelledby],dialog,main'),
    });
  });
  on('htmx:after:swap', e => {
    const { ctx } = e.detail, was = place.get(ctx);
    if (ctx.response && ctx.response.status === 422) {
      const errors = $('[data-form-errors]');
      if (errors) return errors.focus();
    }
    if (!was || doc.activeElement !== doc.body) return;
    for (const id of was.next) {
      const item = byId(id), to = item && $('a[href],button,input:not([type=hidden]),select', item);
      if (to) return to.focus();
    }
    const region = was.region && was.region.isConnected ? was.region : byId('main');
    const head = $('h1,h2', region) || region;
    if (!head.hasAttribute('tabindex')) head.tabIndex = -1;
    head.focus({ preventScroll: true });
  });
  on('htmx:after:settle', () => { const d = $('dialog[data-show]:not([open])'); if (d) d.showModal(); });

  /* data-latest: what is changed again while an answer is under way makes that answer old; it is not shown.
     (Captured: htmx hears the change on the form itself.) */
  on('change', e => {
    const box = e.target.closest('[data-latest]');
    if (box && box.under) box.newer = true;
  }, true);
  on('htmx:before:request', e => {
    const box = e.detail.ctx.box = e.detail.ctx.sourceElement.closest('[data-latest]');
    if (box) Object.assign(box, { under: (box.under || 0) + 1, newer: false });
  });
  on('htmx:before:swap', e => {
    const { box } = e.detail.ctx;
    if (box && (box.newer || box.under > 1)) e.preventDefault();
  });
  on('htmx:finally:request', e => { if (e.detail.ctx.box) e.detail.ctx.box.under--; });

  /* Forms that leave the page: one press is enough. */
  on('submit', e => {
    const form = e.target, by = e.submitter;
    if (e.defaultPrevented || form.method === 'dialog') return;
    if (form.hasAttribute('data-busy')) return e.preventDefault();
    form.setAttribute('data-busy', '');
    if (by) by.setAttribute('aria-busy', 'true');
    /* a download leaves the page where it is; data-file: the answer is one, and the next may follow at once */
    setTimeout(() => free(form), form.matches('[data-file]') ? 900 : 8000);
  });
  const free = scope => {
    for (const el of [scope, ...scope.querySelectorAll('[data-busy],[aria-busy]')])
      ['data-busy', 'aria-busy'].forEach(a => el.removeAttribute(a));
  };
  addEventListener('pageshow', e => {
    if (!e.persisted) return;
    free(doc.body);
    doc.querySelectorAll('dialog[open]').forEach(d => d.close());
  });

  /* Dialogs: `dialog` from the server, data-open in the page, a press on the ground closes. */
  on('dialog', e => { const d = byId(e.detail.open); if (d && !d.open) d.showModal(); });

  on('click', e => {
    if (e.target.matches('dialog.sheet')) return e.target.close();
    const t = e.target.closest('[data-open],[data-step],[data-copy],[data-reveal],.themes button,.gallery__thumbs a');
    if (!t) return;
    if (t.dataset.open) {
      const d = byId(t.dataset.open);
      if (!d) return;
      d.showModal();
    } else if (t.dataset.step) {
      const i = $('input', t.parentNode), max = +i.max || 9999, min = i.min === '' ? 1 : +i.min;
      const value = Math.min(max, Math.max(min, (+i.value || 0) + +t.dataset.step));
      if (value !== +i.value) {
        i.value = value;
        ['input', 'change'].forEach(type => i.dispatchEvent(new Event(type, { bubbles: true })));
      }
    } else if (t.dataset.copy) {
      navigator.clipboard.writeText(t.dataset.copy).then(() => toast({ text: words().copied }));
    } else if (t.dataset.reveal) {
      const i = byId(t.dataset.reveal), shown = i.type === 'text';
      i.type = shown ? 'password' : 'text';
      t.setAttribute('aria-pressed', !shown);
      t.firstChild.data = shown ? words().show : words().hide;
    } else if (t.matches('.themes button')) {
      if (t.value === 'system') delete root.dataset.theme; else root.dataset.theme = t.value;
      doc.querySelectorAll('.themes button').forEach(b => b.setAttribute('aria-pressed', b.value === t.value));
      doc.cookie = `theme=${t.value};path=/;max-age=31536000;samesite=lax${location.protocol === 'https:' ? ';secure' : ''}`;
    } else {
      const track = $('.gallery__track', t.closest('.gallery'));
      track.scrollTo({ left: [...t.closest('ul').children].indexOf(t.parentNode) * track.clientWidth });
    }
    e.preventDefault();
  });

  /* Gallery: the count and the thumbnail follow the swipe. (Scrolling does not bubble: capture.) */
  on('scroll', e => {
    const track = e.target;
    if (!track.matches || !track.matches('.gallery__track')) return;
    const box = track.closest('.gallery'), at = Math.round(track.scrollLeft / track.clientWidth);
    const now = $('[data-now]', box);
    if (now) now.textContent = at + 1;
    box.querySelectorAll('.gallery__thumbs a').forEach((a, i) =>
      i === at ? a.setAttribute('aria-current', 'true') : a.removeAttribute('aria-current'));
  }, { capture: true, passive: true });

  /* Typing: `live` fires on the input 250 ms after the last key. While an input method composes, only
     after 1 s, for some phone keyboards compose Latin words too. */
  let typing;
  const live = (el, wait) => {
    clearTimeout(typing);
    typing = setTimeout(() => el.dispatchEvent(new Event('live', { bubbles: true })), wait);
  };
  on('input', e => { if (e.target.matches('[data-live]')) live(e.target, e.isComposing ? 1000 : 250); });
  on('compositionend', e => { if (e.target.matches('[data-live]')) live(e.target, 250); });

  /* The search box: the server brings the list, arrows walk it, Enter follows, Escape closes. What was
     looked for before stays in this browser. */
  const box = byId('q'), list = byId('suggest');
  if (box && list) {
    let at = -1;
    const key = 'recent', options = () => [...list.querySelectorAll('[role=option]')];
    const recent = set => {
      try {
        if (set) localStorage[key] = JSON.stringify(set);
        return JSON.parse(localStorage[key] || '[]');
      } catch { return []; }
    };
    const choose = to => {
      at = to;
      options().forEach((o, n) => o.setAttribute('aria-selected', n === to));
      const o = options()[to];
      if (!o) return box.removeAttribute('aria-activedescendant');
      box.setAttribute('aria-activedescendant', o.id);
      o.scrollIntoView({ block: 'nearest' });
    };
    const show = open => {
      list.hidden = !open;
      box.setAttribute('aria-expanded', open);
      choose(-1);
    };
    const remind = () => {
      const known = recent();
      if (!known.length) return;
      const group = make('div', { className: 'suggest__group', role: 'group', ariaLabel: list.dataset.recent },
        make('p', { className: 'suggest__label', textContent: list.dataset.recent + ' ' },
          make('button', { className: 'link link--sm', type: 'button', textContent: list.dataset.clear, onclick() { recent([]); group.remove(); box.focus(); } })));
      known.forEach((q, n) => {
        const o = make('a', { id: `sg-r${n}`, href: `${box.form.action}?q=${encodeURIComponent(q)}`, tabIndex: -1, textContent: q });
        o.setAttribute('role', 'option');
        group.append(o);
      });
      list.prepend(group);
    };
    on('htmx:after:swap', e => {
      if (e.detail.ctx.target !== list) return;
      if (!box.value) remind();
      show(list.childElementCount > 0 && doc.activeElement === box);
    });
    box.addEventListener('focus', () => list.childElementCount ? show(true) : live(box, 0));
    box.form.addEventListener('focusout', e => { if (!box.form.contains(e.relatedTarget)) show(false); });
    box.form.addEventListener('submit', () => {
      const q = box.value.trim();
      if (q) recent([q, ...recent().filter(r => r !== q)].slice(0, 5));
    });
    box.addEventListener('keydown', e => {
      const n = options().length, step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
      if (e.isComposing) return;
      if (step && n) {
        if (list.hidden) show(true);
        choose(((at + step + 1 + n + 1) % (n + 1)) - 1);
      } else if (e.key === 'Enter' && at >= 0) options()[at].click();
      else if (e.key === 'Escape' && !list.hidden) show(false);
      else return;
      e.preventDefault();
    });
  }

  /* Selects that act at once; "all" boxes. */
  on('change', e => {
    const t = e.target;
    if (t.matches('[data-submit]')) t.form.requestSubmit();
    if (t.matches('[data-all]'))
      doc.querySelectorAll(`input[type=checkbox][name="${t.dataset.all}"]`).forEach(b => { b.checked = t.checked; });
  });

  /* The header goes away on the way down and returns on the way up; never with the focus inside. */
  const head = $('[data-header]');
  let last = 0;
  if (head) addEventListener('scroll', () => {
    head.toggleAttribute('data-away', scrollY > 160 && scrollY > last && !head.matches(':focus-within'));
    last = scrollY;
  }, { passive: true });

  /* The tab that one is at stands in view, also where CSS cannot yet say so (scroll-initial-target). */
  doc.querySelectorAll('.tabs, .views, .account__nav ul').forEach(row => {
    const at = $('[aria-current]', row);
    const hidden = at ? at.getBoundingClientRect().right - row.getBoundingClientRect().right : 0;
    if (hidden > 0) row.scrollLeft += hidden + 16;
  });

  on('announce', e => say(e.detail.text));
  doc.querySelectorAll('[data-toast]').forEach(leave);
  const errors = $('[data-form-errors]');
  if (errors) errors.focus();
})();
