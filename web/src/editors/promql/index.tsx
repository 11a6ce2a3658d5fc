/** A field for a PromQL query. A plain text box stands in until the editor's chunk is there, and where it cannot be loaded. */
import { Component, Suspense, type ReactNode } from 'react';
import { lazyPart } from '../../ui/boundary';
import type { PromQLFieldProps } from './types';
import './promql.css';

export type { PromQLFieldProps } from './types';

const PromQLEditor = lazyPart(() => import('./PromQLEditor'));

function PlainBox(p: PromQLFieldProps) {
  return (
    <textarea
      className="input promql-plain" aria-label={p.label} aria-describedby={p.describedBy} value={p.value} placeholder={p.placeholder} rows={Math.max(1, p.value.split('\n').length)}
      spellCheck={false} autoCapitalize="off" autoFocus={p.autoFocus} onBlur={() => p.onBlur?.()}
      onChange={(e) => p.onChange(e.target.value)}
      onKeyDown={(e) => {
        if (e.key !== 'Enter' || !(e.ctrlKey || e.metaKey || e.shiftKey)) return;
        e.preventDefault();
        p.onRun?.();
      }}
    />
  );
}

/** A chunk that cannot be loaded (a new version was installed, the line is down) must not take the page with it. */
class Otherwise extends Component<{ children: ReactNode; instead: ReactNode }, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }
  override render(): ReactNode {
    return this.state.failed ? this.props.instead : this.props.children;
  }
}

export function PromQLField(props: PromQLFieldProps) {
  const plain = <PlainBox {...props} />;
  return <Otherwise instead={plain}><Suspense fallback={plain}><PromQLEditor {...props} /></Suspense></Otherwise>;
}
