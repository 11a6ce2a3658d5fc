/** Where an error of drawing or loading ends: one part of the page says what happened and can be tried again, the rest goes on. */
import { Component, lazy, type ComponentType, type ReactNode } from 'react';
import { wordsOf } from '../model/errors';
import { report } from './report';

interface Props {
  /** What stands in the part's place; `retry` draws the part anew. */
  fallback: (error: unknown, retry: () => void) => ReactNode;
  /** What is shown: another one is tried by itself. */
  subject?: unknown;
  children: ReactNode;
}
interface State {
  failure: { error: unknown } | undefined;
  subject: unknown;
}

/** Catches what its children throw while they are drawn, and tells the console. */
export class Boundary extends Component<Props, State> {
  override state: State = { failure: undefined, subject: this.props.subject };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { failure: { error } };
  }

  static getDerivedStateFromProps({ subject }: Props, state: State): State | null {
    if (state.subject === subject) return null;
    // Before the children are drawn: what could not be loaded is asked for when its page is visited again.
    if (state.failure) retryLoading();
    return { failure: undefined, subject };
  }

  override componentDidCatch(error: unknown, info: { componentStack?: string | null | undefined }): void {
    report('a part of the page failed', error, info.componentStack ?? '');
  }

  private readonly retry = (): void => {
    retryLoading();
    this.setState({ failure: undefined });
  };

  override render(): ReactNode {
    const { failure } = this.state;
    return failure ? this.props.fallback(failure.error, this.retry) : this.props.children;
  }
}

/** Parts whose code could not be loaded, each with what makes it ask for its code again. */
const unloaded = new Set<() => void>();

/** Has every part that could not be loaded ask for its code again when it is drawn next. */
function retryLoading(): void {
  for (const renew of unloaded) renew();
  unloaded.clear();
}

/**
 * A component that is loaded when it is drawn first. Unlike React's `lazy`, which keeps a failure for as long as the page lives,
 * it asks again after `retryLoading`.
 */
export function lazyPart<P extends object>(load: () => Promise<{ default: ComponentType<P> }>): ComponentType<P> {
  const make = (): ComponentType<P> => lazy(() => load().catch((error: unknown) => {
    unloaded.add(renew);
    throw error;
  })) as unknown as ComponentType<P>;
  let current = make();
  const renew = (): void => {
    current = make();
  };
  return function LazyPart(props: P) {
    const Part = current;
    return <Part {...props} />;
  };
}

/** A page that failed: what happened, and the ways on. */
export function PageFailure({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <div className="state" role="alert">
      <h2>This page could not be shown</h2>
      <p>{wordsOf(error)}</p>
      <p>Nothing that is saved is lost. If it fails again, load the page anew: the server may have another version by now.</p>
      <p>
        <button type="button" className="button primary" onClick={retry}>Try again</button> <button type="button" className="button" onClick={() => location.reload()}>Load the page anew</button>
      </p>
    </div>
  );
}
