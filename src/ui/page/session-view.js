// Who is at the page: log-in, the claim of a box that nobody has claimed, log-out. What the page shows to whom is app.js.
import { claim, logIn, logOut, readSession, whenLoggedOut } from './api.js';

const $ = (id) => document.getElementById(id);

/** Calls `onIn({mayChange, user})` when somebody may look, and `onOut()` when nobody may any more. */
export function startSession({ onIn, onOut, onProblem }) {
  const enter = async () => {
    const session = await readSession();
    show(session);
    if (session.state === 'in') onIn({ mayChange: session.user.role === 'admin', user: session.user });
    else if (session.state === 'open') onIn({ mayChange: true, user: null });
    else onOut();
  };
  const submit = (form, send) => {
    $(form).addEventListener('submit', (event) => {
      event.preventDefault();
      $(`${form}-problem`).textContent = '';
      send(readFields(form)).then(
        () => {
          $(form).reset();
          return enter();
        },
        (error) => {
          $(`${form}-problem`).textContent = error.message;
        },
      );
    });
  };
  submit('log-in', logIn);
  submit('claim', claim);
  $('log-out').addEventListener('click', () => void logOut().then(enter, onProblem));
  $('claim-now').addEventListener('click', () => {
    show({ state: 'unclaimed' });
    onOut();
    $('claim-code').focus();
  });
  whenLoggedOut(() => void enter().catch(onProblem));
  return enter().catch(onProblem);
}

function show({ state, user }) {
  $('log-in').hidden = state !== 'log-in';
  $('claim').hidden = state !== 'unclaimed';
  $('log-out').hidden = state !== 'in';
  $('claim-now').hidden = state !== 'open';
  const role = user?.role === 'viewer' ? ', who may look' : '';
  $('who').textContent = user ? `${user.name}${role}` : state === 'open' ? 'Open to everybody on this machine.' : '';
}

function readFields(form) {
  return Object.fromEntries(new FormData($(form)));
}
