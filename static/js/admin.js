/* What the admin's pages do beyond HTML, htmx and app.js: keys, cells, selections. All works without. */
(() => {
  'use strict';
  const doc = document;
  const on = (type, fn) => doc.addEventListener(type, fn);
  const typing = el => el.matches('input,select,textarea,[contenteditable]');

  /* The account and create menus close when the focus or the pointer goes elsewhere. */
  const closeMenus = except => doc.querySelectorAll('details.menu[open]').forEach(menu => {
    if (menu !== except) menu.open = false;
  });
  on('click', e => closeMenus(e.target.closest('details.menu')));
  on('focusin', e => { if (!e.target.closest('details.menu')) closeMenus(); });

  on('keydown', e => {
    const t = e.target;
    if (e.key === 'Escape') {
      const menu = t.closest('details.menu[open]');
      if (menu) { menu.open = false; menu.querySelector('summary').focus(); return; }
      if (t.matches('.edit[data-value]')) { t.value = t.dataset.value; t.blur(); }
      return;
    }
    if (t.matches('[data-sheet] .cell')) return cell(e, t);
    if (e.key === '/' && !e.ctrlKey && !e.metaKey && !e.altKey && !typing(t)) {
      e.preventDefault();
      doc.getElementById('find').focus();
    }
  });

  /* Spreadsheet: up and down within a column, Ctrl+D copies the cell above. */
  const cell = (e, t) => {
    const column = [...t.closest('table').querySelectorAll(`.cell[data-column="${t.dataset.column}"]`)];
    const at = column.indexOf(t);
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      const next = column[at + (e.key === 'ArrowDown' ? 1 : -1)];
      if (next) { e.preventDefault(); next.focus(); next.select(); }
    } else if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'd' && at > 0) {
      e.preventDefault();
      t.value = column[at - 1].value;
      t.dispatchEvent(new Event('change', { bubbles: true }));
    }
  };

  /* A changed cell of a list is saved when it is left. */
  on('change', e => {
    const t = e.target;
    if (t.matches('.edit[data-value]') && t.value !== t.dataset.value) t.form.requestSubmit();
    if (t.matches('.pick,[data-all]')) count();
  });

  /* How many rows are ticked; with shift, all between the last tick and this one. */
  const count = () => doc.querySelectorAll('[data-count]').forEach(box => {
    const n = doc.querySelectorAll(`.pick[name="${box.dataset.count}"]:checked`).length;
    box.dataset.text = box.dataset.text || box.textContent;
    box.textContent = n ? `${box.dataset.text}: ${n}` : box.dataset.text;
  });
  let last;
  on('click', e => {
    const t = e.target;
    if (!t.matches('.pick')) return;
    if (e.shiftKey && last && last.isConnected) {
      const all = [...doc.querySelectorAll('.pick')];
      const [a, b] = [all.indexOf(last), all.indexOf(t)].sort((x, y) => x - y);
      all.slice(a, b + 1).forEach(box => { box.checked = t.checked; });
      count();
    }
    last = t;
  });
  on('reset', () => setTimeout(count));

  /* What would be lost is asked about by the browser: only while a long form has unsent changes. */
  const form = doc.getElementById('product') || doc.getElementById('settings-form');
  if (form) {
    let dirty = false;
    on('change', e => { if (e.target.form === form) dirty = true; });
    on('submit', e => { if (e.target === form) dirty = false; });
    addEventListener('beforeunload', e => { if (dirty) e.preventDefault(); });
  }
})();
