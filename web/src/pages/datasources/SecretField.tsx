/** A secret: it can be set and replaced, never read. */
import { useState } from 'react';
import { Field } from '../../ui/form';

export function SecretField({ label, configured, multiline = false, onChange }: { label: string; configured: boolean; multiline?: boolean; onChange: (value: string) => void }) {
  const [value, setValue] = useState('');
  const [open, setOpen] = useState(!configured);
  const change = (text: string): void => {
    setValue(text);
    onChange(text);
  };
  if (!open) {
    return <Field label={label}>{(id) => <div className="secret-line"><input id={id} className="input" value="configured" disabled readOnly /><button type="button" className="button" onClick={() => setOpen(true)} aria-label={`Reset ${label}`}>Reset</button></div>}</Field>;
  }
  return (
    <Field label={label} hint={configured ? 'Empty keeps the secret that is there.' : undefined}>
      {(id) => (multiline
        ? <textarea id={id} className="input" value={value} spellCheck={false} autoComplete="off" placeholder="-----BEGIN …" onChange={(e) => change(e.target.value)} />
        : <input id={id} className="input" type="password" value={value} autoComplete="new-password" onChange={(e) => change(e.target.value)} />)}
    </Field>
  );
}
