/** Changing one's own password. */
import { useState, type FormEvent } from 'react';
import { changePassword } from '../../api/account';
import { boot } from '../../api/boot';
import { wordsOf } from '../../model/errors';
import { Dialog } from '../../ui/dialog';
import { toast } from '../../ui/toast';
import { useShell } from './shell';

export function PasswordDialog({ onClose }: { onClose: () => void }) {
  const passwordChanged = useShell((s) => s.passwordChanged);
  const [old, setOld] = useState('');
  const [wanted, setWanted] = useState('');
  const [repeated, setRepeated] = useState('');
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (): Promise<void> => {
    if (wanted !== repeated) {
      setProblem('The two new passwords differ. Type the same one twice.');
      return;
    }
    setBusy(true);
    try {
      await changePassword(old, wanted);
      passwordChanged();
      toast('The password is changed.');
    } catch (error) {
      setProblem(wordsOf(error));
    } finally {
      setBusy(false);
    }
  };
  const onSubmit = (e: FormEvent): void => {
    e.preventDefault();
    void submit();
  };
  return (
    <Dialog title="Change password" onClose={onClose}>
      <form className="password-form" onSubmit={onSubmit}>
        <input type="text" name="username" autoComplete="username" value={boot.user.login} readOnly hidden />
        <label htmlFor="password-old">Password now</label>
        <input id="password-old" className="input" type="password" autoComplete="current-password" required value={old} onChange={(e) => setOld(e.target.value)} />
        <label htmlFor="password-new">New password</label>
        <input id="password-new" className="input" type="password" autoComplete="new-password" required value={wanted} onChange={(e) => setWanted(e.target.value)} />
        <label htmlFor="password-again">New password, again</label>
        <input id="password-again" className="input" type="password" autoComplete="new-password" required value={repeated} onChange={(e) => setRepeated(e.target.value)} aria-describedby="password-problem" />
        <p id="password-problem" className="field-error" role="alert">{problem}</p>
        <button type="submit" className="button primary" disabled={busy}>Change password</button>
      </form>
    </Dialog>
  );
}
