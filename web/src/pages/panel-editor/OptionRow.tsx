/** One option of a form: its name, its control, a mark when it is not at its default, and the way back to it. */
import { RotateCcw } from 'lucide-react';
import type { ReactNode } from 'react';
import type { OptionSpec } from '../../panels/schema';

export function OptionRow({ label, help, changed, wide = false, onReset, children }: { label: string; help?: string | undefined; changed: boolean; wide?: boolean; onReset: () => void; children: ReactNode }) {
  return (
    <div className={`option${wide ? ' wide' : ''}${changed ? ' changed' : ''}`}>
      <span className="option-name">{label}{changed && <span className="option-mark" title="Not the default" />}{help !== undefined && <span className="option-help">{help}</span>}</span>
      <div className="option-value">{children}</div>
      {changed && <button type="button" className="icon-button small" aria-label={`Reset ${label}`} title="Back to the default" onClick={onReset}><RotateCcw size={14} strokeWidth={1.75} aria-hidden /></button>}
    </div>
  );
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const wideKinds: ReadonlySet<OptionSpec['kind']> = new Set(['longtext', 'calcs', 'multi', 'items', 'words']);
/** Its control stands below its name, not beside it. */
const isWide = ({ kind, choices = [] }: OptionSpec): boolean => wideKinds.has(kind) || (kind === 'radio' && choices.map(([, n]) => n).join('').length > 18);

/** The row of an option of a schema; `value` is what is written down. */
export function SpecRow({ spec, value, onReset, children }: { spec: OptionSpec; value: unknown; onReset: () => void; children: ReactNode }) {
  return <OptionRow label={spec.label} help={spec.help} changed={value !== undefined && !same(value, spec.initial)} wide={isWide(spec)} onReset={onReset}>{children}</OptionRow>;
}
