// Who may use the box: users and tokens of programs, for its admins. What a refusal means is in the server's words.
import {
  addToken,
  addUser,
  changeOwnPassword,
  readTokens,
  readUsers,
  removeToken,
  removeUser,
  setPassword,
} from './api.js';
import { make } from './elements.js';

const ROLES = { admin: 'may change everything', viewer: 'may look' };

const $ = (id) => document.getElementById(id);
/** Who is logged in; null where nobody is who may see this. */
let self = null;

/** `user` is who is logged in; nothing is shown to somebody who is no admin. */
export function showAccess(user) {
  self = user?.role === 'admin' ? user.name : null;
  $('access').hidden = self === null;
  for (const list of ['users', 'tokens']) $(list).replaceChildren();
  showToken(null);
  tell(null);
  if (self !== null) void refresh();
}

async function refresh() {
  try {
    const [users, tokens] = await Promise.all([readUsers(), readTokens()]);
    if (self === null) return;
    $('users').replaceChildren(...users.map(makeUser));
    $('tokens').replaceChildren(...tokens.map(makeToken));
    $('no-tokens').hidden = tokens.length > 0;
  } catch (error) {
    tell(error);
  }
}

function tell(error) {
  $('access-done').textContent = '';
  $('access-problem').textContent = error === null ? '' : error.message;
}

/** Does it, and shows what came of it; `done` says it in words. */
async function attempt(work, done) {
  tell(null);
  try {
    await work();
    await refresh();
    $('access-done').textContent = done;
    return true;
  } catch (error) {
    tell(error);
    return false;
  }
}

function makeUser({ name, role }) {
  const isSelf = name === self;
  return make(
    'li',
    { class: 'target' },
    make('div', { class: 'line' }, make('h3', {}, isSelf ? `${name} (you)` : name), make('span', {}, ROLES[role])),
    make(
      'details',
      { class: 'more' },
      make('summary', {}, 'Change'),
      makePasswordForm(name, isSelf),
      isSelf ? null : makeButton(`Remove ${name}`, () => removeUser(name), `${name} cannot get in any more.`),
    ),
  );
}

function makePasswordForm(name, isSelf) {
  const field = (label, purpose) => {
    const input = make('input', { type: 'password', required: '', maxlength: '256', autocomplete: purpose });
    return { input, label: make('label', {}, label, ' ', input) };
  };
  const current = isSelf ? field('Your password until now', 'current-password') : null;
  const next = field(isSelf ? 'Your new password' : `New password of ${name}`, 'new-password');
  const form = make(
    'form',
    { class: 'entry' },
    ...(current ? [current.label] : []),
    next.label,
    make('button', { type: 'submit', class: 'quiet small' }, 'Set password'),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const set = () =>
      current
        ? changeOwnPassword({ current: current.input.value, password: next.input.value })
        : setPassword(name, next.input.value);
    void attempt(set, `${name} has a new password.`);
  });
  return form;
}

function makeToken({ id, name, role }) {
  return make(
    'li',
    { class: 'target' },
    make('div', { class: 'line' }, make('h3', {}, name), make('span', {}, ROLES[role])),
    make(
      'details',
      { class: 'more' },
      make('summary', {}, 'Change'),
      makeButton(`Revoke ${name}`, () => removeToken(id), `${name} cannot get in any more.`),
    ),
  );
}

/** Behind "Change", so that a slip of the finger costs nothing. */
function makeButton(words, work, done) {
  const button = make('button', { type: 'button', class: 'quiet small' }, words);
  button.addEventListener('click', () => void attempt(work, done));
  return button;
}

/** It cannot be read again. */
function showToken(text) {
  $('new-token').hidden = text === null;
  $('new-token-text').textContent = text ?? '';
}

function submit(form, send) {
  $(form).addEventListener('submit', (event) => {
    event.preventDefault();
    showToken(null);
    const fields = Object.fromEntries(new FormData($(form)));
    void attempt(() => send(fields), `${fields.name} may get in now.`).then((isDone) => {
      if (isDone) $(form).reset();
    });
  });
}

submit('add-user', addUser);
submit('add-token', async (fields) => showToken((await addToken(fields)).token));
