/** Parts of forms: labelled fields, switches, a dialog that sends something and says what went wrong, a button that copies. */
import { Check, Copy } from 'lucide-react';
import { useId, useState, type FormEvent, type ReactNode } from 'react';
import { wordsOf } from '../model/errors';
import { Dialog } from './dialog';
import './form.css';

/** A control below its name. The control gets the id, so that the label is its own. */
export function Field({ label, hint, children }: { label: string; hint?: ReactNode; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {hint !== undefined && hint !== '' && <p className="quiet">{hint}</p>}
    </div>
  );
}

interface TextProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: ReactNode;
  type?: string;
  placeholder?: string;
  required?: boolean;
  disabled?: boolean;
  autoComplete?: string;
  maxLength?: number;
}

export function TextField({ label, value, onChange, hint, type = 'text', maxLength = 2000, autoComplete = 'off', ...rest }: TextProps) {
  return <Field label={label} hint={hint}>{(id) => <input id={id} className="input" type={type} value={value} maxLength={maxLength} autoComplete={autoComplete} spellCheck={false} onChange={(e) => onChange(e.target.value)} {...rest} />}</Field>;
}

export type Choice = readonly [value: string, label: string];

export function SelectField({ label, value, choices, onChange, hint, disabled = false }: { label: string; value: string; choices: readonly Choice[]; onChange: (value: string) => void; hint?: ReactNode; disabled?: boolean }) {
  return (
    <Field label={label} hint={hint}>
      {(id) => <select id={id} className="select" value={value} disabled={disabled} onChange={(e) => onChange(e.target.value)}>{choices.map(([v, text]) => <option key={v} value={v}>{text}</option>)}</select>}
    </Field>
  );
}

export function SwitchField({ label, checked, onChange, hint, disabled = false }: { label: string; checked: boolean; onChange: (on: boolean) => void; hint?: ReactNode; disabled?: boolean }) {
  return (
    <div className="field">
      <label className="switch"><input type="checkbox" checked={checked} disabled={disabled} onChange={(e) => onChange(e.target.checked)} /> {label}</label>
      {hint !== undefined && <p className="quiet">{hint}</p>}
    </div>
  );
}

/** Sends what its fields say; stays open with the reason when that is refused. */
export function FormDialog({ title, action, danger = false, onSubmit, onClose, children }: { title: string; action: string; danger?: boolean; onSubmit: () => Promise<void>; onClose: () => void; children: ReactNode }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const send = async (): Promise<void> => {
    setBusy(true);
    setProblem('');
    try {
      await onSubmit();
      onClose();
    } catch (error) {
      setProblem(wordsOf(error));
      setBusy(false);
    }
  };
  const submit = (e: FormEvent): void => {
    e.preventDefault();
    void send();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="form" onSubmit={submit}>
        {children}
        <p className="field-error" role="alert">{problem}</p>
        <div className="form-actions">
          <button type="submit" className={danger ? 'button danger' : 'button primary'} disabled={busy}>{action}</button>
          <button type="button" className="button" onClick={onClose}>Cancel</button>
        </div>
      </form>
    </Dialog>
  );
}

const copiedMs = 2000;

export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without a secure address the browser keeps its clipboard; a selection can still be copied.
      const area = document.createElement('textarea');
      area.value = text;
      (document.querySelector('dialog[open]') ?? document.body).append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
    }
    setCopied(true);
    setTimeout(() => setCopied(false), copiedMs);
  };
  return (
    <button type="button" className="button" onClick={() => void copy()} aria-label={copied ? 'Copied' : label}>
      {copied ? <Check size={16} strokeWidth={1.75} aria-hidden /> : <Copy size={16} strokeWidth={1.75} aria-hidden />}{copied ? 'Copied' : 'Copy'}
    </button>
  );
}
