/** One option of a form: its name, its control, a mark when it is not at its default, and the way back to it. */
import { RotateCcw } from 'lucide-react';
import type { ReactNode } from 'react';

export function OptionRow({ label, help, changed, wide = false, onReset, children }: { label: string; help?: string | undefined; changed: boolean; wide?: boolean; onReset: () => void; children: ReactNode }) {
  return (
    <div className={`option${wide ? ' wide' : ''}${changed ? ' changed' : ''}`}>
      <span className="option-name">{label}{changed && <span className="option-mark" title="Not the default" />}{help !== undefined && <span className="option-help">{help}</span>}</span>
      <div className="option-value">{children}</div>
      {changed && <button type="button" className="icon-button small" aria-label={`Reset ${label}`} title="Back to the default" onClick={onReset}><RotateCcw size={14} strokeWidth={1.75} aria-hidden /></button>}
    </div>
  );
}
