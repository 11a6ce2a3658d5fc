/** Makes the sign-in form pleasant: errors under the field without a reload, and the new-password step. The form works without this. */
const byId = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E;

const form = byId<HTMLFormElement>('login');
const change = byId<HTMLFormElement>('change');
const user = byId<HTMLInputElement>('user');
const password = byId<HTMLInputElement>('password');
const error = byId('error');
const changeError = byId('change-error');
const redirect = byId<HTMLInputElement>('redirect');

/** Only a path of this server: a link to the sign-in page must not lead elsewhere afterwards. */
function safePath(wanted: string | null): string {
  return wanted !== null && /^\/(?![/\\])/.test(wanted) ? wanted : '/';
}

const target = safePath(new URLSearchParams(location.search).get('redirect'));
redirect.value = target;
if (error.textContent?.trim()) password.setAttribute('aria-invalid', 'true');
else error.textContent = '';

interface Reply {
  ok: boolean;
  message: string;
  mustChangePassword: boolean;
}

async function send(method: string, url: string, body: unknown): Promise<Reply> {
  try {
    const answer = await fetch(url, {
      method,
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
    });
    const data = (await answer.json().catch(() => ({}))) as { message?: string; mustChangePassword?: boolean };
    return { ok: answer.ok, message: data.message ?? `The server answered ${answer.status}.`, mustChangePassword: data.mustChangePassword === true };
  } catch {
    return { ok: false, message: 'The server cannot be reached. Check that Orrery is running, then try again.', mustChangePassword: false };
  }
}

function busy(target: HTMLFormElement, on: boolean): void {
  const button = target.querySelector<HTMLButtonElement>('button[type=submit]');
  if (button) button.disabled = on;
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void signIn();
});

async function signIn(): Promise<void> {
  error.textContent = '';
  password.removeAttribute('aria-invalid');
  busy(form, true);
  const reply = await send('POST', '/login', { user: user.value, password: password.value });
  busy(form, false);
  if (!reply.ok) {
    error.textContent = reply.message;
    password.setAttribute('aria-invalid', 'true');
    password.select();
    password.focus();
    return;
  }
  if (!reply.mustChangePassword) {
    location.assign(target);
    return;
  }
  form.hidden = true;
  change.hidden = false;
  byId('title').textContent = 'One more step';
  byId('lead').textContent = 'You signed in with the password Orrery starts with. Choose your own now.';
  byId('new-password').focus();
}

change.addEventListener('submit', (event) => {
  event.preventDefault();
  void changePassword();
});

async function changePassword(): Promise<void> {
  const wanted = byId<HTMLInputElement>('new-password').value;
  if (wanted !== byId<HTMLInputElement>('repeat-password').value) {
    changeError.textContent = 'The two passwords differ. Type the same one twice.';
    return;
  }
  if (wanted === password.value) {
    changeError.textContent = 'This is the password you have now. Choose another one.';
    return;
  }
  changeError.textContent = '';
  busy(change, true);
  const reply = await send('PUT', '/api/user/password', { oldPassword: password.value, newPassword: wanted });
  busy(change, false);
  if (reply.ok) location.assign(target);
  else changeError.textContent = reply.message;
}

byId('skip').addEventListener('click', () => location.assign(target));
